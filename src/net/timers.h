// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Timers: "call me at that moment", on a loop's own thread. A loop of the real kind sleeps until
// the next one; a virtual one turns its clock to it.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "net/deadline.h"

namespace cercle::net {

class Timers {
  public:
    using Call = std::move_only_function<void()>;

    /// A call that is due some day. Forgetting it (destruction) cancels it; it may not outlive the
    /// loop.
    class Timer {
      public:
        Timer() = default;

        Timer(Timer&& other) noexcept
            : timers_(std::exchange(other.timers_, nullptr)),
              key_(other.key_) {}

        Timer& operator=(Timer&& other) noexcept {
            if (this != &other) {
                cancel();
                timers_ = std::exchange(other.timers_, nullptr);
                key_ = other.key_;
            }
            return *this;
        }

        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;

        ~Timer() { cancel(); }

        void cancel() noexcept {
            if (timers_ != nullptr) std::exchange(timers_, nullptr)->forget(key_);
        }

      private:
        friend class Timers;
        using Key = std::pair<SteadyTime, std::uint64_t>;

        Timer(Timers* timers, Key key)
            : timers_(timers),
              key_(key) {}

        Timers* timers_ = nullptr;
        Key key_;
    };

    Timers() = default;
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;
    virtual ~Timers() = default;

    /// Calls due at the same moment are made in the order in which they were scheduled.
    /// A Deadline::never() is never due, and costs nothing.
    [[nodiscard]] Timer schedule(Deadline deadline, Call call);

    /// The earliest moment at which something is due; never() when nothing is.
    [[nodiscard]] Deadline next() const;

    /// Makes the first call that is due at `now`. False if none is.
    bool fire_one(SteadyTime now);

  protected:
    /// The earliest moment may have changed.
    virtual void rearm() {}

  private:
    void forget(Timer::Key key) noexcept;

    std::map<Timer::Key, Call> due_;
    std::uint64_t scheduled_ = 0;
};

using Timer = Timers::Timer;

}  // namespace cercle::net
