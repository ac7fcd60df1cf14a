// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Channel: the network's seam. Whole frames go in and come out, in order; what carries them (TLS
// and WebSocket, memory under a simulator, a socket in a home) is not the caller's business.
//
// All of it belongs to one loop. Destroying a channel closes it, destroying a listener too.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "crypto/hash.h"
#include "net/address.h"
#include "net/server_identity.h"
#include "net/task.h"
#include "net/timers.h"

namespace cercle::net {

class Channel {
  public:
    Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    virtual ~Channel() = default;

    /// The next frame. One task at a time. A deadline that passes loses nothing: the frame is
    /// there for the next call. Errors: deadline_passed, closing (own close, or cancelled),
    /// too_large (and the channel is closed), unreachable_peer.
    [[nodiscard]] virtual Task<Bytes> receive(Deadline deadline) = 0;

    enum class Hearing : std::uint8_t { More, Enough };
    using Take = std::move_only_function<Hearing(Bytes)>;

    /// Hands each frame to `take` within the turn of the loop in which it comes, without a task's
    /// step for each; ends well once that has had enough. Beside no receive(). The deadline is for
    /// all of it. Errors: those of receive().
    [[nodiscard]] virtual Task<void> receive_each(Take take, Deadline deadline);

    /// Ends well when the system has taken the frame. Several tasks may send; each frame stays
    /// whole, and they go in the order of the calls. A frame that is not through by its
    /// deadline, or whose task is cancelled while it goes, closes the channel.
    /// Errors: deadline_passed, closing, too_large (nothing sent), unreachable_peer.
    [[nodiscard]] virtual Task<void> send(Bytes frame, Deadline deadline) = 0;

    /// The same within the call, if nothing is in the way and the system takes all of it. False:
    /// nothing has happened; send() can do it, or tells what is wrong.
    [[nodiscard]] virtual bool send_now(BytesView /*frame*/) { return false; }

    /// Frames that begin to arrive from now on may be so large, in place of the network's own
    /// bound. A larger one is too_large, and nothing is kept of it.
    virtual void limit_frames(std::size_t largest) noexcept = 0;

    /// Says goodbye in the background, for a bounded time. Nothing is received after it.
    virtual void close() noexcept = 0;

    /// 32 bytes that both ends of this connection know and nobody else could have arranged: the
    /// TLS exporter's value for the label "EXPORTER-Cercle-session-1".
    [[nodiscard]] virtual const crypto::Digest& binding() const = 0;

    /// Who answered a dial(), if it was not the key that was expected but the one that key has
    /// made its successor (succession.h): to be expected from now on.
    [[nodiscard]] virtual std::optional<RelayKey> successor() const { return std::nullopt; }
};

class Listener {
  public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;

    /// The next connection that has got through every handshake. Errors: closing.
    [[nodiscard]] virtual Task<std::unique_ptr<Channel>> accept() = 0;

    /// Where it listens: with the real port, if 0 was asked for.
    [[nodiscard]] virtual Address address() const = 0;

    /// Whoever connects from now on meets this identity; channels already there live on, and so do
    /// handshakes that have begun. Errors: library_fault, unsupported.
    virtual Result<void> show(const ServerIdentity& /*identity*/) {
        return fail(Code::unsupported, "this kind of network shows no other identity");
    }

    /// Accepts nothing more; channels already accepted live on.
    virtual void close() noexcept = 0;
};

class Network {
  public:
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    virtual ~Network() = default;

    /// Errors: relay_key_mismatch when a server answers that is neither `expected` nor its
    /// successor; deadline_passed, closing; unreachable_peer for everything else.
    [[nodiscard]] virtual Task<std::unique_ptr<Channel>> dial(Address address,
                                                              RelayKey expected,
                                                              Deadline deadline) = 0;

    /// `address` is an IP (port 0: any free one). Errors: invalid_argument, already_exists when
    /// the port is taken, permissions, library_fault.
    [[nodiscard]] virtual Result<std::unique_ptr<Listener>> listen(
        Address address, const ServerIdentity& identity) = 0;
};

}  // namespace cercle::net
