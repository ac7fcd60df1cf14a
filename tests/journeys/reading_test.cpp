// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What stands beside the timeline on one device: how far it was read, what is new, what was begun
// and not sent; and what a program that stays is told.

#include <functional>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using cercle::town::Played;
using cercle::town::Town;
namespace client = cercle::client;
using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

client::ConversationShown conversation_of(Town& town, const std::string& home) {
    return town.play(home, client::ListConversations{}).first<client::ConversationShown>();
}

template <class Event>
std::vector<Event> all(const std::vector<client::Event>& events) {
    std::vector<Event> found;
    for (const auto& event : events) {
        if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
}

/// What a Watch in that home is told while `meanwhile` is played, and for a second after.
std::vector<client::Event> watched(Town& town,
                                   const std::string& home,
                                   const std::function<void()>& meanwhile,
                                   client::Watch command = {}) {
    const auto errand = town.begin(home, command);
    town.pass(1s);
    meanwhile();
    town.pass(1s);
    auto told = errand->played.events;
    town.close(home);
    return told;
}

Texts states_of(const std::vector<client::Event>& events, const std::string& text) {
    Texts states;
    for (const auto& message : all<client::Message>(events)) {
        if (message.text == text) states.push_back(message.state);
    }
    return states;
}

}  // namespace

TEST_CASE("unread is what others said since it was read on this device") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "un").done());
    REQUIRE(town->send("alice", "bertrand", "deux").done());
    auto shown = conversation_of(*town, "bertrand");
    CHECK(shown.unread == 2);
    CHECK(shown.last->text == "deux");
    CHECK(shown.last->sender_name == "alice");
    CHECK(conversation_of(*town, "alice").unread == 0);  // one's own words are no news

    REQUIRE(town->read("bertrand", "alice") == Texts{"un", "deux"});
    CHECK(conversation_of(*town, "bertrand").unread == 0);
    REQUIRE(town->send("alice", "bertrand", "trois").done());
    town->crash("bertrand");
    shown = conversation_of(*town, "bertrand");
    CHECK(shown.unread == 1);

    REQUIRE(town->play("bertrand", client::MarkRead{shown.conversation, 1'000'000}).done());
    CHECK(conversation_of(*town, "bertrand").unread == 0);
    REQUIRE(town->play("bertrand", client::MarkRead{shown.conversation, 1}).done());
    CHECK(conversation_of(*town, "bertrand").unread == 0);  // a mark never goes back
    REQUIRE(town->send("alice", "bertrand", "quatre").done());
    CHECK(conversation_of(*town, "bertrand").unread == 1);  // nor beyond what was there
    CHECK(town->play("bertrand", client::MarkRead{"nowhere", 1}).outcome.rule == "unknown");
}

TEST_CASE("a conversation is read in parts, the newest first") {
    auto town = Town::with({"alice", "bertrand"});
    for (const char* text : {"1", "2", "3", "4", "5"}) {
        REQUIRE(town->send("alice", "bertrand", text).done());
    }
    const auto part = [&town](std::uint64_t before) {
        client::Read command;
        command.of = "alice";
        command.limit = 2;
        command.before = before;
        return town->play("bertrand", command);
    };
    const auto newest = part(0);
    CHECK(newest.texts() == Texts{"4", "5"});
    const auto middle = part(*newest.first<client::Message>().seq);
    CHECK(middle.texts() == Texts{"2", "3"});
    CHECK(part(*middle.first<client::Message>().seq).texts() == Texts{"1"});
}

TEST_CASE("a draft outlives a crash, and an empty one is forgotten") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    const std::string conversation = conversation_of(*town, "alice").conversation;
    const std::string officer =
        town->play("alice", client::ListContacts{}).first<client::Contact>().member;
    REQUIRE(town->play("alice", client::KeepDraft{conversation, "ce que je\nvoulais dire"}).done());
    REQUIRE(town->play("alice", client::KeepDraft{officer, "à l’officier"}).done());
    CHECK(town->play("alice", client::KeepDraft{"quelqu’un", "x"}).outcome.rule == "unknown");
    CHECK(town->play("alice", client::KeepDraft{officer, "\xff"}).outcome.rule == "invalid-text");
    town->crash("alice");
    auto drafts = all<client::Draft>(watched(*town, "alice", [] {}));
    REQUIRE(drafts.size() == 2);
    for (const auto& draft : drafts) {
        CHECK(draft.text == (draft.to == officer ? "à l’officier" : "ce que je\nvoulais dire"));
    }
    REQUIRE(town->play("alice", client::KeepDraft{officer, ""}).done());
    drafts = all<client::Draft>(watched(*town, "alice", [] {}));
    REQUIRE(drafts.size() == 1);
    CHECK(drafts.front().to == conversation);
}

TEST_CASE("a watch tells what there is, and then what changes, each thing once") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "avant").done());
    const auto told = watched(*town, "bertrand", [&town] {
        REQUIRE(town->send("alice", "bertrand", "maintenant").done());
        REQUIRE(town->send("bertrand", "alice", "réponse").done());
    });
    CHECK(all<client::Contact>(told).size() == 2);
    CHECK(all<client::Status>(told).back().online == 1);
    CHECK(states_of(told, "maintenant") == Texts{"durable"});
    CHECK(states_of(told, "réponse") == Texts{"queued", "durable"});
    const auto conversations = all<client::ConversationShown>(told);
    CHECK(conversations.back().unread == 2);
    CHECK(conversations.back().last->text == "réponse");
    CHECK(std::holds_alternative<client::Reached>(told.back()));
}

TEST_CASE("a watch tells that the relay is gone, and what waits for it") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "avant").done());
    const auto told = watched(*town, "alice", [&town] {
        town->crash_relay();
        // At once: who does not wait is told that it is kept.
        const auto sent = town->play("alice", client::Send{"bertrand", "plus tard", {}}, 0);
        CHECK(sent.outcome.exit == client::Exit::Queued);
        town->pass(1s);
        town->start_relay();
        town->pass(120s);
    });
    CHECK(states_of(told, "plus tard") == Texts{"queued", "durable"});
    bool was_offline = false;
    for (const auto& status : all<client::Status>(told))
        was_offline = was_offline || (status.online == 0 && status.queued == 1);
    CHECK(was_offline);
    CHECK(all<client::Status>(told).back().online == 1);
    CHECK(all<client::Status>(told).back().queued == 0);
}

TEST_CASE("a watch that is begun again where it had come to misses nothing and repeats nothing") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "un").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto first = watched(
        *town, "bertrand", [&town] { REQUIRE(town->send("alice", "bertrand", "deux").done()); });
    town->crash("bertrand");
    REQUIRE(town->send("alice", "bertrand", "trois").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto again =
        watched(*town, "bertrand", [] {}, {all<client::Reached>(first).back().place});
    Texts texts;
    for (const auto& events : {first, again}) {
        for (const auto& message : all<client::Message>(events))
            texts.push_back(message.text);
    }
    CHECK(texts == Texts{"deux", "trois"});
}

TEST_CASE("who reads page by page reads every line once, those of one position among them") {
    auto town = Town::with({"alice", "bertrand", "chloe", "david"});
    REQUIRE(
        town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe", "david"}}).done());
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->send("alice", "cellule", "deux").done());
    const auto told = [&town](std::uint32_t limit, std::uint64_t before) {
        client::Read command{"cellule"};
        command.limit = limit;
        command.before = before;
        std::vector<std::pair<std::uint64_t, std::string>> lines;
        for (const auto& event : town->play("alice", command).events) {
            if (const auto* member = std::get_if<client::Membership>(&event)) {
                lines.emplace_back(member->seq.value_or(0), member->name);
            }
            if (const auto* message = std::get_if<client::Message>(&event)) {
                lines.emplace_back(message->seq.value_or(0), message->text);
            }
        }
        return lines;
    };
    const auto whole = told(0, 0);
    REQUIRE(whole.size() == 5);
    CHECK(whole[0].first == whole[2].first);  // one commit has brought all three
    for (const std::uint32_t limit : {1U, 2U, 3U, 4U}) {
        auto pages = told(limit, 0);
        CHECK(pages.size() >= limit);
        for (auto page = told(limit, pages.front().first); !page.empty();
             page = told(limit, pages.front().first)) {
            pages.insert(pages.begin(), page.begin(), page.end());
        }
        CHECK(pages == whole);
    }
}

TEST_CASE("a line about who came says where in the conversation and when") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    using Act = client::ChangeGroup::Act;
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    const auto read = town->play("bertrand", client::Read{"cellule"});
    const auto lines = all<client::Membership>(read.events);
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back().action == "added");
    CHECK(lines.back().name == "chloe");
    CHECK(lines.back().seq.has_value());
    CHECK(lines.back().at > 1'800'000'000'000);
}
