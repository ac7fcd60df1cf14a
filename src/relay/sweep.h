// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sweeping: blobs whose time is over, and what logs need not keep, go away while the relay runs,
// and their room goes back to the disk. A bounded piece at a time, between which requests are
// served.

#include <optional>

#include "relay/group_commit.h"
#include "relay/retention.h"

namespace cercle::relay {

struct Swept {
    bool again = false;             // there may be more
    std::optional<Stamp> next_end;  // of what is left
};

/// One piece of what has ended by `now`. Errors: those of the disk.
[[nodiscard]] Result<Swept> sweep_once(LogStore& store, Stamp now);

/// Trims all logs (trim.h), again and again. Until cancelled.
[[nodiscard]] net::Task<void> keep_trimmed(net::Loop& loop,
                                           GroupCommit& commit,
                                           Retention retention,
                                           Diary& diary);

/// Sweeps whenever something ends. Until cancelled.
[[nodiscard]] net::Task<void> keep_swept(net::Loop& loop, GroupCommit& commit, Diary& diary);

}  // namespace cercle::relay
