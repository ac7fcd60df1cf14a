// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pipeline: several requests under way at once, whose results come in order. What a long line to
// the relay makes slow one by one (chunks, there and back), it does beside each other.

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "base/check.h"
#include "client/world.h"
#include "net/event.h"
#include "net/task_group.h"

namespace cercle::client {

template <class T>
class Pipeline {
  public:
    using Work = std::function<net::Task<T>(std::size_t)>;

    /// Does `work(first)` to `work(end - 1)`, at most `width` at a time. What `work` refers to
    /// outlives this.
    Pipeline(World& world, Work work, std::size_t first, std::size_t end, std::size_t width)
        : work_(std::move(work)),
          next_(first),
          end_(end),
          width_(width),
          changed_(world.loop),
          tasks_(world.loop, world.diary) {}

    /// The next result. Requires that there is one left.
    [[nodiscard]] net::Task<T> next() {
        CO_TRY_VOID(fill());
        CHECK(!under_way_.empty(), "a pipeline was asked for more than it holds");
        while (!under_way_.front().result)
            CO_TRY_VOID(co_await changed_.wait(net::Deadline::never()));
        Result<T> result = *std::move(under_way_.front().result);
        under_way_.pop_front();
        if (result) CO_TRY_VOID(fill());
        co_return result;
    }

    /// Cancels what is under way; must be awaited before destruction.
    [[nodiscard]] net::Task<void> close() { co_return co_await tasks_.close(); }

  private:
    struct Place {
        std::optional<Result<T>> result;
    };

    [[nodiscard]] Result<void> fill() {
        while (under_way_.size() < width_ && next_ < end_) {
            Place& place = under_way_.emplace_back();
            TRY_VOID(tasks_.spawn(fetch(next_++, place)));
        }
        return {};
    }

    [[nodiscard]] net::Task<void> fetch(std::size_t number, Place& place) {
        place.result = co_await work_(number);
        changed_.notify_all();
        co_return Result<void>();
    }

    Work work_;
    std::size_t next_;
    std::size_t end_;
    std::size_t width_;
    std::deque<Place> under_way_;  // whose places stay where they are
    net::Signal changed_;
    net::TaskGroup tasks_;
};

}  // namespace cercle::client
