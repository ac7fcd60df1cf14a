// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/clock.h"

#include <format>

namespace cercle {

WallTime SystemClock::wall() const {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const {
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now());
}

std::string to_rfc3339(WallTime time) {
    return std::format("{:%FT%T}Z", time);
}

}  // namespace cercle
