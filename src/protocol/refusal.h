// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Refusals as they travel. Unknown, closed, spent, forged and revoked rights all read `Refused`:
// a stranger learns nothing from which it was.

#include <cstdint>

#include "base/code.h"

namespace cercle::protocol {

enum class Refusal : std::uint8_t {
    Refused = 1,
    Stale = 2,
    IdReused = 3,
    LogFull = 4,
    TooLarge = 5,
    TooMany = 6,
    Malformed = 7,
    Unsupported = 8,
    RelayClaimed = 9,
    NoKeyPackage = 10,
    StoreFault = 11,
    Closing = 12,
    Frozen = 13,
    Restored = 14,
};

/// What the relay sends for an error of its own; anything without a number is `Refused`.
[[nodiscard]] Refusal to_refusal(Code code);
/// What a device makes of it; a number of a later version reads as `refused`. A relay that is going
/// away and one whose disk fails read as one that cannot be reached.
[[nodiscard]] Code to_code(Refusal refusal);

}  // namespace cercle::protocol
