// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// WriteAhead: what can be said of a write-ahead log before SQLite reads it. SQLite takes from it
// what comes before the first frame that is not as it was written, and says nothing of the rest:
// right where power was cut in the middle of a commit, and a silent loss where a bit has flipped
// since. https://sqlite.org/fileformat2.html 4.

#include "base/bytes.h"

namespace cercle::store {

enum class WriteAhead : std::uint8_t {
    Whole,
    /// Its last commit is not as it was written: power was cut before it was synced, or it was
    /// damaged since. So is one that is damaged where nothing is read any more.
    Doubtful,
    /// Damaged for certain: commits that were synced stand behind what is not as it was written.
    Damaged,
};

/// Of a file's content, of pages of page_size.
[[nodiscard]] WriteAhead judge_write_ahead(BytesView log);

}  // namespace cercle::store
