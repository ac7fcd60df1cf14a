// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/left_out.h"

#include <string>
#include <utility>

#include "store/transaction.h"

namespace cercle::relay {

Result<void> leave_out(const store::Place& copy, std::span<const LeftOut> tables) {
    // Opened as every store is: secure_delete overwrites, and the write-ahead log goes into the
    // file and away when it is closed.
    TRY(auto database, store::Database::open(copy));
    for (const LeftOut& one : tables) {
        TRY(const auto there,
            database.one<std::uint32_t>(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
                std::string(one.table)));
        if (!there || std::get<0>(*there) == 0) continue;
        TRY(auto transaction, database.begin());
        TRY_VOID(transaction.run(one.empty_it));
        TRY_VOID(std::move(transaction).commit());
    }
    return database.checkpoint();
}

}  // namespace cercle::relay
