// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Bundles: the commits of a conversation, and what each changes in who may write and read.
//
// FIXME: the contest (3-protocols 3.2) is still to come: "the relay admits one bundle per reader
// and epoch, and entries under any candidate's verifier; dropping readers takes effect when
// other readers' acknowledgements name that bundle". Until then the first bundle of an epoch
// that is well signed ends it, and drops readers at once; the tables have room for candidates.

namespace cercle::relay {
namespace {

using access::Label;
using protocol::Bundle;
using protocol::SignedBundle;

Result<void> check_lists(const Bundle& bundle) {
    if (bundle.readers_added.size() > bounds::readers_per_log ||
        bundle.readers_dropped.size() > bounds::readers_per_log) {
        return fail(Code::too_many, "too many readers");
    }
    std::vector<ReaderKey> named = bundle.readers_added;
    named.insert(named.end(), bundle.readers_dropped.begin(), bundle.readers_dropped.end());
    std::ranges::sort(named);
    if (std::ranges::adjacent_find(named) != named.end()) {
        return fail(Code::malformed, "a reader that is named twice");
    }
    return {};
}

// Of a member of the epoch, that is; and the author's own, which says whose it was.
Result<void> check_signatures(const Bench& bench,
                              const Log& log,
                              const SignedBundle& letter,
                              const Bundle& bundle) {
    TRY(const auto candidates, bench.tables.verifiers(log.id, bundle.epoch));
    const bool of_member = std::ranges::any_of(candidates, [&](const EpochVerifier& candidate) {
        return access::verify(candidate.verifier.bundle.view(),
                              Label::BundleEpoch,
                              letter.bundle,
                              letter.epoch_signature)
            .has_value();
    });
    if (!of_member) return refuse();
    if (bundle.epoch != log.epoch) return fail(Code::stale, "the log has moved on");
    TRY(const auto author, bench.tables.find_reader(log.id, bundle.author));
    if (!author || author->dropped_at) return refuse();
    if (!access::verify(
             bundle.author.view(), Label::BundleAuthor, letter.bundle, letter.author_signature)
             .has_value()) {
        return refuse();
    }
    return {};
}

Result<std::vector<Effect>> change_readers(const Bench& bench, const Bundle& bundle, Seq seq) {
    std::vector<Effect> effects;
    for (const ReaderKey& key : bundle.readers_dropped) {
        TRY(auto reader, bench.tables.find_reader(bundle.log, key));
        if (!reader || reader->dropped_at) continue;
        reader->dropped_at = seq;
        TRY_VOID(bench.tables.put_reader(bundle.log, *reader));
        effects.emplace_back(ReaderDropped{bundle.log, key});
    }
    for (const ReaderKey& key : bundle.readers_added) {
        TRY(const auto reader, bench.tables.find_reader(bundle.log, key));
        // Who reads already keeps what he may read.
        if (reader && !reader->dropped_at) continue;
        TRY_VOID(bench.tables.put_reader(bundle.log, {key, seq, std::nullopt}));
    }
    TRY(const std::uint64_t readers, bench.tables.count_readers(bundle.log));
    if (readers > bounds::readers_per_log) return fail(Code::too_many, "too many readers");
    return effects;
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::PostBundle& request) {
    const Bytes payload = codec::encode(request.bundle);
    if (payload.size() > protocol::longest_payload) {
        return fail(Code::too_large, "a bundle that is too long");
    }
    TRY(const auto bundle, codec::decode<Bundle>(request.bundle.bundle));
    TRY_VOID(check_lists(bundle));
    TRY(Log log, log_of_kind(bench.tables, bundle.log, LogKind::Conversation));

    Appending appending(bench, std::move(log));
    const ContentHash content = content_hash(ContentOf::Bundle, payload);
    TRY(const auto known, appending.known(request.id, content));
    if (known) return Answer{protocol::Posted{{*known}}};

    TRY_VOID(check_signatures(bench, appending.log(), request.bundle, bundle));
    TRY(const Seq seq,
        appending.append(request.id, content, protocol::EntryKind::Bundle, bundle.epoch, payload));
    TRY_VOID(bench.tables.insert_verifier(bundle.log, {bundle.epoch.next(), seq, bundle.next}));
    TRY_VOID(bench.tables.set_epoch(bundle.log, bundle.epoch.next()));
    TRY(auto effects, change_readers(bench, bundle, seq));
    // First the hint, then the end of hints: who is dropped still hears of this one.
    effects.insert(effects.begin(), LogGrew{bundle.log, seq});
    return Answer{protocol::Posted{{seq}}, std::move(effects)};
}

}  // namespace cercle::relay
