// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Notify: what systemd hears of the relay (sd_notify(3)): that it serves, that it stops, and that
// it is alive. Outside of systemd nothing is said to anybody.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/loop.h"

namespace cercle::relayd {

class Notify {
  public:
    /// From NOTIFY_SOCKET and WATCHDOG_USEC, which are then taken out of the environment. Connects
    /// now, so that no socket is made later. A socket that is not there is nobody's fault but is
    /// said: permissions, invalid_argument.
    [[nodiscard]] static Result<Notify> from_environment();

    Notify(Notify&& other) noexcept;
    Notify& operator=(Notify&& other) noexcept;
    ~Notify();

    /// "READY=1" and its like. Lost words are nothing: systemd asks by its watchdog.
    void say(std::string_view words) const;

    /// How often systemd wants to hear of life; nothing if it does not.
    [[nodiscard]] std::optional<Duration> watchdog() const { return watchdog_; }

  private:
    Notify(int socket, std::optional<Duration> watchdog)
        : socket_(socket),
          watchdog_(watchdog) {}

    int socket_;
    std::optional<Duration> watchdog_;
};

/// Says `feed` after each time that `prove_alive` has ended well, three times in each `period`.
/// While it does not end, or fails, nothing is said: it goes through the loop and the store, so a
/// disk that hangs is noticed by who waits for the word. Until cancelled.
[[nodiscard]] net::Task<void> keep_fed(net::Loop& loop,
                                       Duration period,
                                       std::function<net::Task<void>()> prove_alive,
                                       std::function<void()> feed);

}  // namespace cercle::relayd
