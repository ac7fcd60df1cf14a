// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// GatheredWrites: what is written to one file, one piece right behind the other, goes to the disk
// below as one. SQLite writes a page of its write-ahead log in two pieces, and the log's pages are
// neighbours; so are the pages of a checkpoint, as far as they were appended.
//
// Whoever reads, syncs or measures the file has to flush() first; then nobody sees a difference,
// but that a disk's refusal may be told to a later call than the one whose bytes it refused: to the
// flush of a sync at the latest. Private to this folder.

#include <sqlite3.h>

#include "base/bytes.h"

namespace cercle::store {

class GatheredWrites {
  public:
    /// What is held back at most. SQLite's own disk takes a length modulo 128 KiB (os_unix.c,
    /// seekAndWriteFd), and nothing of what is just that long.
    static constexpr std::size_t most = std::size_t{124} << 10U;

    /// Holds them back, or hands them on to `below` with what was held back. A result code of
    /// SQLite's.
    [[nodiscard]] int write(sqlite3_file* below, BytesView bytes, sqlite3_int64 offset);

    /// Hands on what is held back. After a failure none of it is held any more, and it is for the
    /// caller to take it as not written. A result code of SQLite's.
    [[nodiscard]] int flush(sqlite3_file* below);

  private:
    Bytes held_;
    sqlite3_int64 begin_ = 0;
};

}  // namespace cercle::store
