// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/group_commit.h"

#include <optional>
#include <utility>

#include "relay/bounds.h"

namespace cercle::relay {
namespace {

using Answers = std::vector<Result<Answer>>;

enum class Care : std::uint8_t { Enough, Utmost };

// Each request leaves its neighbours alone: one that could be refused half-way is decided within a
// savepoint, which costs a copy of every page that it touches. Others go without, as long as the
// store is sound.
Result<Answer> decide_apart(
    LogTables& tables, const Job& job, Stamp now, const Allowance& allowance, Care care) {
    if (care == Care::Enough && is_refused_before_writing(job.request)) {
        return decide(tables, job.asker, job.request, now, allowance);
    }
    std::optional<Answer> answer;
    TRY_VOID(tables.attempt([&]() -> Result<void> {
        TRY(answer, decide(tables, job.asker, job.request, now, allowance));
        return {};
    }));
    return *std::move(answer);
}

// One transaction for all. Errors: those of the store; store_corrupt, if that showed half-way
// through a request that had no savepoint.
Result<void> decide_batch(LogStore& store,
                          const std::vector<Job>& jobs,
                          Stamp now,
                          const Allowance& allowance,
                          Care care,
                          Answers& answers) {
    return store.transact([&](LogTables& tables) -> Result<void> {
        for (const Job& job : jobs) {
            const std::uint64_t before = tables.rows_changed();
            auto answer = decide_apart(tables, job, now, allowance, care);
            if (!answer.has_value()) {
                const bool half_done = tables.rows_changed() != before;
                if (is_store_fault(answer.error().code)) return std::unexpected(answer.error());
                if (half_done && care == Care::Enough && is_refused_before_writing(job.request)) {
                    return fail(Code::store_corrupt, "a request was half written");
                }
            }
            answers.push_back(std::move(answer));
        }
        return {};
    });
}

Result<void> decide_all(LogStore& store,
                        const std::vector<Job>& jobs,
                        Stamp now,
                        const Allowance& allowance,
                        Answers& answers) {
    const auto done = decide_batch(store, jobs, now, allowance, Care::Enough, answers);
    if (done.has_value() || done.error().code != Code::store_corrupt) return done;
    // Undone, all of it; and whose rows are sound is served.
    answers.clear();
    return decide_batch(store, jobs, now, allowance, Care::Utmost, answers);
}

Result<void> look_up(LogStore& store,
                     const std::vector<Job>& jobs,
                     Stamp now,
                     const Allowance& allowance,
                     Answers& answers) {
    return store.look([&](LogTables& tables) -> Result<void> {
        for (const Job& job : jobs) {
            answers.push_back(decide(tables, job.asker, job.request, now, allowance));
        }
        return {};
    });
}

}  // namespace

Stamp stamp_of(const Clock& clock) {
    const auto since_1970 = clock.wall().time_since_epoch().count();
    return {since_1970 < 0 ? 0 : static_cast<std::uint64_t>(since_1970)};
}

GroupCommit::GroupCommit(net::Loop& loop,
                         const Clock& clock,
                         LogStore& store,
                         Diary& diary,
                         Deliver deliver,
                         Terms terms)
    : clock_(clock),
      store_(store),
      diary_(diary),
      deliver_(std::move(deliver)),
      terms_(std::move(terms)),
      worker_(loop),
      batches_(loop, diary),
      changed_(loop) {}

Result<void> GroupCommit::submit(Job job, Lane lane) {
    if (closed_) return fail(Code::closing, "the relay is going away");
    if (bytes_waiting_ + job.size > terms_.allowance.bytes_waiting ||
        looks_.size() + writes_.size() >= bounds::requests_waiting) {
        return fail(Code::too_many, "too much is waiting for the disk");
    }
    if (join_last(job, lane)) return {};
    bytes_waiting_ += job.size;
    (lane == Lane::Look ? looks_ : writes_).push_back(std::move(job));
    changed_.notify_all();
    return {};
}

void GroupCommit::close() {
    closed_ = true;
    changed_.notify_all();
}

void GroupCommit::Batch::close() {
    const std::scoped_lock guard(door);
    shut = true;
}

std::shared_ptr<GroupCommit::Batch> GroupCommit::take(std::deque<Job>& waiting) {
    auto batch = std::make_shared<Batch>();
    Jobs& jobs = batch->jobs;
    while (!waiting.empty() && jobs.size() < bounds::requests_per_batch &&
           (jobs.empty() || batch->bytes + waiting.front().size <= bounds::bytes_per_batch)) {
        batch->bytes += waiting.front().size;
        jobs.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    bytes_waiting_ -= batch->bytes;
    return batch;
}

// Nothing is overtaken by it: whatever was asked before is in that batch, or before it.
bool GroupCommit::join_last(Job& job, Lane lane) {
    if (lane != Lane::Write || last_ == nullptr || !looks_.empty() || !writes_.empty()) {
        return false;
    }
    const std::scoped_lock guard(last_->door);
    if (last_->shut || last_->jobs.size() >= bounds::requests_per_batch ||
        last_->bytes + job.size > bounds::bytes_per_batch) {
        return false;
    }
    last_->bytes += job.size;
    last_->jobs.push_back(std::move(job));
    return true;
}

net::Task<void> GroupCommit::run() {
    Result<void> ended;
    while (ended.has_value() && !(closed_ && looks_.empty() && writes_.empty())) {
        const bool idle = looks_.empty() && writes_.empty();
        if (idle || under_way_ >= bounds::batches_under_way) {
            ended = co_await changed_.wait(net::Deadline::never());
            continue;
        }
        // Both lanes in one breath: what a session asked first, the worker does first.
        ended = start(looks_, Lane::Look);
        if (ended.has_value()) ended = start(writes_, Lane::Write);
    }
    while (ended.has_value() && under_way_ > 0)
        ended = co_await changed_.wait(net::Deadline::never());
    [[maybe_unused]] const auto closed = co_await batches_.close();
    co_return ended;
}

Result<void> GroupCommit::find_room(std::size_t requests) {
    const bool full = !terms_.has_room();
    if (full != full_) {
        if (full) {
            diary_.warn("the disk has no room left: what writes is refused");
        } else {
            diary_.info("the disk has room again");
        }
    }
    full_ = full;
    if (!full) return {};
    tally_.refused_for_room += requests;
    return fail(Code::disk_full, "the disk has no room left");
}

Result<void> GroupCommit::start(std::deque<Job>& waiting, Lane lane) {
    if (waiting.empty()) return {};
    ++under_way_;
    auto batch = take(waiting);
    last_ = lane == Lane::Write ? batch : nullptr;
    return batches_.spawn(see_through(std::move(batch), lane));
}

// While the worker has one batch, the next one waits at its door: it need not wait for a loop that
// is busy with the answers of the last.
net::Task<void> GroupCommit::see_through(std::shared_ptr<Batch> batch, Lane lane) {
    auto done = co_await work_off(std::move(batch), lane);
    --under_way_;
    changed_.notify_all();
    if (done.has_value() && lane == Lane::Write) done = co_await put_away();
    co_return done;
}

net::Task<void> GroupCommit::put_away() {
    const auto done = co_await worker_.run([this] { return store_.put_away(); });
    if (!done.has_value()) {
        if (done.error().code == Code::closing) co_return std::unexpected(done.error());
        diary_.fault(done.error());
    }
    co_return Result<void>{};
}

net::Task<void> GroupCommit::work_off(std::shared_ptr<Batch> batch, Lane lane) {
    const Stamp now = stamp_of(clock_);
    const Jobs& jobs = batch->jobs;
    Answers answers;
    const SteadyTime begun = clock_.steady();
    Result<void> done = lane == Lane::Write ? find_room(jobs.size()) : Result<void>{};
    const bool tried = done.has_value();
    if (tried) {
        done = co_await worker_.run([&]() -> Result<void> {
            batch->close();
            answers.reserve(jobs.size());
            return lane == Lane::Look ? look_up(store_, jobs, now, terms_.allowance, answers)
                                      : decide_all(store_, jobs, now, terms_.allowance, answers);
        });
    }
    batch->close();  // also where the worker has not come to it
    if (lane == Lane::Write && done.has_value()) {
        tally_.batch.add(jobs.size());
        tally_.commit.add(static_cast<std::uint64_t>((clock_.steady() - begun).count()));
    }
    if (!done.has_value()) {
        // A full disk is said once, and not again with every batch.
        if (tried) diary_.fault(done.error());
        ++tally_.store_faults;
        answers.clear();
        for (std::size_t at = 0; at < jobs.size(); ++at)
            answers.emplace_back(std::unexpected(done.error()));
    }
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        if (!answers[at].has_value() && answers[at].error().code == Code::store_corrupt) {
            diary_.fault(answers[at].error());
        }
        deliver_(jobs[at], lane, std::move(answers[at]));
    }
    co_return Result<void>{};
}

}  // namespace cercle::relay
