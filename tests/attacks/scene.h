// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Scene: a circle with a group of everybody in it, whose relay has turned against it.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/attacks/fake_log.h"

namespace cercle::attacks {

using Texts = std::vector<std::string>;
using town::Town;

struct Scene {
    explicit Scene(const std::vector<std::string>& names = {"alice", "bertrand"})
        : town(Town::with(names)) {
        const std::vector<std::string> others(names.begin() + 1, names.end());
        REQUIRE(town->play(names.front(), client::CreateGroup{"cellule", others}).done());
        for (const std::string& name : others)
            REQUIRE(town->play(name, client::Sync{0}).done());
        log = conversation("alice")->row.log;
    }

    void say(const std::string& home, const std::string& text) {
        REQUIRE(town->send(home, "cellule", text).done());
    }

    [[nodiscard]] client::Conversation* conversation(const std::string& home) {
        client::Core& core = *town->core(home);
        const auto row = core.conversations.group("cellule");
        REQUIRE(row.has_value());
        return core.conversations.load(row->log).value();
    }

    /// Nothing said now reaches this home.
    void keep_away(const std::string& home) { town->close(home); }

    [[nodiscard]] Texts read(const std::string& home) { return town->read(home, "cellule"); }

    /// The rules by which something was found wrong in what a home has read.
    [[nodiscard]] Texts gaps(const std::string& home) {
        Texts rules;
        const auto played = town->play(home, client::Read{"cellule", 0, 0, client::Follow::No});
        for (const auto& event : played.events) {
            if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
        }
        return rules;
    }

    [[nodiscard]] std::size_t members(const std::string& home) {
        return conversation(home)->group.roster().size();
    }

    /// Where an application entry stands among the log's.
    [[nodiscard]] static std::size_t nth_message(const FakeLog& fake, std::size_t nth) {
        for (std::size_t at = 0; at < fake.entries.size(); ++at) {
            if (fake.entries[at].kind == protocol::EntryKind::Application && nth-- == 0) return at;
        }
        FAIL("the log has fewer messages");
        return 0;
    }

    std::unique_ptr<Town> town;
    protocol::LogId log;
};

using Difference = std::vector<protocol::Entry>::difference_type;

}  // namespace cercle::attacks
