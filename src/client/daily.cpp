// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/daily.h"

namespace cercle::client::daily {
namespace {

/// The vault is not written at every rest.
constexpr Duration between_notes = std::chrono::minutes{10};

Result<std::optional<Watch>> watch(store::Database& database) {
    TRY(const auto row,
        (database.one<WallTime, WallTime, Lateness>(
            "SELECT watched_from, watched_to, late FROM daily")));
    if (!row) return std::optional<Watch>();
    const auto& [from, to, late] = *row;
    return std::optional(Watch{from, to, late});
}

}  // namespace

Watch watched(Watch watch, WallTime now) {
    if (now < watch.to || now > watch.to + longest_absence) return {now, now, Lateness::No};
    watch.to = now;
    const bool late = watch.to - watch.from >= patience;
    if (late && watch.late == Lateness::No) watch.late = Lateness::Late;
    return watch;
}

Result<void> take(store::Transaction& transaction, const envelope::Content& content, WallTime now) {
    TRY(const auto status, identity::open_circle_status(content.body));
    return transaction.run(
        "INSERT INTO daily (one, time, revocation, page, watched_from, watched_to)"
        " VALUES (1, ?1, ?2, ?3, ?4, ?4) ON CONFLICT (one) DO UPDATE SET time = excluded.time,"
        " revocation = max(revocation, excluded.revocation), page = excluded.page,"
        " watched_from = excluded.watched_from, watched_to = excluded.watched_to, late = 0",
        status.time,
        status.revocation,
        status.page,
        now);
}

Result<std::optional<identity::CircleStatus>> last(store::Database& database) {
    TRY(const auto row,
        (database.one<protocol::Stamp, identity::RevocationNumber, identity::PageNumber>(
            "SELECT time, revocation, page FROM daily")));
    if (!row) return std::optional<identity::CircleStatus>();
    const auto& [time, revocation, page] = *row;
    return std::optional(
        identity::CircleStatus{identity::circle_status_version, time, revocation, page});
}

Result<void> note_rest(Core& core) {
    TRY(const auto before, watch(core.database));
    if (!before) return {};
    const WallTime now = core.world.clock.wall();
    const Watch after = watched(*before, now);
    const bool moved = after.from != before->from || after.late != before->late ||
                       after.to >= before->to + between_notes;
    if (!moved) return {};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE daily SET watched_from = ?1, watched_to = ?2, late = ?3",
                             after.from,
                             after.to,
                             after.late));
    TRY_VOID(std::move(transaction).commit());
    if (after.late != before->late) core.changed.notify_all();
    return {};
}

Result<Lateness> lateness(store::Database& database) {
    TRY(const auto now, watch(database));
    return now ? now->late : Lateness::No;
}

Result<std::optional<std::string_view>> take_warning(Core& core) {
    TRY(const Lateness late, lateness(core.database));
    if (late != Lateness::Late) return std::optional<std::string_view>();
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE daily SET late = ?1", Lateness::Told));
    TRY_VOID(std::move(transaction).commit());
    return std::optional<std::string_view>(
        "nothing was heard from the officer's machine for two days: it is off, or somebody keeps"
        " from this device what it says of lost devices; ask the officer by another way");
}

}  // namespace cercle::client::daily
