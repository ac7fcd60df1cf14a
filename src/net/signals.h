// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// StopSignals: SIGINT and SIGTERM, as something a task can wait for.

#include <memory>

#include "net/loop.h"

namespace cercle::net {

class StopSignals {
  public:
    /// From now on neither ends the process by itself. `loop` is a real one.
    explicit StopSignals(Loop& loop);
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    /// Until the first of them, which may have come before. A second one then ends the process,
    /// so that a stop that hangs can be cut short. Errors: closing.
    [[nodiscard]] Task<void> wait();

  private:
    struct State;

    std::unique_ptr<State> state_;
};

/// SIGHUP, by which an operator asks a server to read anew what it was given.
class HangupSignal {
  public:
    /// From now on it does not end the process. `loop` is a real one.
    explicit HangupSignal(Loop& loop);
    HangupSignal(const HangupSignal&) = delete;
    HangupSignal& operator=(const HangupSignal&) = delete;
    ~HangupSignal();

    /// Until the next one; several that came since the last wait are one. Errors: closing.
    [[nodiscard]] Task<void> wait();

  private:
    struct State;

    std::unique_ptr<State> state_;
};

}  // namespace cercle::net
