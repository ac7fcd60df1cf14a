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
          const Identity& identity,
          Terms its_terms)
        : loop(its_loop),
          listener(std::move(its_listener)),
          has_memory(its_terms.has_memory),
          board(its_loop, clock, store, diary, identity, std::move(its_terms)),
          committed(its_loop),
          working(its_loop, diary),
          accepting(its_loop, diary),
          sessions(its_loop, diary) {}

    net::Loop& loop;
    std::unique_ptr<net::Listener> listener;
    std::function<bool()> has_memory;
    // What uses the store's connection ends on the thread that uses it, or after that thread.
    std::unique_ptr<StoreCopy> copy;
    bool copying = false;
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
            if (channel.has_value() && !has_memory()) {
                ++board.tally().sessions_turned_away;
            } else if (channel.has_value()) {
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
        if (!board.enter(session).has_value()) {
            ++board.tally().sessions_turned_away;
            co_return Result<void>{};
        }
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
                                              Diary& diary,
                                              Terms terms) {
    std::optional<Identity> circle;
    TRY_VOID(store.look([&circle](LogTables& tables) -> Result<void> {
        TRY(circle, tables.identity());
        return {};
    }));
    TRY(auto listener, network.listen(address, identity));
    const Retention retention = terms.retention;
    auto state = std::make_unique<State>(
        loop, clock, std::move(listener), store, diary, *circle, std::move(terms));
    state->board.sign_with(identity);
    TRY_VOID(state->working.spawn(state->commit()));
    TRY_VOID(state->working.spawn(state->board.keep_swept(loop)));
    TRY_VOID(state->working.spawn(state->board.keep_trimmed(loop, retention)));
    TRY_VOID(state->accepting.spawn(state->accept()));
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

net::Address Server::address() const {
    return state_->listener->address();
}

std::size_t Server::sessions() const {
    return state_->board.sessions();
}

const Tally& Server::tally() const {
    return state_->board.tally();
}

net::Task<void> Server::look(LogStore::Work work) {
    Switchboard& board = state_->board;
    co_return co_await board.work_beside([&board, &work] { return board.store().look(work); });
}

net::Task<void> Server::copy_store(std::filesystem::path target) {
    State& state = *state_;
    if (state.copying) co_return fail(Code::busy, "a copy of the store is being made already");
    state.copying = true;
    const auto copied = co_await copy_all(target);
    state.copying = false;
    co_return copied;
}

net::Task<void> Server::copy_all(const std::filesystem::path& target) {
    State& state = *state_;
    CO_TRY_VOID(co_await state.board.work_beside([&state, &target]() -> Result<void> {
        state.copy.reset();  // one that was cancelled
        TRY(state.copy, state.board.store().begin_copy(target));
        return {};
    }));
    while (true) {
        CO_TRY(const auto progress,
               co_await state.board.work_beside([&state] { return state.copy->next(); }));
        if (progress == StoreCopy::Progress::Finished) break;
    }
    co_return co_await state.board.work_beside([&state]() -> Result<void> {
        state.copy.reset();
        return {};
    });
}

Result<void> Server::show(const net::ServerIdentity& identity) {
    TRY_VOID(state_->listener->show(identity));
    state_->board.sign_with(identity);
    return {};
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
