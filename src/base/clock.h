// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Clock: what time it is. Injected, so that simulations and tests own the time.
//
// Wall time is for people and for expiry; nothing is ever ordered by it. Steady time is for
// waiting.

#include <chrono>
#include <string>

namespace cercle {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual WallTime wall() const = 0;
    [[nodiscard]] virtual SteadyTime steady() const = 0;
};

/// The operating system's.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] WallTime wall() const override;
    [[nodiscard]] SteadyTime steady() const override;
};

/// Stands still until told to move. For tests.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(WallTime start)
        : start_(start) {}

    [[nodiscard]] WallTime wall() const override { return start_ + elapsed_; }

    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{elapsed_}; }

    void advance(Duration by) { elapsed_ += by; }

  private:
    WallTime start_;
    Duration elapsed_{0};
};

/// RFC 3339 in UTC, with milliseconds: 2026-11-22T06:15:19.042Z
[[nodiscard]] std::string to_rfc3339(WallTime time);

}  // namespace cercle
