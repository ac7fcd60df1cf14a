// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/alarms.h"

#include <utility>

namespace cercle::client {
namespace {

/// Of those that were told of as well (1), or not (0).
Result<std::vector<Alarm>> read(store::Database& database, std::int64_t told) {
    TRY(auto rows,
        (database.all<std::int64_t, std::string, identity::DeviceId, identity::MemberId, WallTime>(
            "SELECT ordinal, rule, device, member, at FROM alarms WHERE told <= ?1"
            " ORDER BY ordinal",
            told)));
    std::vector<Alarm> alarms;
    for (auto& [ordinal, rule, device, member, at] : rows)
        alarms.push_back({ordinal, std::move(rule), device, member, at});
    return alarms;
}

}  // namespace

Result<std::vector<Alarm>> Alarms::all() const {
    return read(database_, 1);
}

Result<std::vector<Alarm>> Alarms::take_untold() {
    TRY(auto untold, read(database_, 0));
    if (untold.empty()) return untold;
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE alarms SET told = 1"));
    TRY_VOID(std::move(transaction).commit());
    return untold;
}

Result<void> Alarms::raise(store::Transaction& transaction,
                           std::string_view rule,
                           const AlarmSubject& subject,
                           WallTime at) {
    return transaction.run(
        "INSERT INTO alarms (rule, device, member, fact, at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO NOTHING",
        rule,
        subject.device,
        subject.member,
        subject.fact,
        at);
}

}  // namespace cercle::client
