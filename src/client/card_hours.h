// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Hours of a card: as its owner says them, in his own zone, and as the relay is told them, in UTC.
// The relay never learns the zone; when that changes its offset, the hours are put anew.

#include <chrono>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "protocol/card.h"

namespace cercle::client {

/// "Mon-Fri 09:00-18:00, Sat 10:00-12:00"; without days: every day. What ends before it begins,
/// lasts over midnight. Nothing: always. In local minutes of the week; they may overlap.
/// Errors: invalid_argument.
[[nodiscard]] Result<std::vector<protocol::Window>> read_hours(std::string_view text);

/// In order, not touching, in UTC; `offset` is what the zone is ahead of it. Errors:
/// invalid_argument (too many windows).
[[nodiscard]] Result<std::vector<protocol::Window>> hours_in_utc(
    const std::vector<protocol::Window>& local, std::chrono::minutes offset);

/// What this machine's zone is ahead of UTC at that moment.
[[nodiscard]] std::chrono::minutes offset_of_this_machine(WallTime moment);

}  // namespace cercle::client
