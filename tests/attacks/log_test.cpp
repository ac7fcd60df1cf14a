// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay that has turned against its circle cannot do to what stands in its logs: each attack
// by name, with what the victim sees of it.

#include <catch2/catch_test_macros.hpp>

#include "tests/attacks/scene.h"

namespace {

using namespace cercle;
using attacks::Difference;
using attacks::FakeLog;
using attacks::Scene;
using attacks::Texts;

}  // namespace

TEST_CASE("replay: an entry shown a second time is not heard a second time") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    FakeLog fake(*scene.town, scene.log);
    fake.entries.push_back(fake.entries.at(Scene::nth_message(fake, 0)));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un", "deux"});
    CHECK(scene.gaps("bertrand") == Texts{"mls-already-received"});
}

TEST_CASE("reorder: messages in another order than their author's show it") {
    Scene scene;
    scene.say("alice", "zéro");
    REQUIRE(scene.read("bertrand") == Texts{"zéro"});
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    FakeLog fake(*scene.town, scene.log);
    const std::size_t second = Scene::nth_message(fake, 1);
    std::swap(fake.entries.at(second), fake.entries.at(second + 1));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"zéro", "deux", "un"});
    const Texts gaps = scene.gaps("bertrand");
    CHECK(std::ranges::contains(gaps, "message-withheld"));
    CHECK(std::ranges::contains(gaps, "counter-repeated"));
}

TEST_CASE("misfiling: an entry of an epoch that no group ever reaches stops nobody") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    FakeLog fake(*scene.town, scene.log);
    fake.entries.at(Scene::nth_message(fake, 0)).epoch = {~std::uint64_t{0}};
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"deux"});
    const Texts gaps = scene.gaps("bertrand");
    CHECK(std::ranges::contains(gaps, "misdeclared"));
}

TEST_CASE("withholding: a message left out shows as soon as a later one arrives") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    scene.say("alice", "deux");
    scene.say("alice", "trois");
    FakeLog fake(*scene.town, scene.log);
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 1)));
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un", "trois"});
    const Texts gaps = scene.gaps("bertrand");
    CHECK(std::ranges::contains(gaps, "message-withheld"));
}

TEST_CASE("withholding: who is kept from one member's messages learns it from another's") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.keep_away("chloe");
    scene.say("alice", "un");
    scene.say("bertrand", "deux");
    FakeLog fake(*scene.town, scene.log);
    // All of Alice's is left out, so that no counter skips.
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 0)));
    fake.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"deux"});
    CHECK(scene.gaps("chloe") == Texts{"log-forked"});
}

TEST_CASE("fork: two members who are shown different logs learn it from each other") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.keep_away("chloe");
    scene.say("alice", "pour tous");
    // Chloe is shown something else in its place, of the same author: an older message.
    FakeLog fake(*scene.town, scene.log);
    const std::size_t at = Scene::nth_message(fake, 0);
    fake.entries.at(at).stamp = {1};
    fake.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"pour tous"});
    scene.town->its_operator().be_honest();
    scene.town->close("chloe");
    scene.say("bertrand", "réponse");
    FakeLog later(*scene.town, scene.log);
    later.entries.at(at).stamp = {1};
    later.show_to({"chloe"});
    CHECK(scene.read("chloe") == Texts{"pour tous", "réponse"});
    CHECK(scene.gaps("chloe") == Texts{"log-forked"});
}

TEST_CASE("swap: an entry of one log is none in another") {
    Scene scene;
    REQUIRE(scene.town->send("alice", "bertrand", "direct").done());
    REQUIRE(scene.town->play("bertrand", client::Sync{0}).done());
    scene.keep_away("bertrand");
    const auto direct = scene.town->send("alice", "bertrand", "entre nous");
    const auto other = protocol::LogId::from_hex(direct.first<client::Sent>().conversation);
    scene.say("alice", "à tous");
    FakeLog from(*scene.town, *other);
    FakeLog fake(*scene.town, scene.log);
    protocol::Entry moved = from.entries.back();
    moved.epoch = fake.entries.back().epoch;
    fake.entries.push_back(moved);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"à tous"});
    CHECK(scene.gaps("bertrand") == Texts{"misdeclared"});
}

TEST_CASE("truncation: an entry cut at any length says nothing and breaks nothing") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    const protocol::Entry whole = fake.entries.back();
    std::size_t cuts = 0;
    for (std::size_t size = 0; size < whole.payload.size(); size += 1 + size / 8) {
        protocol::Entry cut = whole;
        cut.payload.resize(size);
        fake.entries.push_back(cut);
        ++cuts;
    }
    fake.entries.erase(fake.entries.begin() + static_cast<Difference>(Scene::nth_message(fake, 0)));
    fake.entries.push_back(whole);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == cuts);
}

TEST_CASE("change: an entry with any byte changed says nothing and breaks nothing") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    const protocol::Entry whole = fake.entries.back();
    fake.entries.pop_back();
    std::size_t changes = 0;
    for (std::size_t at = 0; at < whole.payload.size(); at += 3) {
        protocol::Entry changed = whole;
        changed.payload[at] ^= 1U;
        fake.entries.push_back(changed);
        ++changes;
    }
    fake.entries.push_back(whole);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == changes);
}

TEST_CASE("misdeclaration: a frame that calls an entry by another kind or epoch is not believed") {
    Scene scene;
    scene.keep_away("bertrand");
    scene.say("alice", "un");
    FakeLog fake(*scene.town, scene.log);
    protocol::Entry genuine = fake.entries.back();
    fake.entries.pop_back();
    for (const auto kind : {protocol::EntryKind::Bundle, protocol::EntryKind::Deposit}) {
        protocol::Entry wrong = genuine;
        wrong.kind = kind;
        fake.entries.push_back(wrong);
    }
    protocol::Entry wrong = genuine;
    wrong.epoch = wrong.epoch.next();
    fake.entries.push_back(wrong);
    fake.entries.push_back(genuine);
    fake.show_to();
    CHECK(scene.read("bertrand") == Texts{"un"});
    CHECK(scene.gaps("bertrand").size() == 3);
}
