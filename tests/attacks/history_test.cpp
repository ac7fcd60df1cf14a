// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay cannot take back: a store put back to an earlier state, and receipts for what it did
// not keep.

#include <catch2/catch_test_macros.hpp>

#include "tests/attacks/scene.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using attacks::Scene;
using attacks::Texts;

}  // namespace

TEST_CASE("roll back: a relay that has gone back in time is noticed, and nothing is said twice") {
    Scene scene;
    scene.say("alice", "un");
    REQUIRE(scene.read("bertrand") == Texts{"un"});
    scene.town->stop_relay();
    const auto earlier = scene.town->relay_machine().disk.image();
    scene.town->start_relay();
    scene.say("alice", "deux");
    scene.say("bertrand", "trois");
    REQUIRE(scene.read("bertrand") == Texts{"un", "deux", "trois"});

    scene.town->stop_relay();
    scene.town->relay_machine().disk.restore(earlier);
    scene.town->start_relay();
    const auto synced = scene.town->play("bertrand", client::Sync{0});
    CHECK(synced.outcome.rule == "log-cut-short");
    CHECK(scene.gaps("bertrand") == Texts{"log-cut-short"});
    CHECK(scene.read("bertrand") == Texts{"un", "deux", "trois"});
    // Whoever had not read so far goes on and is heard by nobody who had.
    const auto sent = scene.town->send("alice", "cellule", "quatre");
    CHECK_FALSE(sent.done());
    CHECK(scene.read("bertrand") == Texts{"un", "deux", "trois"});
}

TEST_CASE("roll back: a log that grew again differently does not continue what was read") {
    Scene scene({"alice", "bertrand", "chloe"});
    scene.say("alice", "un");
    REQUIRE(scene.read("bertrand") == Texts{"un"});
    scene.keep_away("chloe");
    scene.town->stop_relay();
    const auto earlier = scene.town->relay_machine().disk.image();
    scene.town->start_relay();
    scene.say("alice", "deux");
    REQUIRE(scene.read("bertrand") == Texts{"un", "deux"});

    scene.town->stop_relay();
    scene.town->relay_machine().disk.restore(earlier);
    scene.town->start_relay();
    scene.say("chloe", "autre chose");
    scene.say("chloe", "et encore");
    CHECK(scene.town->play("bertrand", client::Sync{0}).outcome.rule == "chain-broken");
    CHECK(scene.read("bertrand") == Texts{"un", "deux"});
    CHECK(scene.gaps("bertrand") == Texts{"chain-broken"});
}

TEST_CASE("false receipt: what a relay calls durable and does not keep is missed by its author") {
    Scene scene;
    // He takes Alice's message, says where it stands, and puts something else there.
    scene.town->its_operator().on_request(
        [](town::Session /*session*/,
           const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* post = std::get_if<protocol::Post>(&request);
            if (post == nullptr) return std::nullopt;
            return protocol::Posted{{protocol::Seq{2}}};
        });
    REQUIRE(scene.town->send("alice", "cellule", "perdu").done());
    scene.town->its_operator().be_honest();
    CHECK(scene.gaps("alice").empty());
    scene.say("bertrand", "bonjour");
    CHECK(scene.read("alice") == Texts{"perdu", "bonjour"});
    CHECK(scene.gaps("alice") == Texts{"message-withheld"});
}

TEST_CASE("lying disk: a relay whose disk never wrote what it called written is found out") {
    Scene scene;
    scene.say("alice", "un");
    REQUIRE(scene.read("bertrand") == Texts{"un"});
    scene.town->relay_machine().disk.set_honesty(store::Honesty::Lying);
    scene.say("alice", "deux");
    scene.say("bertrand", "trois");
    REQUIRE(scene.read("bertrand") == Texts{"un", "deux", "trois"});
    REQUIRE(scene.read("alice") == Texts{"un", "deux", "trois"});
    scene.town->crash_relay(store::Ending::PowerLost);
    scene.town->relay_machine().disk.set_honesty(store::Honesty::Honest);
    scene.town->start_relay();
    REQUIRE(scene.town->relay_is_up());
    for (const char* home : {"alice", "bertrand"}) {
        CHECK(scene.town->play(home, client::Sync{0}).outcome.rule == "log-cut-short");
        CHECK(scene.read(home) == Texts{"un", "deux", "trois"});
    }
}
