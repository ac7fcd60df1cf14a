// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TlsNetwork: the real network. TLS 1.3 only, X25519MLKEM768 only, ALPN "cercle/1", the server
// known by its pinned key; in it one WebSocket, one binary message a frame.
//
// Whatever a stranger sends ends his own connection at most: errors of Asio, Beast and libssl
// become results here, and every step before the first frame has a deadline.

#include <cstddef>

#include "net/channel.h"
#include "net/loop.h"

namespace cercle::net {

struct TlsLimits {
    std::size_t largest_frame = std::size_t{1} << 20U;
    /// The same for frames of a caller, until Channel::limit_frames says otherwise.
    std::size_t largest_first_frame = std::size_t{1} << 20U;
    /// Beyond these, the oldest unfinished handshake gives way to the newcomer.
    std::size_t most_handshakes = 256;
    /// Beyond these, newcomers are turned away.
    /// What 20,000 descriptors leave room for.
    std::size_t most_connections = 19'000;
    /// For TLS and the upgrade together.
    Duration handshake_patience = std::chrono::seconds{10};
    /// A peer silent for so long is asked for a sign of life halfway, and then given up.
    Duration idle_patience = std::chrono::seconds{60};
    /// How long a goodbye may take.
    Duration close_patience = std::chrono::seconds{2};
    /// Several listeners (one a loop) on one port.
    enum class Port : std::uint8_t { Own, Shared } port = Port::Own;
};

class TlsNetwork final : public Network {
  public:
    /// `loop` is a real one, and outlives this and every channel. From here on the process ignores
    /// SIGPIPE.
    explicit TlsNetwork(Loop& loop, TlsLimits limits = {});
    ~TlsNetwork() override;

    [[nodiscard]] Task<std::unique_ptr<Channel>> dial(Address address,
                                                      RelayKey expected,
                                                      Deadline deadline) override;
    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(Address address,
                                                           const ServerIdentity& identity) override;

  private:
    struct State;

    std::unique_ptr<State> state_;
};

}  // namespace cercle::net
