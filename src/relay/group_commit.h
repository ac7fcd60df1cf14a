// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Group commit: all that arrived while the disk was busy goes to it in one transaction.
//
//     intake --submit--> waiting --run--> [ decide, decide, decide ] commit --> deliver --> fan-out
//
// One batch is at the disk and the next one stands behind it, so that the disk's thread need not
// wait for the loop. What arrives while it stands there joins it, until the disk's thread takes it
// up.
//
// An answer leaves only after its transaction is on disk. A request that is refused takes
// nothing of its neighbours with it; a store that fails, fails the whole batch, and every
// request in it hears so. What only looks does not wait for the disk to sync, unless its own
// session has writes before it.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/diary.h"
#include "net/event.h"
#include "net/task_group.h"
#include "net/worker.h"
#include "relay/decide.h"
#include "relay/tally.h"
#include "relay/terms.h"

namespace cercle::relay {

using SessionNumber = Number<struct SessionTag>;

struct Job {
    SessionNumber session;
    protocol::RequestNumber number;
    Asker asker;
    protocol::RequestBody request;
    std::size_t size;  // of its frame
};

enum class Lane : std::uint8_t { Look, Write };

/// What a relay writes for the present moment.
[[nodiscard]] Stamp stamp_of(const Clock& clock);

class GroupCommit {
  public:
    using Deliver = std::move_only_function<void(const Job&, Lane, Result<Answer>)>;

    /// All are borrowed. `deliver` is called on the loop's thread, in the order of the batch.
    GroupCommit(net::Loop& loop,
                const Clock& clock,
                LogStore& store,
                Diary& diary,
                Deliver deliver,
                Terms terms = {});

    /// Errors: too_many when too much waits already; closing.
    Result<void> submit(Job job, Lane lane);

    /// Works until close(), and then until everything accepted is answered.
    [[nodiscard]] net::Task<void> run();

    void close();

    /// Work on the store that is no request: a session's admission, sweeping.
    template <class Work>
    [[nodiscard]] auto work_beside(Work work) {
        return worker_.run(std::move(work));
    }

    [[nodiscard]] LogStore& store() { return store_; }

    [[nodiscard]] const Clock& clock() const { return clock_; }

    [[nodiscard]] Tally& tally() { return tally_; }

  private:
    using Jobs = std::vector<Job>;
    using Answers = std::vector<Result<Answer>>;

    /// Of one lane. Whoever shuts its door has the jobs for himself from then on.
    struct Batch {
        std::mutex door;
        bool shut = false;
        Jobs jobs;
        std::size_t bytes = 0;

        void close();
    };

    [[nodiscard]] std::shared_ptr<Batch> take(std::deque<Job>& waiting);
    Result<void> start(std::deque<Job>& waiting, Lane lane);
    [[nodiscard]] bool join_last(Job& job, Lane lane);
    [[nodiscard]] net::Task<void> see_through(std::shared_ptr<Batch> batch, Lane lane);
    [[nodiscard]] net::Task<void> work_off(std::shared_ptr<Batch> batch, Lane lane);
    [[nodiscard]] net::Task<void> put_away();
    [[nodiscard]] Result<void> find_room(std::size_t requests);

    const Clock& clock_;
    LogStore& store_;
    Diary& diary_;
    Deliver deliver_;
    Terms terms_;
    Tally tally_;
    bool full_ = false;  // and the diary says so
    net::Worker worker_;
    net::TaskGroup batches_;
    net::Signal changed_;
    std::deque<Job> looks_;
    std::deque<Job> writes_;
    std::shared_ptr<Batch> last_;  // that was started, if it writes
    std::size_t bytes_waiting_ = 0;
    std::size_t under_way_ = 0;  // batches, of both lanes
    bool closed_ = false;
};

}  // namespace cercle::relay
