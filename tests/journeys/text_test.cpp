// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The trip of a message (ARCHITECTURE.md), from the composer to another device's timeline, with
// what may happen to it on the way.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using cercle::town::Town;
namespace client = cercle::client;
namespace officer = cercle::officer;
using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

constexpr auto french = "Réunion à l’Élysée à 9 h";
constexpr auto arabic = "اجتماع غدا";
constexpr auto emoji = "👍🏽 🇫🇷";

std::vector<std::string> contact_names(const cercle::town::Played& played) {
    std::vector<std::string> names;
    for (const auto& event : played.events) {
        if (const auto* contact = std::get_if<client::Contact>(&event)) {
            names.push_back(contact->name);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("a text written on one device is read on another, in every script") {
    auto town = Town::with({"alice", "bertrand"});
    for (const char* text : {french, arabic, emoji}) {
        const auto sent = town->send("alice", "bertrand", text);
        REQUIRE(sent.done());
        CHECK(sent.first<client::Sent>().state == "durable");
    }
    CHECK(town->read("bertrand", "alice") == Texts{french, arabic, emoji});
    CHECK(town->read("alice", "bertrand") == Texts{french, arabic, emoji});
}

TEST_CASE("the contact list is full as soon as a device has joined") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    CHECK(contact_names(town->play("chloe", client::ListContacts{})) ==
          Texts{"Officer", "alice", "bertrand"});
    CHECK(contact_names(town->play("alice", client::ListContacts{})) ==
          Texts{"Officer", "bertrand", "chloe"});
}

TEST_CASE("three members read one group alike, in the order of its log") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->send("bertrand", "cellule", "deux").done());
    REQUIRE(town->send("chloe", "cellule", "trois").done());
    for (const char* home : {"alice", "bertrand", "chloe"}) {
        CHECK(town->read(home, "cellule") == Texts{"un", "deux", "trois"});
    }
}

TEST_CASE("who was away finds everything, once and in order") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "0").done());
    town->crash("bertrand");
    Texts expected{"0"};
    for (int number = 1; number <= 20; ++number) {
        expected.push_back(std::to_string(number));
        REQUIRE(town->send("alice", "bertrand", expected.back()).done());
    }
    CHECK(town->read("bertrand", "alice") == expected);
}

TEST_CASE("what is written without a relay is kept, over a crash, and sent when there is one") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "before").done());
    town->crash_relay();
    const auto sent = town->play("alice", client::Send{"bertrand", "meanwhile", {}}, 5);
    CHECK(sent.outcome.exit == client::Exit::Queued);
    CHECK(sent.first<client::Sent>().state == "queued");
    town->crash("alice");
    town->start_relay();
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(town->read("bertrand", "alice") == Texts{"before", "meanwhile"});
}

TEST_CASE("a relay that is killed between two messages loses and doubles nothing") {
    auto town = Town::with({"alice", "bertrand"});
    Texts expected;
    for (int number = 0; number < 12; ++number) {
        expected.push_back(std::to_string(number));
        if (number % 4 == 2) {
            town->crash_relay();
            CHECK_FALSE(
                town->play("alice", client::Send{"bertrand", expected.back(), {}}, 2).done());
            town->start_relay();
        } else {
            static_cast<void>(town->send("alice", "bertrand", expected.back()));
        }
    }
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(town->read("bertrand", "alice") == expected);
    CHECK(town->read("alice", "bertrand") == expected);
}

TEST_CASE("the same id sends a message once, and other words under it are refused") {
    auto town = Town::with({"alice", "bertrand"});
    const std::string id = "00112233445566778899aabbccddeeff";
    const auto first = town->play("alice", client::Send{"bertrand", "once", id});
    const auto again = town->play("alice", client::Send{"bertrand", "once", id});
    REQUIRE((first.done() && again.done()));
    CHECK(first.first<client::Sent>().seq == again.first<client::Sent>().seq);
    const auto other = town->play("alice", client::Send{"bertrand", "twice", id});
    CHECK(other.outcome.rule == "id-reused");
    CHECK(town->read("bertrand", "alice") == Texts{"once"});
}

TEST_CASE("a removed member reads nothing that comes later, and is not heard") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    REQUIRE(town->send("alice", "cellule", "avec chloe").done());
    REQUIRE(town->read("chloe", "cellule") == Texts{"avec chloe"});
    REQUIRE(town->play("alice",
                       client::ChangeGroup{client::ChangeGroup::Act::Remove, "cellule", "chloe"})
                .done());
    REQUIRE(town->send("alice", "cellule", "sans chloe").done());
    CHECK(town->read("chloe", "cellule") == Texts{"avec chloe"});
    CHECK(town->send("chloe", "cellule", "encore").outcome.rule == "not-a-member");
    CHECK(town->read("bertrand", "cellule") == Texts{"avec chloe", "sans chloe"});
}

TEST_CASE("who was removed and is taken in again reads on, and nothing of the time between") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    using Act = client::ChangeGroup::Act;
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "chloe"}).done());
    REQUIRE(town->send("alice", "cellule", "sans chloe").done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(town->send("alice", "cellule", "avec chloe").done());
    CHECK(town->read("chloe", "cellule") == Texts{"avec chloe"});
    REQUIRE(town->send("chloe", "cellule", "merci").done());
    CHECK(town->read("alice", "cellule") == Texts{"sans chloe", "avec chloe", "merci"});
}

TEST_CASE("an added member reads what comes later, and nothing from before") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "cellule", "avant").done());
    REQUIRE(town->play("bertrand",
                       client::ChangeGroup{client::ChangeGroup::Act::Add, "cellule", "chloe"})
                .done());
    REQUIRE(town->send("alice", "cellule", "après").done());
    CHECK(town->read("chloe", "cellule") == Texts{"après"});
}

TEST_CASE("who leaves a group reads and is read no longer, and the others go on") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    REQUIRE(town->play("chloe", client::ChangeGroup{client::ChangeGroup::Act::Leave, "cellule", {}})
                .done());
    REQUIRE(town->send("alice", "cellule", "sans elle").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"sans elle"});
    CHECK(town->read("chloe", "cellule").empty());
    const auto members = town->play("alice", client::ListGroupMembers{"cellule"});
    CHECK(members.events.size() == 2);
}

TEST_CASE("two changes of a group at the same moment both come about") {
    auto town = Town::with({"alice", "bertrand", "chloe", "david"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->crash_relay();
    using Act = client::ChangeGroup::Act;
    CHECK(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}, 2).outcome.rule ==
          "unreachable");
    CHECK(
        town->play("bertrand", client::ChangeGroup{Act::Add, "cellule", "david"}, 2).outcome.rule ==
        "unreachable");
    town->start_relay();
    town->pass(120s);
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(town->send("david", "cellule", "tous là").done());
    for (const char* home : {"alice", "bertrand", "chloe"}) {
        CHECK(town->read(home, "cellule") == Texts{"tous là"});
    }
}

TEST_CASE("two who write to each other first at the same moment end up in one conversation") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("alice", client::Sync{0}).done());
    town->crash_relay();
    CHECK(town->play("alice", client::Send{"bertrand", "de alice", {}}, 2).outcome.rule ==
          "unreachable");
    CHECK(town->play("bertrand", client::Send{"alice", "de bertrand", {}}, 2).outcome.rule ==
          "unreachable");
    town->start_relay();
    town->pass(120s);
    const auto from_alice = town->send("alice", "bertrand", "ensuite alice");
    const auto from_bertrand = town->send("bertrand", "alice", "ensuite bertrand");
    REQUIRE((from_alice.done() && from_bertrand.done()));
    CHECK(from_alice.first<client::Sent>().conversation ==
          from_bertrand.first<client::Sent>().conversation);
    auto alice = town->read("alice", "bertrand");
    auto bertrand = town->read("bertrand", "alice");
    std::ranges::sort(alice);
    std::ranges::sort(bertrand);
    const Texts all{"de alice", "de bertrand", "ensuite alice", "ensuite bertrand"};
    CHECK(alice == all);
    CHECK(bertrand == all);
}

TEST_CASE("a message written before a stranger came in waits for its author's word") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->crash_relay();
    const auto written = town->play("bertrand", client::Send{"cellule", "pour alice", {}}, 2);
    REQUIRE(written.outcome.exit == client::Exit::Queued);
    town->crash("bertrand");
    town->start_relay();
    REQUIRE(
        town->play("alice", client::ChangeGroup{client::ChangeGroup::Act::Add, "cellule", "chloe"})
            .done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("chloe", "cellule").empty());
    const std::string id = written.first<client::Sent>().id;
    REQUIRE(town->play("bertrand", client::ReleaseMessage{id}).done());
    CHECK(town->read("chloe", "cellule") == Texts{"pour alice"});
}

TEST_CASE("an invitation joins one device, and no second") {
    auto town = Town::with({});
    const client::Join join = town->invite("alice");
    REQUIRE(town->play("alice", join).done());
    const auto second = town->play("mallory", join);
    CHECK(second.outcome.rule == "invitation-spent");
    CHECK(town->play("alice", join).done());
}

TEST_CASE("an unattended invitation joins nobody without its second code") {
    auto town = Town::with({});
    const client::Join first = town->invite("alice");
    CHECK(town->play("alice", client::Join{first.invitation, {}}).outcome.rule == "code-needed");
    CHECK(town->play("alice", first).done());
    const client::Join other = town->invite("bertrand");
    CHECK_FALSE(
        town->play("bertrand", client::Join{other.invitation, "AAAA-BBBB-CCCC-DDDD"}, 10).done());
    CHECK_FALSE(town->play("chloe", other, 10).done());
}

TEST_CASE("joining goes on where a crash of the device or the officer interrupted it") {
    for (const int milliseconds : {5, 30, 60, 90, 120, 200, 400}) {
        auto town = Town::with({"alice"});
        const client::Join join = town->invite("bertrand");
        static_cast<void>(town->play("bertrand", join, 0));
        town->pass(cercle::Duration{milliseconds});
        town->crash("bertrand");
        town->crash("officer");
        static_cast<void>(town->officer(officer::ListMembers{}));
        REQUIRE(town->play("bertrand", join).done());
        REQUIRE(town->send("bertrand", "alice", "me voilà").done());
        CHECK(town->read("alice", "bertrand") == Texts{"me voilà"});
    }
}

TEST_CASE("the relay's file holds neither words nor names") {
    auto town = Town::with({"alice-dupont", "bertrand"});
    REQUIRE(town->send("alice-dupont", "bertrand", "le mot convenu est mirabelle").done());
    std::string stored;
    for (const auto& [path, content] : town->relay_machine().disk.image())
        stored += cercle::to_text(content);
    CHECK(stored.size() > 10'000);
    CHECK(stored.find("mirabelle") == std::string::npos);
    CHECK(stored.find("alice-dupont") == std::string::npos);
    CHECK(stored.find("Conseil") == std::string::npos);
}

TEST_CASE("a relay whose disk fails is said at once not to have it, and gets it once it can") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "un").done());
    // So that it fails under the next text, and not under an acknowledgement of this one.
    REQUIRE(town->play("alice", client::Sync{0}).done());
    town->relay_machine().plan({cercle::store::Trouble::Kind::Full, 1});
    const auto errand = town->begin("alice", client::Send{"bertrand", "deux", {}}, std::nullopt);
    town->pass(5s);
    REQUIRE(errand->end == cercle::town::Errand::End::Ended);
    CHECK(errand->played.outcome.exit == client::Exit::Queued);
    CHECK(errand->played.first<client::Sent>().state == "queued");
    REQUIRE(town->play("alice", client::Sync{}).done());
    CHECK(town->read("bertrand", "alice") == Texts{"un", "deux"});
}

TEST_CASE("what waits behind one's own leaving has failed, and the conversation says who left") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->crash_relay();
    using Change = client::ChangeGroup;
    const auto begin = [&town](cercle::client::Command command) {
        CHECK_FALSE(town->play("bertrand", std::move(command), 2).done());
    };
    begin(Change{Change::Act::Leave, "cellule", ""});
    // A change between, so that the text does not go out together with the word of leaving.
    begin(Change{Change::Act::Remove, "cellule", "alice"});
    begin(client::Send{"cellule", "trop tard", {}});
    town->start_relay();
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto outbox = town->play("bertrand", client::ListOutbox{});
    CHECK(outbox.first<client::Sent>().state == "failed");
    const auto read = town->play("bertrand", client::Read{"cellule", 0, 0, client::Follow::No});
    CHECK(std::ranges::any_of(read.events, [](const auto& event) {
        const auto* const one = std::get_if<cercle::client::Membership>(&event);
        return one != nullptr && one->action == "left";
    }));
    CHECK(town->read("alice", "cellule").empty());
}
