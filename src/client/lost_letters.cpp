// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/lost_letters.h"

#include <utility>

#include "client/posting.h"
#include "client/receive.h"
#include "client/rotation.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"

namespace cercle::client::lost {
namespace {

using envelope::Word;

Result<void> keep_report(store::Transaction& transaction,
                         const identity::RevocationReport& report,
                         WallTime at) {
    return transaction.run(
        "INSERT INTO revocation_reports (device, count, held, done, pending, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (device) DO UPDATE SET"
        " count = excluded.count, held = excluded.held, done = excluded.done,"
        " pending = excluded.pending, at = excluded.at WHERE excluded.count > count",
        report.device,
        report.count,
        report.held,
        report.done,
        report.pending,
        at);
}

Result<void> take_revocation(Core& core, store::Transaction& transaction, BytesView says) {
    TRY(const auto signed_revocation, codec::decode<identity::SignedRevocation>(says));
    TRY(const auto revocation, identity::open_revocation(signed_revocation, core.self.root));
    TRY_VOID(take(transaction, revocation, says));
    return look(core, transaction);
}

Result<void> take_report(Core& core, store::Transaction& transaction, BytesView says, WallTime at) {
    TRY(const bool for_us, is_officer(core, core.self.certificate));
    if (!for_us) return fail(Code::policy_violated, "a report to somebody who is no officer");
    TRY(const auto signed_report, codec::decode<identity::SignedReport>(says));
    TRY(const auto claimed, identity::claimed_report(signed_report));
    TRY(const auto device, core.people.device(claimed.device));
    if (!device)
        return fail(Code::unknown, "a report of a device that the directory does not know");
    if (device->revoked) return fail(Code::revoked, "a report of a device that was reported lost");
    TRY(const auto passport, core.self.root.recognise(device->certificate));
    TRY(const auto report, identity::open_report(signed_report, passport.signature_key));
    return keep_report(transaction, report, at);
}

}  // namespace

Result<void> take_word(Core& core, store::Transaction& transaction, const protocol::Entry& entry) {
    const auto open = [&core, &entry](Word word) {
        return rotation::with_any_key(core, [word, &entry](const Secret& key) {
            return envelope::open_word(key, word, entry.payload);
        });
    };
    const auto revocation = open(Word::Revocation);
    if (revocation) return take_revocation(core, transaction, *revocation);
    if (is_of_the_disk(revocation.error().code)) return std::unexpected(revocation.error());
    TRY(const auto report, open(Word::Report));
    return take_report(core, transaction, report, time_of(entry));
}

Result<void> write_to_all(Core& core,
                          store::Transaction& transaction,
                          const identity::SignedRevocation& revocation) {
    TRY(const auto others, all_others(core));
    const Bytes says = codec::encode(revocation);
    for (const Addressee& one : others)
        TRY_VOID(post(core, transaction, one, LetterKind::Revocation, says));
    return {};
}

Result<Progress> report(Core& core) {
    TRY(const auto holds, holding(core.database));
    if (holds.newest.value == 0) return Progress::Idle;
    TRY(const auto row,
        (core.database.one<std::uint64_t, std::optional<Bytes>>(
            "SELECT reports, reported FROM self")));
    if (!row) return fail(Code::home_missing, "this device has not joined");
    const auto& [count, reported] = *row;
    TRY(const Counts now, counts(core.database));
    identity::RevocationReport report;
    report.device = core.self.device;
    report.held = holds.held;
    report.done = now.done;
    report.pending = now.pending;
    const Bytes says = codec::encode(report);
    if (reported == says) return Progress::Idle;
    report.count = count + 1;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE self SET reports = ?1, reported = ?2", report.count, says));
    TRY(const bool own, is_officer(core, core.self.certificate));
    if (own) TRY_VOID(keep_report(transaction, report, core.world.clock.wall()));
    // The newest says all that an older one would, if that still waits.
    TRY_VOID(transaction.run("DELETE FROM deposits WHERE kind = ?1", LetterKind::Report));
    const Bytes letter = codec::encode(identity::sign_report(report, core.self.signature_key));
    TRY(const auto to, officers(core));
    for (const Addressee& one : to)
        TRY_VOID(post(core, transaction, one, LetterKind::Report, letter));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return Progress::Moved;
}

Result<std::vector<Reported>> reports(store::Database& database) {
    TRY(const auto rows,
        (database.all<identity::DeviceId, identity::RevocationNumber, std::uint32_t, std::uint32_t>(
            "SELECT device, held, done, pending FROM revocation_reports ORDER BY device")));
    std::vector<Reported> all;
    for (const auto& [device, held, done, pending] : rows)
        all.push_back({device, held, done, pending});
    return all;
}

}  // namespace cercle::client::lost
