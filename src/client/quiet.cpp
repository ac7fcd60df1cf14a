// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/quiet.h"

#include "client/card_hours.h"

namespace cercle::client::quiet {
namespace {

Result<std::string> hours_said(store::Database& database) {
    TRY(auto row, database.one<std::string>("SELECT hours FROM quiet_hours"));
    return row ? std::get<0>(*std::move(row)) : std::string();
}

/// By the clock on the wall of this machine.
protocol::Stamp local_moment(WallTime moment) {
    const auto local = moment.time_since_epoch() + offset_of_this_machine(moment);
    return {static_cast<std::uint64_t>(std::chrono::milliseconds(local).count())};
}

}  // namespace

Result<Rules> rules(store::Database& database) {
    Rules found;
    TRY(found.hours, hours_said(database));
    TRY(const auto rows,
        database.all<identity::MemberId>("SELECT member FROM quiet_through ORDER BY member"));
    for (const auto& [member] : rows)
        found.through.push_back(member);
    return found;
}

Result<void> keep_hours(store::Transaction& transaction, std::string_view hours) {
    TRY_VOID(read_hours(hours));
    return transaction.run(
        "INSERT INTO quiet_hours (one, hours) VALUES (1, ?1)"
        " ON CONFLICT (one) DO UPDATE SET hours = excluded.hours",
        std::string(hours));
}

Result<void> let_through(store::Transaction& transaction, identity::MemberId who) {
    return transaction.run("INSERT INTO quiet_through (member) VALUES (?1) ON CONFLICT DO NOTHING",
                           who);
}

Result<void> hold_back(store::Transaction& transaction, identity::MemberId who) {
    return transaction.run("DELETE FROM quiet_through WHERE member = ?1", who);
}

Result<bool> silences(store::Database& database, identity::MemberId who, WallTime moment) {
    TRY(const std::string said, hours_said(database));
    TRY(auto windows, read_hours(said));
    if (windows.empty()) return false;
    // The relay's rule of a card's hours, with the wall's time in the place of UTC.
    const protocol::CardTerms terms{protocol::Tier::Ring, 0, std::move(windows)};
    if (!protocol::is_within(terms, local_moment(moment))) return false;
    TRY(const auto row,
        database.one<identity::MemberId>("SELECT member FROM quiet_through WHERE member = ?1",
                                         who));
    return !row.has_value();
}

}  // namespace cercle::client::quiet
