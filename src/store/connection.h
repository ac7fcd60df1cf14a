// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Connection: the handle of SQLCipher with its prepared statements. Private to this folder.

#include <string>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/checked_disk.h"
#include "store/database.h"
#include "store/write_ahead.h"

namespace cercle::store {

/// What a result code of SQLite means. `keyed`: whether the file is opened under a key.
[[nodiscard]] std::unexpected<Error> refusal_of(
    int code, bool keyed, std::source_location where = std::source_location::current());

class Connection {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Place& place,
                                                                  const Secret& key);

    /// `disk` is the one that it was opened on, if its pages are checked.
    Connection(sqlite3* handle, bool keyed, std::unique_ptr<CheckedDisk> disk, WriteAhead found)
        : disk_(std::move(disk)),
          found_(found),
          handle_(handle),
          keyed_(keyed) {}

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Runs statements that take no values and whose rows are not wanted.
    Result<void> execute(const char* sql);

    /// The same for one statement that is run often: a literal, prepared once.
    Result<void> run(const char* sql);

    [[nodiscard]] Result<Statement> prepare(const char* sql);
    void give_back(const char* sql, sqlite3_stmt* prepared);

    [[nodiscard]] sqlite3* handle() const { return handle_; }

    [[nodiscard]] bool checks_pages() const { return disk_ != nullptr; }

    /// Reads all pages, if they are checked. Errors: store_corrupt, disk_fault.
    [[nodiscard]] Result<void> check_pages();

    /// What an earlier process had left in the write-ahead log.
    [[nodiscard]] WriteAhead found() const { return found_; }

    [[nodiscard]] std::unexpected<Error> refusal(
        int code, std::source_location where = std::source_location::current()) const {
        return refusal_of(code, keyed_, where);
    }

    /// From now on the write-ahead log is moved into the file when its owner says so.
    void checkpoint_by_hand();

    /// Pages in the write-ahead log after the last commit, if checkpoints are made by hand.
    int pages_waiting = 0;

    bool in_transaction = false;
    int savepoints = 0;

  private:
    Result<void> set_up(const Secret& key);
    Result<void> refuse_damaged();
    Result<void> empty_log();
    Result<void> give_checksums();

    std::unique_ptr<CheckedDisk> disk_;
    WriteAhead found_;
    sqlite3* handle_;
    bool keyed_;
    // By the address of the text: every text is a literal. One text may run twice at a time.
    std::unordered_map<const char*, std::vector<sqlite3_stmt*>> idle_;
};

}  // namespace cercle::store
