// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/transaction.h"

#include <sqlite3.h>

#include "base/check.h"
#include "store/connection.h"

namespace cercle::store {
namespace {

// After some failures (a full disk, say) SQLite has undone the whole transaction by itself.
bool still_open(const Connection& connection) {
    return sqlite3_get_autocommit(connection.handle()) == 0;
}

}  // namespace

Savepoint::~Savepoint() {
    if (database_ == nullptr) return;
    Connection& connection = *database_->connection_;
    --connection.savepoints;
    if (!still_open(connection)) return;
    // Cannot fail but for a disk that fails; then the transaction's commit fails as well.
    static_cast<void>(connection.run("ROLLBACK TO part").has_value());
    static_cast<void>(connection.run("RELEASE part").has_value());
}

Result<void> Savepoint::keep() && {
    CHECK(database_ != nullptr, "a savepoint is kept once");
    Connection& connection = *std::exchange(database_, nullptr)->connection_;
    --connection.savepoints;
    if (!still_open(connection)) {
        return fail(Code::disk_fault, "the disk failed and the transaction was undone");
    }
    return connection.run("RELEASE part");
}

Transaction::~Transaction() {
    if (database_ == nullptr) return;
    Connection& connection = *database_->connection_;
    connection.in_transaction = false;
    if (still_open(connection)) static_cast<void>(connection.run("ROLLBACK").has_value());
}

Database& Transaction::database() const {
    CHECK(database_ != nullptr, "a transaction that has ended is used");
    return *database_;
}

std::int64_t Transaction::changed() const {
    return sqlite3_changes64(database().connection_->handle());
}

std::int64_t Transaction::last_row() const {
    return sqlite3_last_insert_rowid(database().connection_->handle());
}

Result<Savepoint> Transaction::savepoint() {
    Connection& connection = *database().connection_;
    // They nest like blocks do, so one name is enough: the innermost is meant.
    TRY_VOID(connection.run("SAVEPOINT part"));
    ++connection.savepoints;
    return Savepoint(database());
}

Result<void> Transaction::commit() && {
    Connection& connection = *database().connection_;
    CHECK(connection.savepoints == 0, "a savepoint outlives its transaction");
    if (!still_open(connection)) {
        return fail(Code::disk_fault, "the disk failed and the transaction was undone");
    }
    TRY_VOID(connection.run("COMMIT"));
    connection.in_transaction = false;
    database_ = nullptr;
    return {};
}

}  // namespace cercle::store
