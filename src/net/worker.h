// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Worker: one thread for work that blocks (SQL, files), so that a loop never does.
//
//     CO_TRY(auto entries, co_await worker.run([&log] { return log.read(); }));
//
// Work runs in the order given, one piece at a time, so that what only one worker touches needs
// no lock. On a virtual loop there is no thread: the work is done on the loop, in the same order.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "net/loop.h"

namespace cercle::net {

class Worker {
  public:
    explicit Worker(Loop& loop, std::size_t most_waiting = 4096);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Finishes the work it has accepted, and joins.
    ~Worker();

    /// `work` returns a Result<T>, and runs to its end even if the caller is cancelled meanwhile:
    /// the outcome of a transaction is never unknown. What it refers to has to live until then,
    /// which locals of the awaiting task do. Errors: busy when too much waits, closing when the
    /// caller was cancelled before, else what `work` says.
    template <class Work>
    [[nodiscard]] auto run(Work work) -> Task<typename std::invoke_result_t<Work&>::value_type> {
        std::optional<std::invoke_result_t<Work&>> result;
        CO_TRY_VOID(co_await run_job([&result, &work] { result.emplace(work()); }));
        if (!result) co_return fail(Code::library_fault, "the work ended by an exception");
        co_return *std::move(result);
    }

  private:
    struct State;

    [[nodiscard]] Task<void> run_job(std::move_only_function<void()> job);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::net
