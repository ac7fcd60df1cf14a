// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Who holds a card and nothing else, before a relay that turns it away, cuts what it has shown, or
// was restored from a backup; and the card's owner after such a restore.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/card_scene.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::CardScene;
using Texts = std::vector<std::string>;

Texts gaps(CardScene& scene, const std::string& home, const std::string& of) {
    Texts rules;
    const auto played = scene.town->play(home, client::Read{of, 0, 0, client::Follow::No});
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
    }
    return rules;
}

/// Taken a moment before whatever comes next, as backups are.
store::SimulatedDisk::Image backup(CardScene& scene) {
    scene.town->pass(1s);
    scene.town->stop_relay();
    auto image = scene.town->relay_machine().disk.image();
    scene.town->start_relay();
    scene.town->pass(1s);
    return image;
}

void restore(CardScene& scene, const store::SimulatedDisk::Image& image) {
    scene.town->pass(1s);
    scene.town->restore_relay(image);
}

void sync(CardScene& scene, const std::string& home) {
    REQUIRE(scene.town->play(home, client::Sync{0}).done());
}

/// Says no to some of what guests ask, and counts how often it was asked whether they are let in.
struct Turnkey {
    explicit Turnkey(CardScene& scene) {
        scene.town->its_operator().on_request(
            [this](town::Session,
                   const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
                const bool opens = std::holds_alternative<protocol::OpenAnswers>(request);
                const bool writes = std::holds_alternative<protocol::UseCard>(request);
                if (opens) ++asked;
                if (!closed || (!opens && !writes)) return std::nullopt;
                return protocol::Refused{protocol::Refusal::Refused};
            });
    }

    bool closed = false;
    std::size_t asked = 0;
};

}  // namespace

TEST_CASE("attack: a relay's no ends no guest, who is told of it, and goes on when it is let in") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    Turnkey turnkey(scene);
    REQUIRE(scene.town->send("zoe", "alice", "un").done());
    turnkey.closed = true;
    CHECK(scene.town->send("zoe", "alice", "deux").first<client::Sent>().state == "queued");
    scene.town->close("zoe");
    CHECK(scene.town->play("zoe", client::Sync{0}).outcome.rule == "refused");
    CHECK(scene.town->play("zoe", client::ListConversations{})
              .first<client::ConversationShown>()
              .state == "closed");
    CHECK(scene.town->send("zoe", "alice", "trois").outcome.rule == "not-a-member");
    turnkey.closed = false;
    sync(scene, "zoe");
    REQUIRE(scene.town->send("zoe", "alice", "trois").done());
    REQUIRE(scene.town->send("alice", "Zoé", "quatre").done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoé", "un", "deux", "trois", "quatre"});
    CHECK(scene.read("zoe", "alice") == Texts{"un", "deux", "trois", "quatre"});
    CHECK(gaps(scene, "zoe", "alice").empty());
}

TEST_CASE("a guest who is shut out asks again by himself, after an hour and not before") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    Turnkey turnkey(scene);
    turnkey.closed = true;
    scene.town->close("zoe");
    CHECK(scene.town->play("zoe", client::Sync{0}).outcome.rule == "refused");
    CHECK(turnkey.asked == 1);
    scene.town->pass(50min);
    // Nor does another connection make it ask.
    scene.town->stop_relay();
    scene.town->start_relay();
    scene.town->pass(5min);
    CHECK(turnkey.asked == 1);
    turnkey.closed = false;
    scene.town->pass(10min);
    CHECK(turnkey.asked == 2);
    REQUIRE(scene.town->send("zoe", "alice", "let in").done());
}

TEST_CASE("a guest whose answers end too early comes back ever more seldom") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->send("alice", "Zoé", "un").done());
    sync(scene, "zoe");
    const auto earlier = backup(scene);
    REQUIRE(scene.town->send("alice", "Zoé", "deux").done());
    CHECK(scene.read("zoe", "alice") == Texts{"un", "deux"});
    // The same life, of which something is missing.
    scene.town->stop_relay();
    scene.town->relay_machine().disk.restore(earlier);
    scene.town->start_relay();
    Turnkey turnkey(scene);
    CHECK(scene.town->play("zoe", client::Sync{0}).outcome.rule == "log-cut-short");
    scene.town->pass(10min);
    CHECK(turnkey.asked > 5);
    CHECK(turnkey.asked < 40);
}

TEST_CASE("after a restore a guest reads on, and what both had read is not read again") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const auto earlier = backup(scene);
    REQUIRE(scene.town->send("alice", "Zoé", "r1").done());
    REQUIRE(scene.town->send("zoe", "alice", "q1").done());
    REQUIRE(scene.town->send("alice", "Zoé", "r2").done());
    sync(scene, "zoe");
    sync(scene, "alice");
    SECTION("that is shorter than what it had read") {
        restore(scene, earlier);
    }
    SECTION("that has grown longer before it came") {
        scene.town->close("zoe");
        restore(scene, earlier);
        for (const char* text : {"r3", "r4", "r5"})
            REQUIRE(scene.town->send("alice", "Zoé", text).done());
    }
    sync(scene, "alice");
    sync(scene, "zoe");
    REQUIRE(scene.town->send("zoe", "alice", "q2").done());
    REQUIRE(scene.town->send("alice", "Zoé", "last").done());
    const auto read = scene.read("zoe", "alice");
    CHECK(read.front() == "r1");
    CHECK(read.back() == "last");
    CHECK(std::ranges::count(read, "q2") == 1);
    CHECK(std::ranges::count(read, "r2") == 1);
    CHECK(gaps(scene, "zoe", "alice").empty());
    CHECK(gaps(scene, "alice", "Zoé").empty());
}

TEST_CASE("a relay that has forgotten who is bound to a card is told again") {
    CardScene scene;
    const auto before_all = backup(scene);
    const std::string code = scene.make("Zoé");
    const auto before_claim = backup(scene);
    REQUIRE(scene.open("zoe", code, "I am Zoé").done());
    const auto before_binding = backup(scene);
    REQUIRE(scene.confirm().done());
    const auto talk = [&] {
        sync(scene, "zoe");
        REQUIRE(scene.town->send("zoe", "alice", "q1").done());
        REQUIRE(scene.town->send("alice", "Zoé", "r1").done());
        sync(scene, "zoe");
    };
    SECTION("and was made") {
        talk();
        restore(scene, before_all);
    }
    SECTION("and who claimed it") {
        talk();
        restore(scene, before_claim);
    }
    SECTION("though not who claimed it") {
        talk();
        restore(scene, before_binding);
    }
    SECTION("before he had heard of it himself") {
        restore(scene, before_binding);
    }
    SECTION("and he comes before the owner") {
        talk();
        scene.town->close("alice");
        restore(scene, before_claim);
        CHECK(scene.town->play("zoe", client::Sync{0}).outcome.rule == "refused");
    }
    sync(scene, "alice");
    sync(scene, "zoe");
    REQUIRE(scene.town->send("zoe", "alice", "q2").done());
    REQUIRE(scene.town->send("alice", "Zoé", "r2").done());
    CHECK(scene.read("zoe", "alice").back() == "r2");
    CHECK(scene.read("alice", "Zoé").back() == "r2");
    CHECK(gaps(scene, "alice", "Zoé").empty());
}

TEST_CASE("a claim that the relay has forgotten before the owner read it is made again") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    const auto earlier = backup(scene);
    scene.town->close("alice");
    REQUIRE(scene.open("zoe", code, "I am Zoé").done());
    restore(scene, earlier);
    sync(scene, "zoe");
    REQUIRE(scene.confirm().done());
    sync(scene, "zoe");
    REQUIRE(scene.town->send("zoe", "alice", "q1").done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoé", "q1"});
}

TEST_CASE("a card that was closed since the backup is closed again after the restore") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const auto earlier = backup(scene);
    REQUIRE(scene.town->play("alice", client::CloseCard{"Zoé"}).done());
    restore(scene, earlier);
    sync(scene, "alice");
    CHECK(scene.town->send("zoe", "alice", "hello?").outcome.rule == "not-a-member");
}

TEST_CASE("an inbox that has grown past what was lost with a restore is read on, all of it") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const auto earlier = backup(scene);
    REQUIRE(scene.town->send("zoe", "alice", "un").done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoé", "un"});
    scene.town->close("alice");
    restore(scene, earlier);
    // As many as were lost, and more.
    for (const char* text : {"deux", "trois", "quatre"})
        REQUIRE(scene.town->send("zoe", "alice", text).done());
    sync(scene, "alice");
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoé", "un", "deux", "trois", "quatre"});
    CHECK(gaps(scene, "alice", "Zoé").empty());
    // And it goes on: who was let in hears of it.
    REQUIRE(scene.town->play("bertrand", client::CreateGroup{"cellule", {"alice"}}).done());
    sync(scene, "alice");
    REQUIRE(scene.town->send("alice", "cellule", "here").done());
}
