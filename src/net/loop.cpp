// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/loop.h"

#include <algorithm>
#include <exception>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/check.h"
#include "net/event.h"

namespace cercle::net {
namespace asio = boost::asio;

namespace {

/// Sleeps in the operating system until the next call is due.
class RealTimers final : public Timers {
  public:
    void attach(asio::steady_timer* sleeper, const Clock* clock) {
        sleeper_ = sleeper;
        clock_ = clock;
    }

    void detach() { sleeper_ = nullptr; }

  protected:
    void rearm() override {
        // One that wakes too early, since its call was cancelled, finds nothing and sleeps again.
        if (sleeper_ != nullptr && next().at < sleeping_until_) rest();
    }

  private:
    /// Bounded, because the operating system counts in nanoseconds, which end sooner.
    static constexpr Duration longest_sleep = std::chrono::hours{1};

    void rest() {
        sleeping_until_ = std::min(next().at, clock_->steady() + longest_sleep);
        sleeper_->expires_at(sleeping_until_);
        sleeper_->async_wait([this](const boost::system::error_code& error) {
            if (!error) wake();
        });
    }

    void wake() {
        sleeping_until_ = SteadyTime::min();  // no rearming while the calls are made
        const SteadyTime now = clock_->steady();
        while (fire_one(now)) {
        }
        sleeping_until_ = SteadyTime::max();
        if (next() != Deadline::never()) rest();
    }

    asio::steady_timer* sleeper_ = nullptr;
    const Clock* clock_ = nullptr;
    SteadyTime sleeping_until_ = SteadyTime::max();
};

class VirtualTimers final : public Timers {};

asio::awaitable<void> obedient(asio::awaitable<void> task) {
    // Cancellation is told by Code::closing, at the waits, never thrown.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
}

}  // namespace

struct Loop::State {
    State(Kind wanted, WallTime start)
        : kind(wanted),
          manual(start) {
        if (kind == Kind::Real) real_timers.attach(&sleeper, &system);
    }

    ~State() { real_timers.detach(); }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Kind kind;
    SystemClock system;
    ManualClock manual;
    // Before the context: tasks that are dropped with it still cancel their timers.
    RealTimers real_timers;
    VirtualTimers virtual_timers;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    asio::steady_timer sleeper{context};
};

Loop::Loop(Kind kind, WallTime start)
    : state_(std::make_unique<State>(kind, start)) {}

Loop::~Loop() = default;

void Loop::run() {
    if (state_->kind == Kind::Real) {
        state_->context.run();
    } else {
        do {
            poll();
        } while (!state_->context.stopped() && turn_clock(Deadline::never()));
    }
    state_->context.restart();
}

void Loop::stop() noexcept {
    state_->context.stop();
}

void Loop::run_for(Duration span) {
    const Deadline limit = in(span);
    if (state_->kind == Kind::Real) {
        poll();  // run_for(0) would not even look
        state_->context.run_for(span);
        state_->context.restart();
        return;
    }
    do {
        poll();
    } while (turn_clock(limit));
    if (limit.at > clock().steady()) state_->manual.advance(limit.at - clock().steady());
}

void Loop::post(std::move_only_function<void()> call) {
    asio::post(state_->context, std::move(call));
}

const Clock& Loop::clock() const {
    if (state_->kind == Kind::Real) return state_->system;
    return state_->manual;
}

Timers& Loop::timers() {
    if (state_->kind == Kind::Real) return state_->real_timers;
    return state_->virtual_timers;
}

Loop::Kind Loop::kind() const {
    return state_->kind;
}

asio::io_context& Loop::context() {
    return state_->context;
}

Task<void> Loop::wait_until(Deadline deadline) {
    Signal nobody(*this);
    auto woken = co_await nobody.wait(deadline);
    if (!woken && woken.error().code == Code::deadline_passed) co_return Result<void>{};
    co_return woken;
}

void Loop::drive(asio::awaitable<void> task) {
    bool done = false;
    bool cancelled = false;
    std::exception_ptr thrown;
    asio::cancellation_signal cancellation;
    asio::co_spawn(state_->context,
                   obedient(std::move(task)),
                   asio::bind_cancellation_slot(cancellation.slot(),
                                                [&done, &thrown](std::exception_ptr exception) {
                                                    done = true;
                                                    thrown = std::move(exception);
                                                }));
    while (!done) {
        bool stuck = false;
        if (state_->kind == Kind::Real) {
            state_->context.run_one();
        } else {
            poll();
            stuck = !done && !turn_clock(Deadline::never());
        }
        if (stuck || state_->context.stopped()) {
            CHECK(!(stuck && cancelled), "a task neither ends nor can be cancelled");
            state_->context.restart();
            cancellation.emit(asio::cancellation_type::terminal);
            cancelled = true;
        }
    }
    if (thrown && !cancelled) std::rethrow_exception(thrown);
}

void Loop::poll() {
    state_->context.poll();
}

bool Loop::turn_clock(Deadline limit) {
    const Deadline next = timers().next();
    if (next == Deadline::never() || next > limit) return false;
    const SteadyTime now = clock().steady();
    if (next.at > now) state_->manual.advance(next.at - now);
    return timers().fire_one(clock().steady());
}

}  // namespace cercle::net
