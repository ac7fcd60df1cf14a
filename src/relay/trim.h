// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Trimming: entries that every reader has acknowledged, or whose retention has ended, go away while
// the relay runs, and their room goes back to the disk. A bounded piece at a time, between which
// requests are served.
//
// What ids stand for lives for one retention longer than the entries at least, so that a repetition
// is known for one; then that goes, too.

#include <optional>

#include "relay/log.h"
#include "relay/retention.h"

namespace cercle::relay {

struct Trimmed {
    bool again = false;             // there are more logs, or there is more of this one
    std::optional<LogId> behind{};  // where to go on then: after this one
};

/// One piece of what the logs behind `behind` (all of them if none is named) need not keep at
/// `now`. Errors: those of the disk.
[[nodiscard]] Result<Trimmed> trim_once(LogStore& store,
                                        const Retention& retention,
                                        std::optional<LogId> behind,
                                        Stamp now);

}  // namespace cercle::relay
