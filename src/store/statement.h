// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Statement: one prepared statement while it runs, borrowed from its connection's cache. The
// templates of values.h speak to it; nobody else needs to. What is bound is not copied: it must
// live until the statement is given back.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3_stmt;

namespace cercle::store {

/// A statement's text: only a literal becomes one, so that no value can be pasted into it.
struct Sql {
    // NOLINTNEXTLINE(google-explicit-constructor): a literal should simply fit.
    consteval Sql(const char* literal)
        : text(literal) {}

    const char* text;
};

class Connection;

class Statement {
  public:
    Statement(Connection& connection, const char* sql, sqlite3_stmt* prepared)
        : connection_(&connection),
          sql_(sql),
          prepared_(prepared) {}

    Statement(Statement&& other) noexcept
        : connection_(other.connection_),
          sql_(other.sql_),
          prepared_(std::exchange(other.prepared_, nullptr)) {}

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Positions count from 1.
    Result<void> bind_null(int at);
    Result<void> bind_integer(int at, std::int64_t value);
    Result<void> bind_blob(int at, BytesView value);
    Result<void> bind_text(int at, std::string_view value);

    /// Whether there is a (further) row.
    [[nodiscard]] Result<bool> step();

    /// Runs a statement that has no rows; one that has is our bug.
    Result<void> finish();

    [[nodiscard]] bool only_reads() const;

    /// A statement of another width is our bug.
    void expect_columns(std::size_t count) const;

    /// Columns of the row, counted from 0. Views live until the next step().
    [[nodiscard]] bool is_null(int at) const;
    /// Errors: store_corrupt, when the column holds another kind of value.
    [[nodiscard]] Result<std::int64_t> integer(int at) const;
    [[nodiscard]] Result<BytesView> blob(int at) const;
    [[nodiscard]] Result<std::string_view> text(int at) const;

  private:
    Connection* connection_;
    const char* sql_;
    sqlite3_stmt* prepared_;
};

}  // namespace cercle::store
