// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Rates: how much one device, or one session of a stranger, may ask for in a second. Whoever has
// asked for more is heard later: nothing is refused, and what was said is not lost.

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/clock.h"
#include "protocol/words.h"

namespace cercle::relay {

/// Of requests, and of the bytes of their frames and of their answers'.
struct Rate {
    std::uint64_t requests_per_second = 0;
    std::uint64_t bytes_per_second = 0;
};

/// A bucket that fills up by so many a second, and holds what comes in in one. It can owe: what is
/// taken was asked for already.
class Bucket {
  public:
    /// Full. `a_second` is not 0.
    Bucket(std::uint64_t a_second, SteadyTime now);

    void take(std::uint64_t count, SteadyTime now);
    /// How long until it owes nothing.
    [[nodiscard]] Duration wait(SteadyTime now) const;
    [[nodiscard]] bool is_full(SteadyTime now) const;

  private:
    [[nodiscard]] std::int64_t level(SteadyTime now) const;

    // In thousandths, since clocks count milliseconds.
    std::int64_t a_millisecond_;
    std::int64_t level_;
    SteadyTime at_;
};

/// What was asked for under one rate.
class Pace {
  public:
    Pace(const Rate& rate, SteadyTime now)
        : requests_(rate.requests_per_second, now),
          bytes_(rate.bytes_per_second, now) {}

    void take_request(std::size_t bytes, SteadyTime now);
    void take_answer(std::size_t bytes, SteadyTime now);
    /// How long the next request has to wait; nothing if it need not.
    [[nodiscard]] Duration wait(SteadyTime now) const;
    [[nodiscard]] bool has_rested(SteadyTime now) const;

  private:
    Bucket requests_;
    Bucket bytes_;
};

/// The paces of devices: all sessions of one share its pace, and who comes back at once is not new.
class Paces {
  public:
    explicit Paces(const Rate& rate)
        : rate_(rate) {}

    /// Stays where it is until left as often as entered.
    [[nodiscard]] Pace& enter(const protocol::DeviceKey& device, SteadyTime now);
    void leave(const protocol::DeviceKey& device);

    [[nodiscard]] const Rate& rate() const { return rate_; }

    /// Of how many devices something is kept.
    [[nodiscard]] std::size_t size() const { return known_.size(); }

  private:
    struct Known {
        Pace pace;
        std::size_t sessions = 0;
    };

    Rate rate_;
    std::unordered_map<protocol::DeviceKey, Known> known_;
    std::size_t sweep_at_ = 64;
};

}  // namespace cercle::relay
