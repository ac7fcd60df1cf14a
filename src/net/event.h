// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Signal and Event: how tasks of one loop wait for each other.
//
// A Signal is a condition: wait() ends at the next notify, and remembers nothing. An Event stays
// set until reset. Both belong to one loop and its thread. A notified task does not run inside
// notify, but after it, in the order in which the tasks began to wait.

#include <cstddef>

#include "net/loop.h"

namespace cercle::net {

class Signal {
  public:
    explicit Signal(Loop& loop)
        : loop_(loop) {}

    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    /// Who still waits is told Code::closing.
    ~Signal();

    /// Until the next notify. Errors: deadline_passed, closing.
    [[nodiscard]] Task<void> wait(Deadline deadline);

    /// Until the next notify, whatever happens: neither a deadline nor a cancellation ends it. Only
    /// for what is certain to come soon.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_certain();

    void notify_one();
    void notify_all();

    [[nodiscard]] Loop& loop() const { return loop_; }

  private:
    struct Waiter;
    enum class Outcome : std::uint8_t { Notified, DeadlinePassed, Closing };

    Loop& loop_;
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
};

class Event {
  public:
    explicit Event(Loop& loop)
        : signal_(loop) {}

    /// At once when it is set. Errors: deadline_passed, closing.
    [[nodiscard]] Task<void> wait(Deadline deadline);

    void set();

    void reset() { set_ = false; }

    [[nodiscard]] bool is_set() const { return set_; }

  private:
    Signal signal_;
    bool set_ = false;
};

}  // namespace cercle::net
