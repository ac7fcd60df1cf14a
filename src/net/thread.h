// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Thread: a loop's own thread, in a program whose first thread belongs to somebody else, as a
// screen's does. It takes no signals: those are for who has the terminal.

#include <functional>
#include <thread>

namespace cercle::net {

class Thread {
  public:
    /// Runs `work`, which may not throw.
    explicit Thread(std::move_only_function<void()> work);
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    /// Waits until the work has ended.
    ~Thread();

  private:
    std::thread thread_;
};

}  // namespace cercle::net
