// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Quiet hours: what comes in them is there, and silent; but for whoever may always ring.

#include <catch2/catch_test_macros.hpp>

#include "tests/town/card_scene.h"

namespace {

using namespace cercle;
using town::CardScene;

constexpr auto always = "Mon-Sun 00:00-24:00";

/// The last message of a conversation, as the owner's device shows it.
client::Message last_said(CardScene& scene, const std::string& of) {
    const auto read = scene.town->play(CardScene::owner, client::Read{of});
    REQUIRE(read.done());
    client::Message last;
    for (const auto& event : read.events) {
        if (const auto* message = std::get_if<client::Message>(&event)) last = *message;
    }
    return last;
}

client::QuietShown keep(CardScene& scene, const client::KeepQuiet& wish) {
    const auto kept = scene.town->play(CardScene::owner, wish);
    REQUIRE(kept.done());
    return kept.first<client::QuietShown>();
}

}  // namespace

TEST_CASE("in quiet hours words come, and ring for nobody but whom the owner lets through") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->send("bertrand", "alice", "by day").done());
    CHECK(last_said(scene, "bertrand").notify.empty());

    CHECK(keep(scene, {always, {}, {}}).hours == always);
    REQUIRE(scene.town->send("bertrand", "alice", "by night").done());
    REQUIRE(scene.town->send("zoe", "alice", "are you there?").done());
    CHECK(last_said(scene, "bertrand").text == "by night");
    CHECK(last_said(scene, "bertrand").notify == "none");
    CHECK(last_said(scene, "Zoé").notify == "none");

    const auto through = keep(scene, {{}, {"bertrand", "Zoé"}, {}});
    CHECK(through.hours == always);
    REQUIRE(through.through.size() == 2);
    CHECK(last_said(scene, "bertrand").notify.empty());
    CHECK(last_said(scene, "Zoé").notify == "ring");

    CHECK(keep(scene, {{}, {}, {"Zoé"}}).through.size() == 1);
    CHECK(last_said(scene, "Zoé").notify == "none");
    CHECK(keep(scene, {"", {}, {}}).hours.empty());
    CHECK(last_said(scene, "Zoé").notify == "ring");
}

TEST_CASE("quiet hours are this device's own, outlive a crash, and one's own words have none") {
    CardScene scene;
    keep(scene, {always, {"bertrand"}, {}});
    scene.town->crash("alice");
    const auto kept = keep(scene, {});
    CHECK(kept.hours == always);
    REQUIRE(kept.through.size() == 1);
    CHECK(kept.through.front().name == "bertrand");
    REQUIRE(scene.town->send("alice", "bertrand", "good night").done());
    CHECK(last_said(scene, "bertrand").notify.empty());
    const auto read = scene.town->play("bertrand", client::Read{"alice"});
    CHECK(read.first<client::Message>().notify.empty());
}

TEST_CASE("hours that are not said clearly, and names that are nobody's, change nothing") {
    CardScene scene;
    keep(scene, {always, {}, {}});
    const auto unclear = scene.town->play("alice", client::KeepQuiet{"at night", {"bertrand"}, {}});
    CHECK(unclear.outcome.rule == "invalid-argument");
    const auto nobody = scene.town->play("alice", client::KeepQuiet{"", {"bertrand", "max"}, {}});
    CHECK(nobody.outcome.rule == "unknown");
    const auto kept = keep(scene, {});
    CHECK(kept.hours == always);
    CHECK(kept.through.empty());
}
