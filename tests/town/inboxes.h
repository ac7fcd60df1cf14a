// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Inboxes: who knows which secret of whose inbox, and what the relay lets in. For the tests of
// their rotation, in journeys and attacks.

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "access/token.h"
#include "tests/town/town.h"

namespace cercle::town {

/// Opened, if it was not.
inline client::Core& core_of(Town& town, const std::string& home) {
    if (town.core(home) == nullptr) static_cast<void>(town.play(home, client::ListOutbox{}, 0));
    REQUIRE(town.core(home) != nullptr);
    return *town.core(home);
}

inline Secret own_secret(Town& town, const std::string& home) {
    return core_of(town, home).self.inbox_secret.copy();
}

/// As `reader` has it in the directory.
inline Secret known_secret(Town& town, const std::string& reader, const std::string& of) {
    const auto device = core_of(town, reader).people.device(core_of(town, of).self.device).value();
    REQUIRE(device.has_value());
    return device->inbox_secret.copy();
}

inline identity::InboxTurn turn_of(Town& town, const std::string& home) {
    const auto row =
        core_of(town, home).database.one<identity::InboxTurn>("SELECT inbox_turn FROM self");
    return std::get<0>(**row);
}

/// Whether the relay lets who holds that secret deposit in a home's inbox.
inline bool opens(Town& town, const std::string& home, const Secret& secret) {
    const auto inbox = core_of(town, home).self.inbox;
    const auto hash =
        access::token_hash(access::Right::Deposit, identity::inbox_keys(secret).deposit_token);
    bool matches = false;
    const auto looked = town.store().look([&](relay::LogTables& tables) -> Result<void> {
        TRY(const auto log, tables.find_log(inbox));
        matches = log && log->deposit == protocol::TokenHash{hash};
        return {};
    });
    REQUIRE(looked.has_value());
    return matches;
}

/// Everybody's inbox is open to what everybody else knows of it, and to nothing else of theirs.
inline void check_all_agree(Town& town, const std::vector<std::string>& homes) {
    for (const std::string& of : homes) {
        const Secret own = own_secret(town, of);
        CHECK(opens(town, of, own));
        for (const std::string& reader : homes) {
            INFO(reader << " of " << of);
            CHECK(known_secret(town, reader, of) == own);
        }
    }
}

inline void sync_all(Town& town, const std::vector<std::string>& homes, int rounds = 2) {
    for (int round = 0; round < rounds; ++round) {
        for (const std::string& home : homes)
            REQUIRE(town.play(home, client::Sync{0}).done());
    }
}

}  // namespace cercle::town
