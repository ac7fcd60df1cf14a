// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// MemoryNetwork: a network inside one process, on a virtual loop. Frames take a random time within
// bounds, from the given randomness, and arrive in order; the tests can cut and refuse.

#include <cstddef>
#include <cstdint>
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
};

class MemoryNetwork final : public Network {
  public:
    enum class Dialing : std::uint8_t { Answered, Refused };

    /// `random` decides delays and bindings; both it and the loop outlive this and every channel.
    MemoryNetwork(Loop& loop, Random& random, Weather weather = {});
    ~MemoryNetwork() override;

    /// A port 0 becomes the next free one of that host.
    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(Address address,
                                                           const ServerIdentity& identity) override;
    [[nodiscard]] Task<std::unique_ptr<Channel>> dial(Address address,
                                                      RelayKey expected,
                                                      Deadline deadline) override;

    /// Cuts every connection of the listener at `address`, as a killed relay does: what is under
    /// way is lost, and both ends learn that the peer is unreachable.
    void cut(const Address& address);

    /// Whether new calls to `address` get through.
    void set_dialing(const Address& address, Dialing dialing);

    /// Open connections, all addresses together.
    [[nodiscard]] std::size_t connections() const;

  private:
    struct State;

    // Shared with listeners and channels, which may be destroyed after the network.
    std::shared_ptr<State> state_;
};

}  // namespace cercle::net
