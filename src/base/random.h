// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Random: where unpredictable bytes come from. Injected, so that a seeded simulation replays a
// whole circle; the real one is crypto/random.h.

#include <cstdint>
#include <span>

namespace cercle {

class Random {
  public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;

    /// Never fails: a program without randomness ends.
    virtual void fill(std::span<std::uint8_t> target) = 0;
};

}  // namespace cercle
