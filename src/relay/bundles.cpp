// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/contest.h"
#include "relay/decide_parts.h"

// Bundles: the commits of a conversation, and what each changes in who may write and read. Which
// one counts, when several claim an epoch: contest.cpp.

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

// Says whose the bundle was: a member who is not on his way out already.
Result<void> check_author(const Bench& bench, const SignedBundle& letter, const Bundle& bundle) {
    TRY(const auto author, bench.tables.find_reader(bundle.log, bundle.author));
    if (!author || author->dropped_at) return refuse();
    if (!access::verify(
             bundle.author.view(), Label::BundleAuthor, letter.bundle, letter.author_signature)
             .has_value()) {
        return refuse();
    }
    return {};
}

// They read at once, whichever bundle will count: who was let in by garbage reads what he cannot
// open.
Result<void> add_readers(const Bench& bench, const Bundle& bundle, Seq seq) {
    for (const ReaderKey& key : bundle.readers_added) {
        TRY(const auto reader, bench.tables.find_reader(bundle.log, key));
        // Who reads already keeps what he may read.
        if (reader && !reader->dropped_at) continue;
        TRY_VOID(bench.tables.put_reader(bundle.log, {key, seq, std::nullopt}));
    }
    TRY(const std::uint64_t readers, bench.tables.count_readers(bundle.log));
    if (readers > bounds::readers_per_log) return fail(Code::too_many, "too many readers");
    return {};
}

}  // namespace

Result<std::vector<Candidate>> check_bundle(const Bench& bench,
                                            const SignedBundle& letter,
                                            const Bundle& bundle,
                                            Seq passed_over) {
    TRY_VOID(check_lists(bundle));
    TRY(auto parents, check_turn(bench, letter, bundle, passed_over));
    TRY_VOID(check_author(bench, letter, bundle));
    return parents;
}

Result<std::vector<Effect>> follow_bundle(const Bench& bench,
                                          const Log& log,
                                          const Bundle& bundle,
                                          const std::vector<Candidate>& parents) {
    TRY_VOID(begin_candidate(bench, bundle, log.head, parents));
    if (log.epoch < bundle.epoch.next()) {
        TRY_VOID(bench.tables.set_epoch(log.id, bundle.epoch.next()));
    }
    TRY(auto effects, drop_readers(bench, bundle, log.head));
    TRY_VOID(add_readers(bench, bundle, log.head));
    // First the hint, then the end of hints: who is dropped still hears of this one.
    effects.insert(effects.begin(), LogGrew{log.id, log.head});
    return effects;
}

Result<Answer> decide_on(const Bench& bench, const protocol::PostBundle& request) {
    const Bytes payload = codec::encode(request.bundle);
    if (payload.size() > protocol::longest_payload) {
        return fail(Code::too_large, "a bundle that is too long");
    }
    TRY(const auto bundle, codec::decode<Bundle>(request.bundle.bundle));
    TRY(Log log, log_of_kind(bench.tables, bundle.log, LogKind::Conversation));

    Appending appending(bench, std::move(log));
    const ContentHash content = content_hash(ContentOf::Bundle, payload);
    TRY(const auto known, appending.known(request.id, content));
    if (known) return Answer{protocol::Posted{{*known}}};

    TRY(const auto parents, check_bundle(bench, request.bundle, bundle, request.passed_over));
    TRY_VOID(check_complete(bench, appending.log()));
    TRY(const Seq seq,
        appending.append(request.id, content, protocol::EntryKind::Bundle, bundle.epoch, payload));
    TRY(auto effects, follow_bundle(bench, appending.log(), bundle, parents));
    return Answer{protocol::Posted{{seq}}, std::move(effects)};
}

}  // namespace cercle::relay
