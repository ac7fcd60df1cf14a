// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/alarms.h"

#include <utility>

namespace cercle::client {

Result<std::vector<Alarm>> Alarms::all() const {
    TRY(auto rows,
        (database_.all<std::int64_t, std::string, identity::DeviceId, WallTime>(
            "SELECT ordinal, rule, device, at FROM alarms ORDER BY ordinal")));
    std::vector<Alarm> alarms;
    for (auto& [ordinal, rule, device, at] : rows)
        alarms.push_back({ordinal, std::move(rule), device, at});
    return alarms;
}

Result<void> Alarms::raise(store::Transaction& transaction,
                           Code rule,
                           identity::DeviceId device,
                           WallTime at) {
    return transaction.run(
        "INSERT INTO alarms (rule, device, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        rule_name(rule),
        device,
        at);
}

}  // namespace cercle::client
