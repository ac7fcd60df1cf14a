// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Randomness for tests: what a vector prescribes, or what a seed gives.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace cercle::vectors {

/// Gives the bytes it was told, in order; whoever wants more ends the test program.
class ScriptedRandom final : public Random {
  public:
    explicit ScriptedRandom(Bytes script)
        : script_(std::move(script)) {}

    void fill(std::span<std::uint8_t> target) override {
        if (script_.size() - used_ < target.size()) std::abort();
        std::copy_n(
            script_.begin() + static_cast<std::ptrdiff_t>(used_), target.size(), target.begin());
        used_ += target.size();
    }

    [[nodiscard]] bool used_up() const { return used_ == script_.size(); }

  private:
    Bytes script_;
    std::size_t used_ = 0;
};

/// The same bytes for the same seed, on every machine.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed)
        : engine_(seed) {}

    void fill(std::span<std::uint8_t> target) override {
        for (std::uint8_t& byte : target)
            byte = static_cast<std::uint8_t>(engine_() >> 56U);
    }

    /// Below `bound`.
    [[nodiscard]] std::size_t below(std::size_t bound) { return engine_() % bound; }

    [[nodiscard]] Bytes bytes(std::size_t size) {
        Bytes drawn(size);
        fill(drawn);
        return drawn;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace cercle::vectors
