// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Server: a relay at work. Accepts connections, gives each a session, and stops in good order.

#include <memory>

#include "base/clock.h"
#include "base/diary.h"
#include "net/channel.h"
#include "net/loop.h"
#include "relay/log.h"

namespace cercle::relay {

class Server {
  public:
    /// Listens at `address` under `identity`. All references outlive the server, and belong to
    /// `loop`; the store is used by the server alone from now on. `clock` says what entries are
    /// stamped with.
    /// Errors: as Network::listen, and those of the store.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(net::Loop& loop,
                                                               const Clock& clock,
                                                               net::Network& network,
                                                               const net::Address& address,
                                                               const net::ServerIdentity& identity,
                                                               LogStore& store,
                                                               Diary& diary);

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Where it listens, with the real port.
    [[nodiscard]] net::Address address() const;

    [[nodiscard]] std::size_t sessions() const;

    /// Accepts nothing more, commits and answers what it has accepted, says goodbye. To be
    /// awaited before the server is destroyed.
    [[nodiscard]] net::Task<void> stop();

  private:
    struct State;

    explicit Server(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::relay
