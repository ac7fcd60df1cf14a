// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Randomness for tests: what a vector prescribes, or what a seed gives.

#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace cercle::vectors {

/// Gives the bytes it was told, in order, and zeros to whoever wants more, which used_up() then
/// denies.
class ScriptedRandom final : public Random {
  public:
    explicit ScriptedRandom(Bytes script)
        : script_(std::move(script)) {}

    void fill(std::span<std::uint8_t> target) override {
        const std::size_t given = std::min(target.size(), script_.size() - used_);
        const auto rest = std::ranges::copy_n(script_.begin() + static_cast<std::ptrdiff_t>(used_),
                                              static_cast<std::ptrdiff_t>(given),
                                              target.begin());
        std::ranges::fill(rest.out, target.end(), std::uint8_t{0});
        used_ += given;
        wanted_ += target.size();
    }

    /// All of it was taken, and nothing besides.
    [[nodiscard]] bool used_up() const { return wanted_ == script_.size(); }

  private:
    Bytes script_;
    std::size_t used_ = 0;
    std::size_t wanted_ = 0;
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
