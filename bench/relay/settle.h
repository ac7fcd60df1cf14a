// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Settle: founds the circle on a fresh relay, and opens lines to any server.

#include <memory>
#include <vector>

#include "bench/relay/speakers.h"

namespace cercle::bench {

/// Lines to one server, with what is spoken on them.
struct Crowd {
    std::vector<std::unique_ptr<Line>> lines{};
    std::vector<Asker*> askers{};
};

/// Adds a line and waits until it is ready; a few hundred at a time, so that no handshake starves.
class Gathering {
  public:
    Gathering(Reactor& reactor, std::uint16_t port)
        : reactor_(reactor),
          port_(port) {}

    void add(Crowd& crowd, std::unique_ptr<Asker> asker);
    /// Until all that were added are ready.
    void complete();

  private:
    Reactor& reactor_;
    std::uint16_t port_;
    std::size_t added_ = 0;
    std::size_t ready_ = 0;
};

/// Claims the relay and admits the devices from `first` up to before `end`.
void admit_devices(
    Reactor& reactor, const Town& town, std::uint16_t port, std::uint32_t first, std::uint32_t end);

/// Each of these devices, admitted already, founds its own log; the first of them also the shared
/// one, with all up to `end` as readers.
void found_logs(
    Reactor& reactor, const Town& town, std::uint16_t port, std::uint32_t first, std::uint32_t end);

/// The one stream of JetStream, for all conversations.
void make_stream_on(std::uint16_t port);

/// Sends all frames on one line, some at a time, and ends the program if one is refused.
void ask_all(Reactor& reactor, Line& line, RelayAsker& asker, const std::vector<Bytes>& frames);

}  // namespace cercle::bench
