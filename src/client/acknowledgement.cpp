// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/acknowledgement.h"

#include <algorithm>
#include <tuple>

namespace cercle::client::acknowledgement {

Result<void> follow(store::Transaction& transaction, protocol::LogId log, protocol::Seq bundle) {
    return transaction.run(
        "INSERT INTO acknowledgements (log, follows) VALUES (?1, ?2)"
        " ON CONFLICT (log) DO UPDATE SET follows = excluded.follows",
        log,
        bundle);
}

Result<void> begin(store::Transaction& transaction, protocol::LogId log, protocol::Seq bundle) {
    return transaction.run(
        "INSERT OR REPLACE INTO acknowledgements (log, follows) VALUES (?1, ?2)", log, bundle);
}

Result<std::optional<Due>> due(store::Database& database, protocol::LogId log, protocol::Seq read) {
    using protocol::Seq;
    TRY(const auto row,
        (database.one<Seq, Seq, Seq>(
            "SELECT follows, told, told_follows FROM acknowledgements WHERE log = ?1", log)));
    const auto [follows, told, told_follows] = row.value_or(std::tuple<Seq, Seq, Seq>());
    if (read <= told && follows == told_follows) return std::optional<Due>();
    const bool much = read.value - std::min(read, told).value >= many_entries;
    const bool waited_for = follows != told_follows;
    return std::optional(
        Due{{log, read, follows}, much || waited_for ? Occasion::InPassing : Occasion::Now});
}

Result<void> note_told(store::Database& database, const protocol::Acknowledge& told) {
    TRY(auto transaction, database.begin());
    TRY_VOID(
        transaction.run("INSERT INTO acknowledgements (log, told, told_follows) VALUES (?1, ?2, ?3)"
                        " ON CONFLICT (log) DO UPDATE SET told = excluded.told,"
                        " told_follows = excluded.told_follows",
                        told.log,
                        told.upto,
                        told.follows));
    return std::move(transaction).commit();
}

}  // namespace cercle::client::acknowledgement
