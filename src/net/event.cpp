// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/event.h"

#include <functional>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace cercle::net {
namespace asio = boost::asio;

/// Lives in the frame of the waiting task, and is listed until its outcome is known. It is still
/// there between that moment and the task's next step, while the Signal may be gone by then.
struct Signal::Waiter {
    explicit Waiter(Signal* waited_for)
        : signal(waited_for) {}

    Signal* signal;
    std::move_only_function<void(Outcome)> resume;
    Timer timer;
    Waiter* before = nullptr;
    Waiter* after = nullptr;
    bool listed = false;

    void list() {
        before = std::exchange(signal->last_, this);
        (before == nullptr ? signal->first_ : before->after) = this;
        listed = true;
    }

    void finish(Outcome outcome) {
        if (!listed) return;
        listed = false;
        (before == nullptr ? signal->first_ : before->after) = after;
        (after == nullptr ? signal->last_ : after->before) = before;
        timer.cancel();
        // Posted, so that nobody runs inside a notify.
        asio::post(signal->loop_.context(),
                   [handler = std::move(resume), outcome]() mutable { handler(outcome); });
    }
};

// Not asio::any_completion_handler, which would take the handler's cancellation slot for itself.
template <class Continuation>
static auto resumption(Continuation handler) {
    return [handler = std::move(handler)](auto outcome) mutable { std::move(handler)(outcome); };
}

Signal::~Signal() {
    while (first_ != nullptr)
        first_->finish(Outcome::Closing);
}

Task<void> Signal::wait(Deadline deadline) {
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        co_return fail(Code::closing, "the task was cancelled");
    }
    if (deadline.passed(loop_.clock())) {
        co_return fail(Code::deadline_passed, "the deadline has passed");
    }
    Waiter waiter(this);
    const Outcome outcome = co_await asio::async_initiate<const asio::deferred_t, void(Outcome)>(
        [&waiter, deadline](auto handler) {
            auto slot = asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected()) {
                slot.assign(
                    [&waiter](asio::cancellation_type) { waiter.finish(Outcome::Closing); });
            }
            waiter.resume = resumption(std::move(handler));
            waiter.timer = waiter.signal->loop_.timers().schedule(
                deadline, [&waiter] { waiter.finish(Outcome::DeadlinePassed); });
            waiter.list();
        },
        asio::deferred);
    // From here on, `this` may be gone.
    switch (outcome) {
        case Outcome::Notified:
            co_return Result<void>{};
        case Outcome::DeadlinePassed:
            co_return fail(Code::deadline_passed, "the deadline has passed");
        case Outcome::Closing:
            break;
    }
    co_return fail(Code::closing, "the wait was ended");
}

asio::awaitable<void> Signal::wait_for_certain() {
    Waiter waiter(this);
    co_await asio::async_initiate<const asio::deferred_t, void(Outcome)>(
        [&waiter](auto handler) {
            waiter.resume = resumption(std::move(handler));
            waiter.list();
        },
        asio::deferred);
}

void Signal::notify_one() {
    if (first_ != nullptr) first_->finish(Outcome::Notified);
}

void Signal::notify_all() {
    while (first_ != nullptr)
        first_->finish(Outcome::Notified);
}

Task<void> Event::wait(Deadline deadline) {
    while (!set_)
        CO_TRY_VOID(co_await signal_.wait(deadline));
    co_return Result<void>{};
}

void Event::set() {
    set_ = true;
    signal_.notify_all();
}

}  // namespace cercle::net
