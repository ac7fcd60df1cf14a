// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/tls.h"
#include "relay/chain.h"
#include "relay/contest.h"
#include "relay/decide_parts.h"
#include "relay/recovery.h"

// A relay that was restored from a backup has forgotten the ends of its logs. Their readers give
// them back, entry by entry along the chain, and say when they have nothing more. What was there
// before is told from what is new by the relay's own stamps.

namespace cercle::relay {
namespace {

using protocol::Entry;
using protocol::EntryKind;

/// Whether something was appended in the relay's new life.
Result<bool> has_gone_on(const Bench& bench, const Recovery& recovery, const Log& log) {
    if (log.head == log.base) return false;
    TRY(const auto last, bench.tables.entries(log.id, log.head, log.head, 1, 1));
    return !last.empty() && !recovery.is_of_before(last.front().stamp);
}

/// Whether everybody who reads the log now has said that he has nothing more.
Result<bool> have_all_declared(const Bench& bench, Recovery& recovery, const LogId& log) {
    TRY(const std::uint64_t readers, bench.tables.count_readers(log));
    std::uint64_t present = 0;
    for (const ReaderKey& key : recovery.declared(log)) {
        TRY(const auto reader, bench.tables.find_reader(log, key));
        if (reader && !reader->dropped_at) ++present;
    }
    return present >= readers;
}

Result<void> check_place(const Recovery& recovery, const Log& log, const Entry& entry) {
    const bool fits = entry.seq == log.head.next() && recovery.is_of_before(entry.stamp) &&
                      entry.chain == chain_after(log.chain, log.id, entry);
    if (!fits) return refuse();
    if (entry.payload.size() > protocol::longest_payload) {
        return fail(Code::too_large, "a payload that is too long");
    }
    return {};
}

Result<std::vector<Effect>> put_back_bundle(const Bench& bench,
                                            Appending& appending,
                                            const Entry& entry) {
    TRY(const auto letter, codec::decode<protocol::SignedBundle>(entry.payload));
    TRY(const auto bundle, codec::decode<protocol::Bundle>(letter.bundle));
    if (bundle.log != appending.log().id || bundle.epoch != entry.epoch) return refuse();
    // The relay took it then, so its author had read whatever stood before it.
    TRY(const auto parents, check_bundle(bench, letter, bundle, appending.log().head));
    TRY_VOID(appending.put_back(entry));
    return follow_bundle(bench, appending.log(), bundle, parents);
}

Result<std::vector<Effect>> put_back(const Bench& bench, Appending& appending, const Entry& entry) {
    if (entry.kind == EntryKind::Bundle) return put_back_bundle(bench, appending, entry);
    if (entry.kind != EntryKind::Application) return refuse();
    TRY(const auto candidates, bench.tables.epochs().candidates(appending.log().id, entry.epoch));
    if (candidates.empty()) return refuse();
    TRY_VOID(appending.put_back(entry));
    return std::vector<Effect>{LogGrew{appending.log().id, appending.log().head}};
}

}  // namespace

Result<void> check_complete(const Bench& bench, const Log& log) {
    Recovery* const recovery = bench.allowance.recovery.get();
    if (recovery == nullptr || !recovery->is_waiting(log.id, bench.now)) return {};
    TRY(const bool gone_on, has_gone_on(bench, *recovery, log));
    TRY(const bool declared, have_all_declared(bench, *recovery, log.id));
    if (!gone_on && !declared) {
        return fail(Code::relay_restored, "a restored log waits for what its readers have kept");
    }
    recovery->note_complete(log.id);
    return {};
}

Result<Answer> decide_on(const Bench& bench, const protocol::GetIncarnation& /*request*/) {
    if (bench.allowance.recovery == nullptr) return refuse();
    return Answer{
        protocol::SignedIncarnation{codec::encode(bench.allowance.recovery->statement()), {}, {}}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::GiveBack& request) {
    Recovery* const recovery = bench.allowance.recovery.get();
    if (!bench.asker.reader || recovery == nullptr) return refuse();
    if (request.entries.empty()) return fail(Code::malformed, "nothing to give back");
    TRY(Log log, log_of_kind(bench.tables, request.log, LogKind::Conversation));
    TRY(const auto reader, bench.tables.find_reader(log.id, *bench.asker.reader));
    if (!reader || reader->dropped_at) return refuse();
    TRY(const bool gone_on, has_gone_on(bench, *recovery, log));
    if (gone_on || !recovery->takes_back(log.id, bench.now)) {
        return fail(Code::stale, "the log has gone on without");
    }
    Appending appending(bench, std::move(log));
    Answer answer{protocol::Done{}};
    for (const Entry& entry : request.entries) {
        // Somebody else has given it back already.
        if (entry.seq <= appending.log().head) continue;
        TRY_VOID(check_place(*recovery, appending.log(), entry));
        TRY(const auto effects, put_back(bench, appending, entry));
        answer.effects.insert(answer.effects.end(), effects.begin(), effects.end());
    }
    return answer;
}

Result<Answer> decide_on(const Bench& bench, const protocol::DeclareKept& request) {
    if (!bench.asker.reader) return refuse();
    TRY(const Log log, log_of_kind(bench.tables, request.log, LogKind::Conversation));
    TRY(const auto reader, bench.tables.find_reader(log.id, *bench.asker.reader));
    if (!reader || request.upto > log.head) return refuse();
    Answer answer{protocol::Done{}};
    Recovery* const recovery = bench.allowance.recovery.get();
    if (recovery == nullptr || !recovery->is_waiting(log.id, bench.now)) return answer;
    recovery->declare(log.id, reader->key);
    TRY(const bool all, have_all_declared(bench, *recovery, log.id));
    if (!all) return answer;
    recovery->note_complete(log.id);
    // Whoever waited for that tries again.
    answer.effects.emplace_back(LogGrew{log.id, log.head});
    return answer;
}

}  // namespace cercle::relay
