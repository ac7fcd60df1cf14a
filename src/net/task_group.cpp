// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/task_group.h"

#include <exception>
#include <iterator>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/check.h"

namespace cercle::net {
namespace asio = boost::asio;

struct TaskGroup::Running {
    asio::cancellation_signal cancellation;
};

TaskGroup::TaskGroup(Loop& loop, OnError on_error)
    : ended_(loop),
      on_error_(std::move(on_error)) {}

TaskGroup::TaskGroup(Loop& loop, Diary& diary)
    : TaskGroup(loop, [&diary](const Error& error) { diary.fault(error); }) {}

TaskGroup::~TaskGroup() {
    CHECK(running_.empty(), "a task group was destroyed while a task of it runs");
}

Result<void> TaskGroup::spawn(Task<void> task) {
    if (closing_) return fail(Code::closing, "the task group is closing");
    const Place place = running_.insert(running_.end(), std::make_unique<Running>());
    asio::co_spawn(
        loop().context(),
        shelter(std::move(task)),
        asio::bind_cancellation_slot((*place)->cancellation.slot(),
                                     [this, place](const std::exception_ptr&) { leave(place); }));
    return {};
}

void TaskGroup::cancel() {
    closing_ = true;
    // A cancelled wait ends after this, not inside it: the list does not change meanwhile.
    for (const auto& running : running_) {
        running->cancellation.emit(asio::cancellation_type::terminal);
    }
}

Task<void> TaskGroup::close() {
    cancel();
    while (!running_.empty())
        co_await ended_.wait_for_certain();
    co_return Result<void>{};
}

void TaskGroup::leave(Place place) {
    // The signal goes a little later: the coroutine that ends here still knows its slot.
    loop().post([ended = std::move(*place)] {});
    running_.erase(place);
    ended_.notify_all();
}

asio::awaitable<void> TaskGroup::shelter(Task<void> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(asio::deferred);  // nobody runs inside a spawn
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;
    try {
        const Result<void> result = co_await std::move(task);
        if (!result && result.error().code != Code::closing) on_error_(result.error());
    } catch (...) {
        on_error_(fail(Code::library_fault, "a task ended by an exception").error());
    }
}

}  // namespace cercle::net
