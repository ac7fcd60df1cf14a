// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/drawer.h"

#include <algorithm>

#include "client/posting.h"
#include "client/rotation.h"
#include "codec/tls.h"

namespace cercle::client::drawer {
namespace {

/// A year of them is shown.
constexpr std::uint32_t days_kept = 366;

/// How many days before the last report that said so was.
Result<std::uint8_t> opened_before(store::Database& database, ReportDay today) {
    TRY(const auto last,
        database.one<std::optional<ReportDay>>(
            "SELECT max(day) FROM drawer_told WHERE opened > 0"));
    if (!last || !std::get<0>(*last)) return drawer_days;
    const std::uint32_t days = today.value - std::get<0>(*last)->value;
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(days, drawer_days));
}

/// Today's is still to be made.
Result<bool> is_due(Core& core, ReportDay today) {
    TRY(const auto last,
        core.database.one<std::optional<ReportDay>>("SELECT max(day) FROM drawer_told"));
    // A clock that was set back is believed when it has caught up.
    if (last && std::get<0>(*last) && *std::get<0>(*last) >= today) return false;
    TRY(const auto waiting,
        core.database.one<std::int64_t>("SELECT 1 FROM deposits WHERE kind = ?1 LIMIT 1",
                                        LetterKind::Drawer));
    if (waiting) return false;
    TRY(const bool own, is_officer(core, core.self.certificate));
    return !own;
}

/// Phones: the devices of the circle that are not lost and not an officer's.
Result<std::uint32_t> count_phones(Core& core) {
    TRY(const auto others, all_others(core));
    TRY(const auto of_officers, officers(core));
    return static_cast<std::uint32_t>(others.size() - of_officers.size());
}

/// What is counted no more is kept no longer.
Result<void> forget_old(store::Transaction& transaction, ReportDay today) {
    return transaction.run("DELETE FROM drawer_openings WHERE day + ?2 <= ?1", today, drawer_days);
}

}  // namespace

Result<void> note_opened(Core& core) {
    TRY(const auto policy, circle_policy::held(core.database));
    if (policy.rules.report == Allowed::No) return {};
    TRY(const auto row, core.database.one<std::int64_t>("SELECT opened FROM self"));
    if (!row || std::get<0>(*row) != 0) return {};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE self SET opened = 1"));
    return std::move(transaction).commit();
}

Result<Progress> report(Core& core) {
    TRY(const auto policy, circle_policy::held(core.database));
    if (policy.rules.report == Allowed::No) return Progress::Idle;
    const ReportDay today = day_of(core.world.clock.wall());
    TRY(const bool due, is_due(core, today));
    if (!due) return Progress::Idle;
    TRY(const auto opened, core.database.one<std::int64_t>("SELECT opened FROM self"));
    DrawerReport report;
    report.id = DrawerReportId::random(core.world.random);
    report.day = today;
    if (opened && std::get<0>(*opened) != 0) {
        TRY(report.opened, opened_before(core.database, today));
    }
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("INSERT INTO drawer_told (day, opened, policy) VALUES (?1, ?2, ?3)",
                             report.day,
                             report.opened,
                             policy.policy.number));
    TRY_VOID(transaction.run("DELETE FROM drawer_told WHERE day + ?2 <= ?1", today, days_kept));
    TRY_VOID(transaction.run("UPDATE self SET opened = 0"));
    const Bytes says = codec::encode(report);
    TRY(const auto to, officers(core));
    for (const Addressee& one : to)
        TRY_VOID(post(core, transaction, one, LetterKind::Drawer, says));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return Progress::Moved;
}

Result<void> take(Core& core, store::Transaction& transaction, const protocol::Entry& entry) {
    TRY(const auto says, rotation::with_any_key(core, [&entry](const Secret& key) {
            return envelope::open_word(key, envelope::Word::Drawer, entry.payload);
        }));
    TRY(const bool for_us, is_officer(core, core.self.certificate));
    if (!for_us) return fail(Code::policy_violated, "a report to somebody who is no officer");
    TRY(const auto report, read_drawer_report(says));
    const ReportDay today = day_of(core.world.clock.wall());
    TRY_VOID(forget_old(transaction, today));
    if (report.opened == 0 || !is_counted(report.day, today)) return {};
    return transaction.run(
        "INSERT INTO drawer_openings (id, day, before) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        report.id,
        report.day,
        report.opened);
}

Result<std::vector<Told>> told(store::Database& database) {
    TRY(const auto waiting,
        database.one<std::int64_t>("SELECT 1 FROM deposits WHERE kind = ?1 LIMIT 1",
                                   LetterKind::Drawer));
    TRY(const auto rows,
        (database.all<ReportDay, std::uint8_t, identity::PolicyNumber>(
            "SELECT day, opened, policy FROM drawer_told ORDER BY day")));
    std::vector<Told> all;
    for (const auto& [day, opened, policy] : rows)
        all.push_back({day, opened, policy, Told::State::Sent});
    // The next is not made before it has gone out.
    if (waiting && !all.empty()) all.back().state = Told::State::Queued;
    return all;
}

Result<Outlook> outlook(Core& core) {
    Outlook seen;
    TRY(seen.policy, circle_policy::held(core.database));
    if (seen.policy.rules.report == Allowed::No || !seen.policy.reporting_since) {
        return fail(Code::policy_report,
                    "the circle's policy has no report; see: officer policy --set report=on");
    }
    const ReportDay today = day_of(core.world.clock.wall());
    seen.from = {day_of(*seen.policy.reporting_since).value + drawer_days};
    if (today < seen.from) return seen;
    TRY(const auto rows,
        (core.database.all<ReportDay, std::uint8_t>("SELECT day, before FROM drawer_openings")));
    std::vector<Opening> openings;
    for (const auto& [day, before] : rows)
        openings.push_back({day, before});
    TRY(const std::uint32_t phones, count_phones(core));
    seen.figure = figure_of({phones, devices_opened(openings, today)}, seen.policy.rules.threshold);
    return seen;
}

}  // namespace cercle::client::drawer
