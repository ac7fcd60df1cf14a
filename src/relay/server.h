// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Server: a relay at work. Accepts connections, gives each a session, and stops in good order.

#include <memory>

#include "base/clock.h"
#include "base/diary.h"
#include "net/channel.h"
#include "net/loop.h"
#include "relay/log.h"
#include "relay/tally.h"
#include "relay/terms.h"

namespace cercle::relay {

class Server {
  public:
    /// Listens at `address` under `identity`. All references outlive the server, and belong to
    /// `loop`; the store is used by the server alone from now on. `clock` says what entries are
    /// stamped with, and `retention` how long they are kept if nobody acknowledges them.
    /// Errors: as Network::listen, and those of the store.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(net::Loop& loop,
                                                               const Clock& clock,
                                                               net::Network& network,
                                                               const net::Address& address,
                                                               const net::ServerIdentity& identity,
                                                               LogStore& store,
                                                               Diary& diary,
                                                               Terms terms = {});

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Where it listens, with the real port.
    [[nodiscard]] net::Address address() const;

    [[nodiscard]] std::size_t sessions() const;

    [[nodiscard]] const Tally& tally() const;

    /// Looks at the store between the requests of others. That it ends shows that loop and store
    /// are alive. `work` is as in LogStore::look.
    [[nodiscard]] net::Task<void> look(LogStore::Work work);

    /// Copies the store into a new file, piece by piece, between the requests of others.
    /// Errors: busy when another copy is being made, and those of LogStore::begin_copy.
    [[nodiscard]] net::Task<void> copy_store(std::filesystem::path target);

    /// Newcomers meet this identity from now on; sessions that are there go on. Errors:
    /// library_fault.
    Result<void> show(const net::ServerIdentity& identity);

    /// Accepts nothing more, commits and answers what it has accepted, says goodbye. To be
    /// awaited before the server is destroyed.
    [[nodiscard]] net::Task<void> stop();

  private:
    struct State;

    [[nodiscard]] net::Task<void> copy_all(const std::filesystem::path& target);

    explicit Server(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::relay
