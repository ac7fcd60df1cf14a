// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Answering scene: alice makes cards that bertrand answers, and people outside open them. For the
// tests of answered cards, in journeys and attacks.

#include <memory>
#include <optional>
#include <string>

#include "tests/town/card_scene.h"

namespace cercle::town {

struct AnsweringScene {
    Played ask(const std::string& label) {
        return town->play("alice", client::CreateCard{label, "ring", {}, 0, {}, "bertrand"});
    }

    /// What waits for the word of who answers.
    client::RequestShown request() {
        return town->play("bertrand", client::ListRequests{}).first<client::RequestShown>();
    }

    Played confirm(const client::RequestShown& request) {
        return town->play("bertrand", client::ConfirmRequest{request.request});
    }

    /// Each has heard what the other's device answers by itself.
    void settle() {
        for (const char* home : {"alice", "bertrand", "alice", "bertrand", "alice"})
            REQUIRE(town->play(home, client::Sync{0}).done());
    }

    /// Asked for, agreed to, and at the relay: as its owner sees it, with the code.
    client::CardShown made(const std::string& label) {
        REQUIRE(ask(label).done());
        REQUIRE(confirm(request()).done());
        settle();
        const auto shown = card("alice", label);
        REQUIRE(shown.text.has_value());
        return shown;
    }

    Played open(const std::string& home,
                const std::string& code,
                const std::string& introduction = {}) {
        return town->play(home, client::Join{code, {}, introduction});
    }

    void bind(const std::string& label, const std::string& home) {
        REQUIRE(open(home, *made(label).text, "I am " + label).done());
        REQUIRE(confirm(request()).done());
        REQUIRE(town->play(home, client::Sync{0}).done());
    }

    /// As `card list` has it: the newest of that label that is not closed.
    client::CardShown card(const std::string& home, const std::string& label) {
        for (const client::CardShown& shown : cards(home)) {
            const bool over = shown.state == "closed" || shown.state == "closing";
            if (shown.label != label || (over && !is_only(home, label))) continue;
            if (shown.text) opened_code = shown.text;
            return shown;
        }
        return {};
    }

    /// Whether all of that label are.
    bool closed(const std::string& home, const std::string& label) {
        bool any = false;
        for (const client::CardShown& shown : cards(home)) {
            if (shown.label != label) continue;
            if (shown.state != "closed") return false;
            any = true;
        }
        return any;
    }

    std::vector<client::CardShown> cards(const std::string& home) {
        const auto listed = town->play(home, client::ListCards{});
        REQUIRE(listed.done());
        std::vector<client::CardShown> all;
        for (const auto& event : listed.events) {
            if (const auto* shown = std::get_if<client::CardShown>(&event)) all.push_back(*shown);
        }
        return all;
    }

    bool is_only(const std::string& home, const std::string& label) {
        return std::ranges::count(cards(home), label, &client::CardShown::label) == 1;
    }

    std::unique_ptr<Town> town = Town::with({"alice", "bertrand"});
    std::optional<std::string> opened_code;  // the last one that was shown
};

}  // namespace cercle::town
