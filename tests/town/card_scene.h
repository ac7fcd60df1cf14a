// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card scene: a member who makes cards, and people outside of the circle who open them. For the
// tests of cards, in journeys and attacks.

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "client/cards.h"
#include "tests/town/town.h"

namespace cercle::town {

struct CardScene {
    static constexpr auto owner = "alice";

    /// The text of a new card.
    std::string make(const std::string& label, const std::string& tier = "ring") {
        const auto made = town->play(owner, client::CreateCard{label, tier, {}, 0});
        REQUIRE(made.done());
        const auto shown = made.first<client::CardShown>();
        REQUIRE(shown.text.has_value());
        return *shown.text;
    }

    Played open(const std::string& home,
                const std::string& code,
                const std::string& introduction = {}) {
        return town->play(home, client::Join{code, {}, introduction});
    }

    /// What waits for the owner's word.
    client::RequestShown request() {
        return town->play(owner, client::ListRequests{}).first<client::RequestShown>();
    }

    Played confirm() { return town->play(owner, client::ConfirmRequest{request().request}); }

    /// Made, opened and confirmed.
    void bind(const std::string& label, const std::string& home, const std::string& tier = "ring") {
        REQUIRE(open(home, make(label, tier), "I am " + label).done());
        REQUIRE(confirm().done());
        REQUIRE(town->play(home, client::Sync{0}).done());
    }

    /// As `card list` has it.
    client::CardShown card(const std::string& label) {
        const auto listed = town->play(owner, client::ListCards{});
        REQUIRE(listed.done());
        for (const auto& event : listed.events) {
            const auto* shown = std::get_if<client::CardShown>(&event);
            if (shown != nullptr && shown->label == label && shown->state != "closed") {
                return *shown;
            }
        }
        return {};
    }

    [[nodiscard]] static std::vector<std::string> notices(const Played& played) {
        std::vector<std::string> sentences;
        for (const auto& event : played.events) {
            if (const auto* notice = std::get_if<client::Notice>(&event)) {
                sentences.push_back(notice->sentence);
            }
        }
        return sentences;
    }

    [[nodiscard]] std::vector<std::string> read(const std::string& home, const std::string& of) {
        return town->read(home, of);
    }

    std::unique_ptr<Town> town = Town::with({"alice", "bertrand"});
};

}  // namespace cercle::town
