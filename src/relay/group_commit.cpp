// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/group_commit.h"

#include <optional>
#include <utility>

#include "relay/bounds.h"

namespace cercle::relay {
namespace {

using Answers = std::vector<Result<Answer>>;

// One transaction for all. Each request in its own savepoint, so that one that is refused
// half-way leaves nothing behind and its neighbours alone.
Result<void> decide_batch(LogStore& store,
                          const std::vector<Job>& jobs,
                          Stamp now,
                          const Allowance& allowance,
                          Answers& answers) {
    return store.transact([&](LogTables& tables) -> Result<void> {
        for (const Job& job : jobs) {
            std::optional<Answer> answer;
            const auto outcome = tables.attempt([&]() -> Result<void> {
                TRY(answer, decide(tables, job.asker, job.request, now, allowance));
                return {};
            });
            if (outcome.has_value()) {
                answers.emplace_back(*std::move(answer));
            } else if (is_store_fault(outcome.error().code)) {
                return std::unexpected(outcome.error());
            } else {
                answers.emplace_back(std::unexpected(outcome.error()));
            }
        }
        return {};
    });
}

Result<void> look_up(LogStore& store, const std::vector<Job>& jobs, Stamp now, Answers& answers) {
    return store.look([&](LogTables& tables) -> Result<void> {
        for (const Job& job : jobs) {
            answers.push_back(decide(tables, job.asker, job.request, now));
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
      changed_(loop) {}

Result<void> GroupCommit::submit(Job job, Lane lane) {
    if (closed_) return fail(Code::closing, "the relay is going away");
    if (bytes_waiting_ + job.size > terms_.allowance.bytes_waiting) {
        return fail(Code::too_many, "too much is waiting for the disk");
    }
    bytes_waiting_ += job.size;
    (lane == Lane::Look ? looks_ : writes_).push_back(std::move(job));
    changed_.notify_all();
    return {};
}

void GroupCommit::close() {
    closed_ = true;
    changed_.notify_all();
}

GroupCommit::Jobs GroupCommit::take(std::deque<Job>& waiting) {
    Jobs jobs;
    std::size_t bytes = 0;
    while (!waiting.empty() && jobs.size() < bounds::requests_per_batch &&
           (jobs.empty() || bytes + waiting.front().size <= bounds::bytes_per_batch)) {
        bytes += waiting.front().size;
        jobs.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    bytes_waiting_ -= bytes;
    return jobs;
}

net::Task<void> GroupCommit::run() {
    while (true) {
        if (looks_.empty() && writes_.empty()) {
            if (closed_) co_return Result<void>{};
            CO_TRY_VOID(co_await changed_.wait(net::Deadline::never()));
        }
        CO_TRY_VOID(co_await work_off(looks_, Lane::Look));
        CO_TRY_VOID(co_await work_off(writes_, Lane::Write));
    }
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

net::Task<void> GroupCommit::work_off(std::deque<Job>& waiting, Lane lane) {
    if (waiting.empty()) co_return Result<void>{};
    const Jobs jobs = take(waiting);
    const Stamp now = stamp_of(clock_);
    Answers answers;
    answers.reserve(jobs.size());
    const SteadyTime begun = clock_.steady();
    Result<void> done = lane == Lane::Write ? find_room(jobs.size()) : Result<void>{};
    const bool tried = done.has_value();
    if (tried) {
        done = co_await worker_.run([&]() -> Result<void> {
            return lane == Lane::Look ? look_up(store_, jobs, now, answers)
                                      : decide_batch(store_, jobs, now, terms_.allowance, answers);
        });
    }
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
