// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A command whose owner dies without a word is done once more by the next one (client/tenancy.h),
// and nobody knows how far the first has come: it may have been done whole. Here each command of
// client/api.h that leaves something behind is given as a process gives it, and then once more.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/errand.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Played;
using town::Town;
using Act = client::ChangeGroup::Act;
using Texts = std::vector<std::string>;

std::size_t groups_of(Town& town, const std::string& home) {
    const auto listed = town.play(home, client::ListConversations{});
    return static_cast<std::size_t>(std::ranges::count_if(listed.events, [](const auto& event) {
        const auto* one = std::get_if<client::ConversationShown>(&event);
        return one != nullptr && one->kind == "group";
    }));
}

std::size_t members_of(Town& town, const std::string& home) {
    return town.play(home, client::ListGroupMembers{"cellule"}).events.size();
}

/// As a process gives it to whoever owns the home.
client::Command given(Town& town, const client::Command& command) {
    return client::ready(command, town.random());
}

std::string rule_of(const Played& played) {
    return played.outcome.rule;
}

}  // namespace

TEST_CASE("a group whose owner dies at any moment of its making is made once") {
    std::size_t died = 0;
    for (std::uint64_t at = 1; at < 400; at += 7) {
        auto town = Town::with({"alice", "bertrand", "chloe"});
        REQUIRE(town->play("alice", client::Sync{0}).done());
        const auto command = given(*town, client::CreateGroup{"cellule", {"bertrand", "chloe"}});
        town->machine("alice").plan({store::Trouble::Kind::Kill, at});
        static_cast<void>(town->begin("alice", command));
        town->pass(std::chrono::seconds{20});
        if (!town->machine("alice").is_off()) break;
        ++died;
        town->tidy();
        const auto again = town->play("alice", command);
        CHECK(again.done());
        CHECK(groups_of(*town, "alice") == 1);
        REQUIRE(town->send("alice", "cellule", "bonjour").done());
        CHECK(town->read("bertrand", "cellule") == Texts{"bonjour"});
        CHECK(town->read("chloe", "cellule") == Texts{"bonjour"});
    }
    CHECK(died > 5);
}

TEST_CASE("a group that was made is found again under its id, and no other under that id") {
    auto town = Town::with({"alice", "bertrand"});
    const auto command = given(*town, client::CreateGroup{"cellule", {"bertrand"}});
    const auto first = town->play("alice", command);
    const auto again = town->play("alice", command);
    REQUIRE((first.done() && again.done()));
    const auto shown = first.first<client::ConversationShown>();
    CHECK(shown.conversation == std::get<client::CreateGroup>(command).id);
    CHECK(again.first<client::ConversationShown>().conversation == shown.conversation);
    CHECK(groups_of(*town, "alice") == 1);
    CHECK(groups_of(*town, "bertrand") == 1);
    client::CreateGroup other{"autre", {"bertrand"}, shown.conversation};
    CHECK(rule_of(town->play("alice", other)) == "id-reused");
    other.id = "cellule";
    CHECK(rule_of(town->play("alice", other)) == "invalid-argument");
}

TEST_CASE("what changes a group does it once, however often it is asked for") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    const auto twice = [&town](const std::string& home, const client::ChangeGroup& change) {
        const auto command = given(*town, change);
        CHECK(town->play(home, command).done());
        return rule_of(town->play(home, command));
    };
    CHECK(twice("alice", {Act::Add, "cellule", "chloe"}).empty());
    CHECK(members_of(*town, "alice") == 3);
    CHECK(twice("alice", {Act::Remove, "cellule", "bertrand"}).empty());
    CHECK(members_of(*town, "alice") == 2);
    CHECK(twice("chloe", {Act::Leave, "cellule", {}}) == "not-a-member");
    CHECK(members_of(*town, "alice") == 1);
    CHECK(groups_of(*town, "alice") == 1);
}

TEST_CASE("what was sent, drafted, read or joined once is not so twice") {
    auto town = Town::with({"alice", "bertrand"});
    const auto send = given(*town, client::Send{"bertrand", "une fois"});
    REQUIRE((town->play("alice", send).done() && town->play("alice", send).done()));
    CHECK(town->read("bertrand", "alice") == Texts{"une fois"});
    const auto there = town->play("bertrand", client::ListConversations{});
    const auto shown = there.first<client::ConversationShown>();
    for (const client::Command& command :
         {client::Command(client::MarkRead{shown.conversation, 1}),
          client::Command(client::KeepDraft{shown.conversation, "plus tard"})}) {
        CHECK((town->play("bertrand", command).done() && town->play("bertrand", command).done()));
    }
    const client::Join join = town->invite("chloe");
    CHECK((town->play("chloe", join).done() && town->play("chloe", join).done()));
    CHECK(town->play("alice", client::ListContacts{}).events.size() == 3);
}

TEST_CASE("a message that was let go is let go once") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    const auto id = std::get<client::Send>(given(*town, client::Send{})).id;
    // Who is not held, is not released: nothing is sent for it.
    CHECK(rule_of(town->play("alice", client::ReleaseMessage{id})) == "unknown");
    CHECK(town->read("bertrand", "alice") == Texts{"bonjour"});
}
