// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/event.h"

namespace cercle::net {
namespace asio = boost::asio;

namespace {

/// Its members lie in the frame of the awaiting task, which stays until `ended` is told.
struct Job {
    std::move_only_function<void()> work;
    Signal ended;
    bool done = false;

    /// On the worker's thread.
    void perform() noexcept {
        try {
            work();
        } catch (...) {  // the caller finds no result
            return;
        }
    }

    /// On the loop's.
    void tell() {
        done = true;
        ended.notify_all();
    }
};

}  // namespace

struct Worker::State {
    State(Loop& home, std::size_t bound)
        : loop(home),
          most_waiting(bound) {
        if (loop.kind() == Loop::Kind::Real) thread = std::thread([this] { perform_all(); });
    }

    ~State() {
        {
            const std::scoped_lock guard(mutex);
            ending = true;
        }
        changed.notify_all();
        if (thread.joinable()) thread.join();
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    [[nodiscard]] bool accept(Job& job) {
        if (loop.kind() == Loop::Kind::Virtual) {
            loop.post([&job] {
                job.perform();
                job.tell();
            });
            return true;
        }
        {
            const std::scoped_lock guard(mutex);
            if (waiting.size() >= most_waiting) return false;
            waiting.push_back(&job);
        }
        changed.notify_one();
        return true;
    }

    void perform_all() {
        std::unique_lock guard(mutex);
        while (true) {
            changed.wait(guard, [this] { return ending || !waiting.empty(); });
            if (waiting.empty()) return;
            Job& job = *waiting.front();
            waiting.pop_front();
            guard.unlock();
            job.perform();
            loop.post([&job] { job.tell(); });
            guard.lock();
        }
    }

    Loop& loop;
    std::size_t most_waiting;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job*> waiting;
    bool ending = false;
    std::thread thread;  // last: it uses all the others
};

Worker::Worker(Loop& loop, std::size_t most_waiting)
    : state_(std::make_unique<State>(loop, most_waiting)) {}

Worker::~Worker() = default;

Task<void> Worker::run_job(std::move_only_function<void()> work) {
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        co_return fail(Code::closing, "the task was cancelled before its work began");
    }
    Job job{.work = std::move(work), .ended = Signal(state_->loop)};
    if (!state_->accept(job)) co_return fail(Code::busy, "too much work waits already");
    while (!job.done)
        co_await job.ended.wait_for_certain();
    co_return Result<void>{};
}

}  // namespace cercle::net
