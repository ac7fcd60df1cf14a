// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Transaction: all of it or nothing, undone unless committed. And Durable<T>: a value that only
// a committed transaction hands out, so that what must be on disk before it leaves (a
// ciphertext, an acknowledgement) cannot leave before.

#include <cstdint>
#include <type_traits>
#include <utility>

#include "store/database.h"

namespace cercle::store {

/// A T whose transaction is on disk. There is no other way to make one than to commit.
template <class T>
class Durable {
  public:
    [[nodiscard]] const T& value() const { return value_; }

    [[nodiscard]] T take() && { return std::move(value_); }

  private:
    friend class Transaction;

    explicit Durable(T value)
        : value_(std::move(value)) {}

    T value_;
};

/// What a failed part of a transaction undoes without the rest: undone unless kept.
class Savepoint {
  public:
    Savepoint(Savepoint&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}

    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    Savepoint& operator=(Savepoint&&) = delete;
    ~Savepoint();

    Result<void> keep() &&;

  private:
    friend class Transaction;

    explicit Savepoint(Database& database)
        : database_(&database) {}

    Database* database_;
};

/// Lives no longer than its database, which stays where it is meanwhile.
class Transaction {
  public:
    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Writes. Errors: already_exists (a uniqueness the tables demand), and those of the disk.
    template <class... Value>
    Result<void> run(Sql sql, const Value&... values) {
        TRY(auto statement, database().prepare(sql, Database::Use::Write));
        TRY_VOID(detail::bind_all(statement, std::index_sequence_for<Value...>{}, values...));
        return statement.finish();
    }

    /// Rows that the last run() changed.
    [[nodiscard]] std::int64_t changed() const;
    /// The row id of the last insertion.
    [[nodiscard]] std::int64_t last_row() const;

    /// As in Database.
    template <class... Column, class... Value>
    [[nodiscard]] Result<std::optional<std::tuple<Column...>>> one(Sql sql,
                                                                   const Value&... values) {
        return database().one<Column...>(sql, values...);
    }

    template <class... Column, class... Value>
    [[nodiscard]] Result<std::vector<std::tuple<Column...>>> all(Sql sql, const Value&... values) {
        return database().all<Column...>(sql, values...);
    }

    template <class... Column, class Visitor, class... Value>
    Result<void> each(Visitor&& visit, Sql sql, const Value&... values) {
        return database().each<Column...>(std::forward<Visitor>(visit), sql, values...);
    }

    [[nodiscard]] Result<Savepoint> savepoint();

    /// On disk when it returns, or undone. Errors: disk_full, disk_fault.
    Result<void> commit() &&;

    /// The same, and hands out what may leave now.
    template <class T>
    [[nodiscard]] Result<Durable<std::remove_cvref_t<T>>> commit(T&& value) && {
        TRY_VOID(std::move(*this).commit());
        return Durable<std::remove_cvref_t<T>>(std::forward<T>(value));
    }

  private:
    friend class Database;

    explicit Transaction(Database& database)
        : database_(&database) {}

    /// Using a transaction that has ended is our bug.
    [[nodiscard]] Database& database() const;

    Database* database_;
};

}  // namespace cercle::store
