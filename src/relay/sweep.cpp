// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/sweep.h"

#include <algorithm>

#include "relay/bounds.h"
#include "relay/trim.h"

namespace cercle::relay {
namespace {

/// Until the next end. The clock may be set meanwhile, hence never for very long.
Duration pause_before(const Swept& swept, Stamp now) {
    constexpr Duration shortest{1000};
    constexpr Duration longest = bounds::longest_pause_between_sweeps;
    if (!swept.next_end) return longest;
    const std::uint64_t left = swept.next_end->value - std::min(now, *swept.next_end).value;
    if (left >= static_cast<std::uint64_t>(longest.count())) return longest;
    return std::max(shortest, Duration{static_cast<std::int64_t>(left)});
}

}  // namespace

Result<Swept> sweep_once(LogStore& store, Stamp now) {
    Swept swept;
    // Usually nothing has ended; that is seen without a transaction.
    TRY_VOID(store.look([&swept](LogTables& tables) -> Result<void> {
        TRY(swept.next_end, tables.blobs().next_end());
        return {};
    }));
    if (!swept.next_end || *swept.next_end > now) return swept;
    TRY_VOID(store.transact([&swept, now](LogTables& tables) -> Result<void> {
        TRY(swept.again, tables.blobs().drop_ended(now, bounds::chunks_per_sweep));
        return {};
    }));
    TRY_VOID(store.give_back());
    return swept;
}

net::Task<void> keep_swept(net::Loop& loop, GroupCommit& commit, Diary& diary) {
    while (true) {
        const Stamp now = stamp_of(commit.clock());
        const auto swept =
            co_await commit.work_beside([&commit, now] { return sweep_once(commit.store(), now); });
        if (!swept.has_value()) {
            if (swept.error().code == Code::closing) co_return std::unexpected(swept.error());
            diary.fault(swept.error());
        } else if (swept->again) {
            continue;
        }
        const Swept known = swept.has_value() ? *swept : Swept{};
        CO_TRY_VOID(co_await loop.wait_until(loop.in(pause_before(known, now))));
    }
}

net::Task<void> keep_trimmed(net::Loop& loop,
                             GroupCommit& commit,
                             Retention retention,
                             Diary& diary) {
    Trimmed walk;
    while (true) {
        const Stamp now = stamp_of(commit.clock());
        const auto trimmed = co_await commit.work_beside([&commit, &retention, &walk, now] {
            return trim_once(commit.store(), retention, walk.behind, now);
        });
        if (!trimmed.has_value() && trimmed.error().code == Code::closing) {
            co_return std::unexpected(trimmed.error());
        }
        if (!trimmed.has_value()) diary.fault(trimmed.error());
        walk = trimmed.has_value() ? *trimmed : Trimmed{};
        if (walk.again) continue;
        walk = {};
        CO_TRY_VOID(co_await loop.wait_until(loop.in(bounds::pause_between_trims)));
    }
}

}  // namespace cercle::relay
