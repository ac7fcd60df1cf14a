// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What no copy of a store may hold: tables whose rows must not come back with a restored backup
// (a guess counter that goes back gives fresh guesses; a key package that was handed out would be
// handed out once more). Whoever adds such a table adds it here.
//
// Private to this folder.

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "store/database.h"

namespace cercle::relay {

struct LeftOut {
    std::string_view table;
    store::Sql empty_it;
};

/// The shares for unlocking devices (3-protocols 3.3). The table comes with them; until then there
/// is nothing to leave out.
inline constexpr std::array<LeftOut, 2> left_out{{
    {"unlock_shares", "DELETE FROM unlock_shares"},
    {"packages", "DELETE FROM packages"},
}};

/// Empties those tables that are there, and overwrites what stood in them. Errors: those of the
/// disk.
[[nodiscard]] Result<void> leave_out(const store::Place& copy, std::span<const LeftOut> tables);

}  // namespace cercle::relay
