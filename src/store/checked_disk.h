// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// CheckedDisk: lies between SQLite and the disk below it, and gives every page of a database a
// checksum in the room that SQLite leaves at its end. A page that is read otherwise than it was
// written is not handed on, whether it is in use or free. Private to this folder.
//
// Against accidents of the disk, not against somebody who computes checksums. What changes within
// eight bytes, a flipped bit above all, shows for certain; anything else but once in 2^64.

#include <array>
#include <cstdint>
#include <string>

#include <sqlite3.h>

#include "base/bytes.h"

namespace cercle::store {

inline constexpr std::size_t page_size = 4096;
/// Of each page. Not a power of two, so that no flipped bit of a database's header makes it one
/// without checksums.
inline constexpr std::size_t page_reserve = 12;

/// What stands at the end of a page of that number, counted from 1. `page` is of page_size.
[[nodiscard]] std::array<std::uint8_t, page_reserve> page_checksum(BytesView page,
                                                                   std::uint64_t number);

/// Whether the database of a connection through a CheckedDisk was made without checksums, and has
/// none as yet.
[[nodiscard]] bool lacks_checksums(sqlite3* database);

/// Reads every page of the database, in use or free. A result code of SQLite's.
[[nodiscard]] int read_all_pages(sqlite3* database);

class CheckedDisk {
  public:
    /// Above SQLite's disk of that name; the system's if it is empty.
    explicit CheckedDisk(const std::string& below);
    CheckedDisk(const CheckedDisk&) = delete;
    CheckedDisk& operator=(const CheckedDisk&) = delete;
    ~CheckedDisk();

    /// By which SQLite knows it.
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_;
    sqlite3_vfs table_{};
};

}  // namespace cercle::store
