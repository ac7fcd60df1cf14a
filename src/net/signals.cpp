// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/signals.h"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/event.h"

namespace cercle::net {

struct StopSignals::State {
    explicit State(Loop& loop)
        : signals(loop.context(), SIGINT, SIGTERM),
          came(loop) {
        signals.async_wait([this](const boost::system::error_code& error, int /*signal*/) {
            if (error) return;  // being destroyed
            signals.clear();
            came.set();
        });
    }

    boost::asio::signal_set signals;
    Event came;
};

StopSignals::StopSignals(Loop& loop)
    : state_(std::make_unique<State>(loop)) {}

StopSignals::~StopSignals() = default;

Task<void> StopSignals::wait() {
    co_return co_await state_->came.wait(Deadline::never());
}

struct HangupSignal::State {
    explicit State(Loop& loop)
        : signals(loop.context(), SIGHUP),
          came(loop) {
        listen();
    }

    void listen() {
        signals.async_wait([this](const boost::system::error_code& error, int /*signal*/) {
            if (error) return;  // being destroyed
            came.set();
            listen();
        });
    }

    boost::asio::signal_set signals;
    Event came;
};

HangupSignal::HangupSignal(Loop& loop)
    : state_(std::make_unique<State>(loop)) {}

HangupSignal::~HangupSignal() = default;

Task<void> HangupSignal::wait() {
    CO_TRY_VOID(co_await state_->came.wait(Deadline::never()));
    state_->came.reset();
    co_return Result<void>{};
}

}  // namespace cercle::net
