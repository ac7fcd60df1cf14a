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

}  // namespace

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
