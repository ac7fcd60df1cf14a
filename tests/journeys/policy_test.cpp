// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The circle's policy: the officer sets it, every device learns of it, and each does what it is
// asked only where the policy lets it.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/card_scene.h"
#include "tests/town/desktop.h"

namespace {

using namespace cercle;
using town::CardScene;
using town::Town;
using Texts = std::vector<std::string>;

client::PolicyShown set(Town& town, const Texts& changes) {
    const auto played = town.officer(officer::SetPolicy{changes});
    REQUIRE(played.done());
    return played.of_officer<client::PolicyShown>().front();
}

client::PolicyShown policy(Town& town, const std::string& home) {
    const auto played = town.play(home, client::ShowPolicy{});
    REQUIRE(played.done());
    return played.first<client::PolicyShown>();
}

client::RuleShown rule(const client::PolicyShown& policy, const std::string& name) {
    const auto found = std::ranges::find(policy.rules, name, &client::RuleShown::name);
    REQUIRE(found != policy.rules.end());
    return *found;
}

std::string refusal(const town::Played& played) {
    CHECK(played.outcome.exit == client::Exit::Refused);
    CHECK(played.outcome.sentence.find("policy") != std::string::npos);
    return played.outcome.rule;
}

}  // namespace

TEST_CASE("a circle without a policy has none, and says what is usual") {
    auto town = Town::with({"alice"});
    const auto shown = policy(*town, "alice");
    CHECK(shown.number == 0);
    CHECK(shown.suite == "0xf002");
    for (const client::RuleShown& one : shown.rules)
        CHECK(one.standing == "usual");
    CHECK(town->officer(officer::SetPolicy{{}}).of_officer<client::PolicyShown>().front().number ==
          0);
}

TEST_CASE("a policy reaches devices at once, newcomers with their first page, and who was away") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->close("bertrand");
    const auto made = set(*town, {"cards=minister", "guests=no"});
    CHECK(made.number == 1);
    CHECK(rule(made, "cards").value == "minister");
    // Alice is there, and asks nobody.
    town->pass(std::chrono::seconds(5));
    town->stop_relay();
    CHECK(policy(*town, "alice").number == 1);
    CHECK(rule(policy(*town, "alice"), "guests").sentence ==
          "Nobody from outside is taken on as a guest.");
    town->start_relay();
    REQUIRE(town->enrol("chloe").done());
    CHECK(policy(*town, "chloe").number == 1);
    CHECK(set(*town, {"guests="}).number == 2);
    CHECK(policy(*town, "bertrand").number == 2);
    CHECK(rule(policy(*town, "bertrand"), "guests").standing == "usual");
    CHECK(rule(policy(*town, "bertrand"), "cards").standing == "set");
}

TEST_CASE("setting what is set already is no act, and a wrong rule sets none of the others") {
    auto town = Town::with({"alice"});
    CHECK(set(*town, {"guests=no"}).number == 1);
    CHECK(set(*town, {"guests=no"}).number == 1);
    CHECK(town->officer(officer::SetPolicy{{"cards=nobody", "guests=perhaps"}}).outcome.rule ==
          "invalid-argument");
    CHECK(town->officer(officer::SetPolicy{{"no.such.rule=1"}}).outcome.rule == "invalid-argument");
    CHECK(policy(*town, "alice").number == 1);
    CHECK(rule(policy(*town, "alice"), "cards").standing == "usual");
    const auto journal = town->officer(officer::ShowJournal{});
    Texts acts;
    for (const auto& entry : journal.of_officer<officer::JournalShown>()) {
        if (entry.act == "policy") acts.push_back(entry.name);
    }
    CHECK(acts == Texts{"policy 1; guests=no"});
    CHECK(town->officer(officer::ShowJournal{officer::Verification::Yes, {}}).done());
}

TEST_CASE("a policy that was set without the relay goes out when the relay is back") {
    auto town = Town::with({"alice"});
    town->stop_relay();
    const auto played = town->officer(officer::SetPolicy{{"groups=nobody"}});
    CHECK(played.outcome.exit == client::Exit::Queued);
    town->start_relay();
    town->pass(std::chrono::minutes(2));
    CHECK(policy(*town, "alice").number == 1);
}

TEST_CASE("cards are made by those whom the policy names, and reach as far as it says") {
    CardScene scene;
    Town& town = *scene.town;
    static_cast<void>(scene.make("before"));
    set(town, {"cards=minister"});
    // The others' role is "member".
    CHECK(refusal(town.play("alice", client::CreateCard{"Zoé"})) == "policy-cards");
    CHECK(refusal(
              town.play("alice", client::RenewCards{client::RenewCards::Which::This, "before"})) ==
          "policy-cards");
    CHECK(scene.card("before").state == "open");
    set(town, {"cards=minister, member", "cards.tier=knock"});
    CHECK(refusal(town.play("alice", client::CreateCard{"Zoé", "ring"})) == "policy-tier");
    CHECK(refusal(
              town.play("alice", client::RenewCards{client::RenewCards::Which::This, "before"})) ==
          "policy-tier");
    CHECK(town.play("alice", client::CreateCard{"Zoé", "knock"}).done());
    CHECK(town.play("alice", client::CreateCard{"Yves", "never"}).done());
    // Closing is always possible.
    CHECK(town.play("alice", client::CloseCard{"before"}).done());
}

TEST_CASE("a card that was made before does no more than the policy lets cards do") {
    CardScene scene;
    Town& town = *scene.town;
    scene.bind("Zoé", "zoe", "ring");
    const auto notify = [&](const std::string& text) {
        REQUIRE(town.send("zoe", "alice", text).done());
        const auto played = town.play("alice", client::Read{"Zoé", 0, 0, client::Follow::No});
        std::string last;
        for (const auto& event : played.events) {
            if (const auto* message = std::get_if<client::Message>(&event)) last = message->notify;
        }
        return last;
    };
    CHECK(notify("un") == "ring");
    set(town, {"cards.tier=note"});
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(notify("deux") == "none");
    set(town, {"cards.tier="});
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(notify("trois") == "ring");
}

TEST_CASE("nobody is taken on as a guest where the policy says so, and who is one stays") {
    CardScene scene;
    Town& town = *scene.town;
    scene.bind("Zoé", "zoe");
    const auto code = scene.make("Yves");
    REQUIRE(scene.open("yves", code, "Yves").done());
    const auto waiting = scene.request();
    set(town, {"guests=no"});
    CHECK(refusal(town.play("alice", client::ConfirmRequest{waiting.request})) == "policy-guests");
    CHECK(refusal(town.play("alice", client::CreateCard{"Xavier"})) == "policy-guests");
    CHECK(town.send("zoe", "alice", "toujours là").done());
    CHECK(scene.read("alice", "Zoé").back() == "toujours là");
    CHECK(town.play("alice", client::RefuseRequest{waiting.request}).done());
}

TEST_CASE("a file that is larger than the policy lets is not taken in, and nothing of it is sent") {
    auto town = Town::with({"alice", "bertrand"});
    const town::Desktop desktop;
    const auto path = desktop / "note";
    client::Send wish{"bertrand", "voici"};
    wish.file = town::path_bytes(path);
    set(*town, {"files.largest=1KiB"});
    town::write_file(path, std::string(1025, 'x'));
    CHECK(refusal(town->play("alice", wish)) == "policy-file-size");
    CHECK(town->read("alice", "bertrand").empty());
    town::write_file(path, std::string(1024, 'x'));
    CHECK(town->play("alice", wish).done());
    CHECK(town->read("bertrand", "alice") == Texts{"voici"});
}

TEST_CASE("groups are created by those whom the policy names, and those there are go on") {
    auto town = Town::with({"alice", "bertrand"});
    const std::string id = "00112233445566778899aabbccddeeff";
    const client::CreateGroup wish{"cellule", {"bertrand"}, id};
    REQUIRE(town->play("alice", wish).done());
    set(*town, {"groups=officer"});
    CHECK(refusal(town->play("alice", client::CreateGroup{"autre", {"bertrand"}})) ==
          "policy-groups");
    // What was asked for before is there, and is no other one.
    CHECK(town->play("alice", wish).done());
    REQUIRE(town->send("alice", "cellule", "entre nous").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"entre nous"});
    // Two people need nobody's leave.
    CHECK(town->send("alice", "bertrand", "à toi").done());
    CHECK(town->play("officer", client::CreateGroup{"bureau", {"alice"}}).done());
}
