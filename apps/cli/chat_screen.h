// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Screen: a face on a terminal. The door to FTXUI.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "apps/cli/chat_face.h"

namespace cercle::cli::chat {

/// Calls that other threads have for the one that shows the face.
class Inbox {
  public:
    /// From any thread.
    void post(std::function<void()> call);
    /// Makes the calls that there are, in their order. Whether there were any.
    bool make_calls();
    /// Waits for one first.
    void wait_and_make_calls();

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<std::function<void()>> calls_;
};

/// Shows the face until it has ended or a signal says so (SIGINT, SIGTERM, SIGHUP), and makes the
/// calls of the inbox meanwhile. Leaves the terminal as it was.
void show(Face& face, Inbox& inbox);

}  // namespace cercle::cli::chat
