// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// MemoryNetwork: a network inside one process, on a virtual loop. Frames take a random time within
// bounds, from the given randomness, and arrive in order, since below them there is TLS: what is
// lost, is lost from a point on, with its connection. What was sent on a connection that died may
// have arrived or not, and an old connection may still deliver after a new one was made; that is
// how requests get lost, doubled and out of order here as they do outside.
//
// Machines have seats in it (seat()), and troubles come to a seat: it can be cut off for a while,
// lose its connections, crash with or without a word, and come back.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/random.h"
#include "net/channel.h"
#include "net/loop.h"

namespace cercle::net {

struct Weather {
    Duration shortest_delay{1};
    Duration longest_delay{20};
    std::size_t largest_frame = std::size_t{1} << 20U;
    /// Frames under way in one direction before send() waits.
    std::size_t most_under_way = 64;
    /// An end that hears no sign of life gives up after so long; as TlsLimits::idle_patience.
    Duration patience_with_silence = std::chrono::seconds{60};
};

/// How the other end of a connection learns that this one is gone: a system that has lost a
/// process tells it, one that has lost its power does not.
enum class Parting : std::uint8_t { Told, Silent };

/// Whether a machine reaches anybody.
enum class Reach : std::uint8_t { Everybody, Nobody };

class MemoryNetwork final : public Network {
  public:
    enum class Dialing : std::uint8_t { Answered, Refused };

    /// Hears every frame as it is sent, with the seats of sender and receiver. For tests that look
    /// at what has left a machine.
    using Tap =
        std::function<void(std::uint64_t from_seat, std::uint64_t to_seat, BytesView frame)>;

    class Seat;

    /// `random` decides delays and bindings; both it and the loop outlive this and every channel.
    MemoryNetwork(Loop& loop, Random& random, Weather weather = {});
    ~MemoryNetwork() override;

    /// A port 0 becomes the next free one of that host.
    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(Address address,
                                                           const ServerIdentity& identity) override;
    [[nodiscard]] Task<std::unique_ptr<Channel>> dial(Address address,
                                                      RelayKey expected,
                                                      Deadline deadline) override;

    /// A place for one more machine; it may outlive the network.
    [[nodiscard]] std::unique_ptr<Seat> seat();

    /// Cuts every connection of the listener at `address`, as a killed relay does: what is under
    /// way is lost, and both ends learn that the peer is unreachable.
    void cut(const Address& address);

    /// Whether new calls to `address` get through.
    void set_dialing(const Address& address, Dialing dialing);

    void set_delays(Duration shortest, Duration longest);

    void set_tap(Tap tap);

    /// Open connections, all addresses together.
    [[nodiscard]] std::size_t connections() const;

  private:
    struct State;

    // Shared with listeners, channels and seats, which may be destroyed after the network.
    std::shared_ptr<State> state_;
};

/// One machine's place. What it dials and where it listens belongs to it.
class MemoryNetwork::Seat final : public Network {
  public:
    Seat(std::shared_ptr<State> state, std::uint64_t number);
    ~Seat() override;

    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(Address address,
                                                           const ServerIdentity& identity) override;
    [[nodiscard]] Task<std::unique_ptr<Channel>> dial(Address address,
                                                      RelayKey expected,
                                                      Deadline deadline) override;

    [[nodiscard]] std::uint64_t number() const { return number_; }

    /// Whoever is cut off hears and is heard by nobody; frames wait, and connections that wait too
    /// long die.
    void set_reach(Reach reach);
    /// Every connection dies; this machine knows it at once.
    void lose_connections(Parting parting);
    /// The machine is gone, with its connections and listeners, until revive().
    void crash(Parting parting);
    void revive();

  private:
    std::shared_ptr<State> state_;
    std::uint64_t number_;
};

}  // namespace cercle::net
