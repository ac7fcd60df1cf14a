// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Daily: an office that serves says every day, and at once after a revocation, how the circle
// stands, so that members' devices know when something is kept from them (client/daily.h). It is
// said by the officer's own device, whose leaf says that it is one: no key is delegated.

#include <tuple>

#include "codec/tls.h"
#include "identity/circle_status.h"
#include "officer/halls.h"
#include "officer/office.h"

namespace cercle::officer {
namespace {

constexpr Duration between_statuses = std::chrono::hours{24};

Result<bool> is_due(store::Database& database, identity::RevocationNumber newest, WallTime now) {
    TRY(const auto row,
        (database.one<WallTime, identity::RevocationNumber>(
            "SELECT at, revocation FROM said_daily")));
    if (!row) return true;
    const auto& [at, said] = *row;
    // A clock that was ahead keeps nobody silent.
    return newest > said || now < at || now >= at + between_statuses;
}

}  // namespace

Result<void> Office::say_daily() {
    if (daily_ == Daily::No) return {};
    // An office that was restored has nobody to say it to before it opens.
    TRY(const auto halls, halls::all(core_.database));
    if (halls.empty()) return {};
    TRY(const auto row,
        (core_.database.one<identity::PageNumber, identity::RevocationNumber>(
            "SELECT page, (SELECT coalesce(max(number), 0) FROM revocations) FROM self")));
    if (!row) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
    identity::CircleStatus status;
    std::tie(status.page, status.revocation) = *row;
    const WallTime now = core_.world.clock.wall();
    TRY(const bool due, is_due(core_.database, status.revocation, now));
    if (!due) return {};
    status.time = {static_cast<std::uint64_t>(now.time_since_epoch().count())};
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(halls::write_to_all(core_, transaction, envelope::status_type, codec::encode(status)));
    TRY_VOID(transaction.run(
        "INSERT OR REPLACE INTO said_daily (one, at, revocation) VALUES (1, ?1, ?2)",
        now,
        status.revocation));
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

}  // namespace cercle::officer
