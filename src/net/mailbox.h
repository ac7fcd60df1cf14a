// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Mailbox: a bounded queue between tasks of one loop.

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "net/event.h"

namespace cercle::net {

template <class T>
class Mailbox {
  public:
    Mailbox(Loop& loop, std::size_t capacity)
        : changed_(loop),
          capacity_(capacity) {}

    /// Errors: busy when it is full, closing when it is closed.
    [[nodiscard]] Result<void> push(T item) {
        if (closed_) return fail(Code::closing, "the mailbox is closed");
        if (items_.size() >= capacity_) return fail(Code::busy, "the mailbox is full");
        items_.push_back(std::move(item));
        changed_.notify_all();
        return {};
    }

    /// The same, waiting for room. Errors: deadline_passed, closing.
    [[nodiscard]] Task<void> push(T item, Deadline deadline) {
        while (!closed_ && items_.size() >= capacity_) {
            CO_TRY_VOID(co_await changed_.wait(deadline));
        }
        co_return push(std::move(item));
    }

    /// The oldest item; what was pushed before close() is still handed out after it.
    /// Errors: deadline_passed, closing.
    [[nodiscard]] Task<T> pop(Deadline deadline) {
        while (items_.empty()) {
            if (closed_) co_return fail(Code::closing, "the mailbox is closed");
            CO_TRY_VOID(co_await changed_.wait(deadline));
        }
        co_return *take();
    }

    /// The oldest item, if there is one.
    [[nodiscard]] std::optional<T> take() {
        if (items_.empty()) return std::nullopt;
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        changed_.notify_all();
        return item;
    }

    void close() {
        closed_ = true;
        changed_.notify_all();
    }

    [[nodiscard]] std::size_t size() const { return items_.size(); }

    [[nodiscard]] bool closed() const { return closed_; }

  private:
    Signal changed_;
    std::deque<T> items_;
    std::size_t capacity_;
    bool closed_ = false;
};

}  // namespace cercle::net
