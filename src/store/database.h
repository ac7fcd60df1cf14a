// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Database: one file on disk, encrypted if a key is given (SQLCipher; without one it is SQLite).
//
// There is one connection to a file, ever: it takes the file for itself, so a second one, in
// this process or another, is `busy`. Thus the only writer is the only checkpointer (SQLite
// before 3.51.3 can lose commits where two of them meet). What a transaction has committed is
// fsync'ed. Deleted content is overwritten, temporary tables stay in memory.
//
//     TRY(auto database, Database::open({path}, key));
//     TRY_VOID(database.migrate(steps));
//     TRY(auto transaction, database.begin());
//     TRY_VOID(transaction.run("UPDATE logs SET head = ?2 WHERE id = ?1", log, head));
//     TRY_VOID(std::move(transaction).commit());
//     TRY(const auto row, database.one<Seq, Bytes>("SELECT head, chain FROM logs"));
//     if (row) { const auto& [head, chain] = *row; ... }
//
// Used by one thread at a time; calls block on the disk.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "store/statement.h"
#include "store/values.h"

namespace cercle::store {

/// Checked: each page carries a checksum, and one that is not as it was written is never read. For
/// databases without a key; under a key, SQLCipher authenticates each page. A database that was
/// made Plain becomes Checked when it is opened so, and is not to be opened Plain again.
enum class Pages : std::uint8_t { Plain, Checked };

/// Where a database is. `vfs` names another disk than the operating system's (a simulator's);
/// the path's permissions are then not looked at.
struct Place {
    std::filesystem::path path;
    std::string vfs{};
    Pages pages = Pages::Plain;
};

inline constexpr std::size_t key_size = 32;

class Transaction;

class Database {
  public:
    /// Opens, or makes a new one (mode 0600). `key` is empty or of key_size raw bytes.
    /// Errors: wrong_key, store_corrupt, busy, permissions (the file or its directory is open to
    /// others), disk_full, disk_fault, invalid_argument (a key of another size).
    [[nodiscard]] static Result<Database> open(const Place& place, const Secret& key = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// Brings the tables to the last of `steps`, each in its own transaction, remembered in
    /// PRAGMA user_version. Steps are only ever added at the end. Errors: unsupported (the file
    /// is of a later version), store_corrupt (not ours), and those of the disk.
    Result<void> migrate(std::span<const Sql> steps);

    /// At most one at a time; a second one is our bug.
    [[nodiscard]] Result<Transaction> begin();

    /// The first row, if there is one. Reads only; values are as in values.h.
    template <class... Column, class... Value>
    [[nodiscard]] Result<std::optional<std::tuple<Column...>>> one(Sql sql, const Value&... values);

    /// All rows.
    template <class... Column, class... Value>
    [[nodiscard]] Result<std::vector<std::tuple<Column...>>> all(Sql sql, const Value&... values);

    /// Calls `visit(Column...)` -> Result<Visit> for each row, until it says Stop or fails.
    /// `visit` may not write.
    template <class... Column, class Visitor, class... Value>
    Result<void> each(Visitor&& visit, Sql sql, const Value&... values);

    /// For who commits many times a second: a cache of this size, and checkpoints when put_away()
    /// is called, not within a commit. To be called once, right after opening.
    Result<void> suit_many_commits(std::uint32_t cache_kib);

    /// Moves what the write-ahead log holds into the file, if that is at least so many pages.
    Result<void> put_away(std::uint32_t pages);

    /// Moves all of it, and makes the log empty. Happens by itself after some commits, unless the
    /// database suits many.
    Result<void> checkpoint();

    /// Gives pages that deletions freed back to the disk, at most so many.
    Result<void> give_back_pages(std::uint32_t most);

    /// Rows written since the database was opened, undone ones among them.
    [[nodiscard]] std::int64_t rows_changed() const;

    /// What the library itself looks at; and, if they are checked, every page, also those that hold
    /// nothing. Errors: store_corrupt, disk_fault.
    [[nodiscard]] Result<void> check_integrity();

    /// Whether all that an earlier process had committed was whole when this was opened, as far as
    /// it lay in the write-ahead log. Asked of checked pages only. Errors: store_corrupt, if the
    /// last commit there was not as it was written: power was cut before it was synced, or it was
    /// damaged since. What was damaged for certain does not open.
    [[nodiscard]] Result<void> check_opening() const;

  private:
    friend class Copying;
    friend class Transaction;
    friend class Savepoint;

    explicit Database(std::unique_ptr<Connection> connection);

    enum class Use : std::uint8_t { Read, Write };
    [[nodiscard]] Result<Statement> prepare(Sql sql, Use use);

    std::unique_ptr<Connection> connection_;
};

enum class Visit : std::uint8_t { Continue, Stop };

template <class... Column, class Visitor, class... Value>
Result<void> Database::each(Visitor&& visit, Sql sql, const Value&... values) {
    TRY(auto statement, prepare(sql, Use::Read));
    TRY_VOID(detail::bind_all(statement, std::index_sequence_for<Value...>{}, values...));
    statement.expect_columns(sizeof...(Column));
    while (true) {
        TRY(const bool more, statement.step());
        if (!more) return {};
        TRY(auto row, detail::row<Column...>(statement, std::index_sequence_for<Column...>{}));
        TRY(const Visit next, std::apply(visit, std::move(row)));
        if (next == Visit::Stop) return {};
    }
}

template <class... Column, class... Value>
Result<std::vector<std::tuple<Column...>>> Database::all(Sql sql, const Value&... values) {
    std::vector<std::tuple<Column...>> rows;
    const auto keep = [&rows](Column... columns) -> Result<Visit> {
        rows.emplace_back(std::move(columns)...);
        return Visit::Continue;
    };
    TRY_VOID(each<Column...>(keep, sql, values...));
    return rows;
}

template <class... Column, class... Value>
Result<std::optional<std::tuple<Column...>>> Database::one(Sql sql, const Value&... values) {
    std::optional<std::tuple<Column...>> found;
    const auto keep = [&found](Column... columns) -> Result<Visit> {
        found.emplace(std::move(columns)...);
        return Visit::Stop;
    };
    TRY_VOID(each<Column...>(keep, sql, values...));
    return found;
}

}  // namespace cercle::store
