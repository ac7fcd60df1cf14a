// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TaskGroup: the owner of tasks that run beside each other. Nothing that it owns outlives it.
//
// It refuses new work once it is closing; close() cancels all and waits for them; destroying it
// while a task is still inside is a bug and ends the process. (Seastar's gate is its model.)

#include <cstddef>
#include <functional>
#include <list>
#include <memory>

#include "base/diary.h"
#include "net/event.h"

namespace cercle::net {

class TaskGroup {
  public:
    using OnError = std::move_only_function<void(const Error&)>;

    /// `on_error` hears what a task ends in, other than success or Code::closing.
    TaskGroup(Loop& loop, OnError on_error);
    /// The same, written into the diary, which has to live longer.
    TaskGroup(Loop& loop, Diary& diary);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// The task starts soon, not inside this call. Errors: closing, and the task is dropped unrun.
    Result<void> spawn(Task<void> task);

    /// Refuses new work and cancels all there is, without waiting for it.
    void cancel();

    /// cancel(), and waits until the last task has ended, even if the caller is cancelled too.
    /// Never from inside one of its own tasks: that would wait for itself.
    [[nodiscard]] Task<void> close();

    [[nodiscard]] std::size_t size() const { return running_.size(); }

    [[nodiscard]] bool closing() const { return closing_; }

    [[nodiscard]] Loop& loop() const { return ended_.loop(); }

  private:
    struct Running;
    using Place = std::list<std::unique_ptr<Running>>::iterator;

    void leave(Place place);
    boost::asio::awaitable<void> shelter(Task<void> task);

    Signal ended_;
    OnError on_error_;
    std::list<std::unique_ptr<Running>> running_;
    bool closing_ = false;
};

}  // namespace cercle::net
