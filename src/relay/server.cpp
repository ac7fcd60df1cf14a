// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/server.h"

#include <utility>

#include "net/task_group.h"
#include "relay/bounds.h"
#include "relay/switchboard.h"

namespace cercle::relay {

struct Server::State {
    State(net::Loop& its_loop,
          const Clock& clock,
          std::unique_ptr<net::Listener> its_listener,
          LogStore& store,
          Diary& diary,
          const Identity& identity)
        : loop(its_loop),
          listener(std::move(its_listener)),
          board(its_loop, clock, store, diary, identity),
          committed(its_loop),
          working(its_loop, diary),
          accepting(its_loop, diary),
          sessions(its_loop, diary) {}

    net::Loop& loop;
    std::unique_ptr<net::Listener> listener;
    Switchboard board;
    net::Event committed;  // everything accepted is answered
    net::TaskGroup working;
    net::TaskGroup accepting;
    net::TaskGroup sessions;

    net::Task<void> commit() {
        const auto outcome = co_await board.run();
        committed.set();
        co_return outcome;
    }

    net::Task<void> accept() {
        constexpr Duration breath{100};
        while (true) {
            auto channel = co_await listener->accept();
            if (channel.has_value()) {
                static_cast<void>(sessions.spawn(serve(*std::move(channel))).has_value());
            } else if (channel.error().code == Code::closing) {
                co_return Result<void>{};
            } else {
                // Out of descriptors, say: established sessions go on, newcomers wait.
                board.diary().fault(channel.error());
                CO_TRY_VOID(co_await loop.wait_until(loop.in(breath)));
            }
        }
    }

    net::Task<void> serve(std::unique_ptr<net::Channel> channel) {
        Session session(board, loop, *channel);
        // Turned away without a word: a stranger who finds no room learns nothing more.
        if (!board.enter(session).has_value()) co_return Result<void>{};
        [[maybe_unused]] const auto life = co_await session.live();
        board.leave(session);
        co_return Result<void>{};
    }
};

Server::Server(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(net::Loop& loop,
                                              const Clock& clock,
                                              net::Network& network,
                                              const net::Address& address,
                                              const net::ServerIdentity& identity,
                                              LogStore& store,
                                              Diary& diary) {
    std::optional<Identity> circle;
    TRY_VOID(store.look([&circle](LogTables& tables) -> Result<void> {
        TRY(circle, tables.identity());
        return {};
    }));
    TRY(auto listener, network.listen(address, identity));
    auto state = std::make_unique<State>(loop, clock, std::move(listener), store, diary, *circle);
    TRY_VOID(state->working.spawn(state->commit()));
    TRY_VOID(state->working.spawn(state->board.keep_swept(loop)));
    TRY_VOID(state->accepting.spawn(state->accept()));
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

net::Address Server::address() const {
    return state_->listener->address();
}

std::size_t Server::sessions() const {
    return state_->board.sessions();
}

net::Task<void> Server::stop() {
    State& state = *state_;
    state.listener->close();
    [[maybe_unused]] const auto refused = co_await state.accepting.close();
    state.board.drain();
    // However long the disk takes: what was accepted is committed, and its outcome said.
    [[maybe_unused]] const auto committed = co_await state.committed.wait(net::Deadline::never());
    state.board.finish_sessions();
    const auto patience = state.loop.in(bounds::patience_for_drain);
    [[maybe_unused]] const auto emptied = co_await state.board.wait_until_empty(patience);
    [[maybe_unused]] const auto left = co_await state.sessions.close();
    co_return co_await state.working.close();
}

}  // namespace cercle::relay
