// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Loop: the thread on which tasks run, with its clock and its timers.
//
// One loop, one thread: nothing that belongs to a loop may be touched from another thread, save
// by post() and stop(). Blocking work goes to a Worker. A relay that outgrows one loop runs
// several, each with its own listener on the same port.
//
// A virtual loop has no sockets and no real time: when nothing is left to do, its clock turns to
// the next timer. Whole systems run on one, in one thread, the same way each time.

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "net/task.h"
#include "net/timers.h"

namespace boost::asio {
class io_context;
}

namespace cercle::net {

class Loop {
  public:
    enum class Kind : std::uint8_t { Real, Virtual };

    /// `start` is what the clock of a virtual loop shows at first; a real one ignores it.
    explicit Loop(Kind kind, WallTime start = WallTime{});
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    /// Everything that belongs to the loop (workers, channels, task groups) has to go before it.
    ~Loop();

    /// Runs tasks until stop(). A virtual loop also returns when nothing will ever happen again.
    void run();

    /// Ends run(). From any thread.
    void stop() noexcept;

    /// Runs this task, and whatever else there is to do meanwhile, until it ends. On a virtual loop
    /// on which nothing will ever happen again, the task is cancelled.
    template <class T>
    [[nodiscard]] Result<T> run_until(Task<T> task) {
        std::optional<Result<T>> result;
        drive(keep(std::move(task), result));
        if (!result) return fail(Code::closing, "the task was dropped by its loop");
        return *std::move(result);
    }

    /// Runs everything that happens in the next `span` of time.
    void run_for(Duration span);

    /// Calls `call` on the loop's thread, later. From any thread.
    void post(std::move_only_function<void()> call);

    [[nodiscard]] const Clock& clock() const;

    [[nodiscard]] Timers& timers();

    /// `patience` from now.
    [[nodiscard]] Deadline in(Duration patience) const {
        return Deadline::after(clock(), patience);
    }

    /// Ends well at the deadline. Errors: closing.
    [[nodiscard]] Task<void> wait_until(Deadline deadline);

    [[nodiscard]] Kind kind() const;

    /// For this folder.
    [[nodiscard]] boost::asio::io_context& context();

  private:
    struct State;

    template <class T>
    static boost::asio::awaitable<void> keep(Task<T> task, std::optional<Result<T>>& result) {
        result.emplace(co_await std::move(task));
    }

    void drive(boost::asio::awaitable<void> task);
    void poll();
    bool turn_clock(Deadline limit);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::net
