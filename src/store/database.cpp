// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/database.h"

#include <format>

#include <sqlite3.h>

#include "base/check.h"
#include "store/connection.h"
#include "store/transaction.h"

namespace cercle::store {

Database::Database(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const Place& place, const Secret& key) {
    TRY(auto connection, Connection::open(place, key));
    return Database(std::move(connection));
}

Result<Statement> Database::prepare(Sql sql, Use use) {
    TRY(auto statement, connection_->prepare(sql.text));
    const bool reads = statement.only_reads();
    CHECK(use == Use::Write || reads, "a statement that writes was given to a reading call");
    return statement;
}

Result<void> Database::migrate(std::span<const Sql> steps) {
    TRY(const auto version, one<std::uint32_t>("PRAGMA user_version"));
    const std::size_t done = version ? std::get<0>(*version) : 0;
    if (done > steps.size()) {
        return fail(Code::unsupported, "the database was written by a later version of Cercle");
    }
    TRY(const auto tables, one<std::uint32_t>("SELECT count(*) FROM sqlite_schema"));
    if (done == 0 && tables && std::get<0>(*tables) != 0) {
        return fail(Code::store_corrupt, "the database is not one of Cercle's");
    }
    for (std::size_t at = done; at < steps.size(); ++at) {
        TRY(auto transaction, begin());
        TRY_VOID(connection_->execute(steps[at].text));
        TRY_VOID(connection_->execute(std::format("PRAGMA user_version = {}", at + 1).c_str()));
        TRY_VOID(std::move(transaction).commit());
    }
    return {};
}

Result<Transaction> Database::begin() {
    CHECK(!connection_->in_transaction, "a transaction inside a transaction");
    TRY_VOID(connection_->run("BEGIN IMMEDIATE"));
    connection_->in_transaction = true;
    return Transaction(*this);
}

Result<void> Database::suit_many_commits(std::uint32_t cache_kib) {
    TRY_VOID(connection_->execute(std::format("PRAGMA cache_size = -{}", cache_kib).c_str()));
    // A log that keeps its size is written over, and the file system has nothing to note about it.
    TRY_VOID(connection_->execute("PRAGMA journal_size_limit = 134217728"));
    connection_->checkpoint_by_hand();
    return {};
}

Result<void> Database::put_away(std::uint32_t pages) {
    CHECK(!connection_->in_transaction, "a checkpoint inside a transaction");
    if (std::cmp_less(connection_->pages_waiting, pages)) return {};
    const int code = sqlite3_wal_checkpoint_v2(
        connection_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK) return connection_->refusal(code);
    connection_->pages_waiting = 0;
    return {};
}

Result<void> Database::checkpoint() {
    CHECK(!connection_->in_transaction, "a checkpoint inside a transaction");
    const int code = sqlite3_wal_checkpoint_v2(
        connection_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK) return connection_->refusal(code);
    return {};
}

Result<void> Database::give_back_pages(std::uint32_t most) {
    return connection_->execute(std::format("PRAGMA incremental_vacuum({})", most).c_str());
}

Result<void> Database::check_opening() const {
    if (connection_->found() == WriteAhead::Whole) return {};
    return fail(Code::store_corrupt,
                "the last commit in the write-ahead log was torn by a power cut, or is damaged");
}

std::int64_t Database::rows_changed() const {
    return sqlite3_total_changes64(connection_->handle());
}

Result<void> Database::check_integrity() {
    TRY_VOID(connection_->check_pages());
    TRY(const auto verdict, one<std::string>("PRAGMA integrity_check(1)"));
    if (!verdict || std::get<0>(*verdict) != "ok") {
        return fail(Code::store_corrupt, "the database's own check fails");
    }
    TRY(const auto orphan, all<std::string>("SELECT \"table\" FROM pragma_foreign_key_check"));
    if (!orphan.empty()) {
        return fail(Code::store_corrupt, "a row of the database belongs to nothing");
    }
    return {};
}

}  // namespace cercle::store
