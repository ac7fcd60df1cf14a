// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/token.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Appending: entries of conversations and deposits in inboxes.
//
// The order of the questions is the rule: first whether the id is known (a retry gets its old
// position, whatever has happened to token and epoch since), then the right, then the room.

namespace cercle::relay {
namespace {

using protocol::EntryKind;

Result<void> check_sizes(const std::vector<protocol::NewEntry>& entries) {
    if (entries.empty()) return fail(Code::malformed, "nothing to append");
    if (entries.size() > protocol::most_entries) {
        return fail(Code::too_large, "too many entries at once");
    }
    for (const auto& entry : entries) {
        if (entry.payload.size() > protocol::longest_payload) {
            return fail(Code::too_large, "a payload that is too long");
        }
    }
    return {};
}

// Every member of an epoch holds its token, of the candidate that he follows. One that a bundle
// goes on from is stale, so that its holder knows to read on; one that never was is refused.
// Gives back what the token was compared with.
Result<TokenHash> check_append_right(const Bench& bench,
                                     const Log& log,
                                     const protocol::Post& post) {
    TRY(const auto candidates, bench.tables.epochs().candidates(log.id, post.epoch));
    bool right = false;
    std::optional<TokenHash> newest;
    for (const Candidate& candidate : candidates) {
        // Nothing that a removed member has begun lets him write.
        if (candidate.author && candidate.ended.value == 0) {
            TRY(const auto author, bench.tables.find_reader(log.id, *candidate.author));
            if (!author || author->dropped_at) continue;
        }
        const bool matches =
            access::matches(access::Right::Append, post.token, candidate.verifier.token.view());
        right |= matches;
        if (matches && candidate.ended.value == 0) newest = candidate.verifier.token;
    }
    if (candidates.empty()) right = matches_if_any(access::Right::Append, post.token, std::nullopt);
    if (!right) return refuse();
    if (!newest) return fail(Code::stale, "the log has moved on");
    return *newest;
}

// Whom memory lets in. It compares one token in any case; whom it does not let in, the tables are
// asked about, so that nobody can tell from a refusal what is remembered.
std::optional<Log> recall(const Bench& bench, const protocol::Post& post) {
    auto known = bench.tables.recall_log(post.log);
    const bool same_epoch = known && known->epoch == post.epoch;
    const auto token = same_epoch ? std::optional(known->token) : std::nullopt;
    if (!matches_if_any(access::Right::Append, post.token, token)) return {};
    return std::move(known->log);
}

Result<Answer> make_log(const Bench& bench, const protocol::CreateLog& request, Keeping keeping) {
    if (request.readers.empty()) return fail(Code::malformed, "a log that nobody reads");
    if (request.readers.size() > bounds::readers_per_log) {
        return fail(Code::too_many, "too many readers");
    }
    const ContentHash founding = content_hash(ContentOf::Founding, codec::encode(request));
    TRY(const auto existing, bench.tables.find_log(request.log));
    if (existing) {
        if (existing->kind == LogKind::Conversation && existing->founding == founding &&
            existing->keeping == keeping) {
            return Answer{protocol::Done{}};
        }
        return refuse();
    }
    // The name of what its owner will write to that card's holder.
    TRY(const auto card, bench.tables.cards().find_card(CardId{request.log.bytes}));
    if (card) return refuse();
    TRY(const auto device, bench.tables.find_device(bench.asker.device));
    if (!device) return refuse();
    if (device->logs_made >= bounds::logs_per_device) {
        return fail(Code::too_many, "this device has made too many logs");
    }
    TRY_VOID(bench.tables.count_log_made(device->key));
    Log log{};
    log.id = request.log;
    log.kind = LogKind::Conversation;
    log.founding = founding;
    log.keeping = keeping;
    TRY_VOID(bench.tables.insert_log(log));
    TRY_VOID(bench.tables.epochs().insert_candidate(log.id, {Epoch{0}, Seq{0}, request.verifier}));
    for (const ReaderKey& reader : request.readers) {
        // Before whom any bundle brings in, the first too.
        TRY_VOID(bench.tables.put_reader(log.id, {reader, Seq{0}, std::nullopt}));
    }
    return Answer{protocol::Done{}};
}

// What names no log is asked the same questions as what does, so that the refusal takes as long.
Result<Answer> refuse_slowly(const Bench& bench, const protocol::Post& post) {
    const auto& entry = post.entries.front();
    [[maybe_unused]] const ContentHash content = content_hash(ContentOf::Entry, entry.payload);
    TRY([[maybe_unused]] const auto known, bench.tables.find_outcome(post.log, entry.id));
    Log nothing{};
    nothing.id = post.log;
    TRY_VOID(check_append_right(bench, nothing, post));
    return refuse();
}

/// Before anything is looked up: who passes himself off as an officer learns nothing of inboxes.
Result<void> check_officer(const Bench& bench) {
    TRY(const Identity identity, bench.tables.identity());
    if (identity.officer != bench.asker.officer) return refuse();
    return {};
}

Result<Answer> refuse_slowly(const Bench& bench, const protocol::Deposit& deposit) {
    const auto& entry = deposit.entry;
    [[maybe_unused]] const ContentHash content = content_hash(ContentOf::Deposit, entry.payload);
    TRY([[maybe_unused]] const auto known, bench.tables.find_outcome(deposit.inbox, entry.id));
    [[maybe_unused]] const bool right =
        matches_if_any(access::Right::Deposit, deposit.token, std::nullopt);
    return refuse();
}

}  // namespace

Result<std::optional<Seq>> Appending::known(const EntryId& id, const ContentHash& content) const {
    TRY(const auto outcome, bench_.tables.find_outcome(log_.id, id));
    if (!outcome) return std::optional<Seq>{};
    if (outcome->content != content) {
        return fail(Code::id_reused, "the id stands for other content");
    }
    return std::optional(outcome->seq);
}

Result<Seq> Appending::append(
    const EntryId& id, const ContentHash& content, EntryKind kind, Epoch epoch, Bytes payload) {
    protocol::Entry entry{
        log_.head.next(), kind, epoch, bench_.now, std::move(payload), ChainHash{}};
    entry.chain = chain_after(log_.chain, log_.id, entry);
    return keep(id, content, entry);
}

Result<Seq> Appending::put_back(const protocol::Entry& entry) {
    // Which id its sender gave it, nobody knows any more; he looks for it in the log first.
    const ContentHash mark = content_hash(ContentOf::Word, entry.chain.view());
    return keep(*EntryId::from(mark.view().first(EntryId::size)), content_hash(entry), entry);
}

Result<Seq> Appending::keep(const EntryId& id,
                            const ContentHash& content,
                            const protocol::Entry& entry) {
    const bool inbox = log_.kind == LogKind::Inbox;
    const auto most_entries = inbox ? bounds::entries_per_inbox : bounds::entries_per_log;
    const auto most_bytes = inbox ? bounds::bytes_per_inbox : bounds::bytes_per_log;
    const std::uint64_t entries = log_.head.value - log_.base.value;
    if (entries >= most_entries || log_.bytes + entry.payload.size() > most_bytes) {
        return fail(Code::log_full, "the log is full");
    }
    TRY_VOID(bench_.tables.append(log_.id, entry, id, content));
    if (log_.keeping == Keeping::Recorded) TRY_VOID(record(bench_.tables, log_.id, entry));
    log_.head = entry.seq;
    log_.chain = entry.chain;
    log_.bytes += entry.payload.size();
    return entry.seq;
}

Result<Answer> decide_on(const Bench& bench, const protocol::CreateLog& request) {
    return make_log(bench, request, Keeping::UntilAcknowledged);
}

Result<Answer> decide_on(const Bench& bench, const protocol::CreateRecordedLog& request) {
    return make_log(bench, {request.log, request.verifier, request.readers}, Keeping::Recorded);
}

Result<Answer> decide_on(const Bench& bench, const protocol::Post& request) {
    TRY_VOID(check_sizes(request.entries));
    auto log = recall(bench, request);
    const bool let_in = log.has_value();
    if (!log) {
        TRY(log, bench.tables.find_log(request.log));
    }
    if (!log || log->kind != LogKind::Conversation) return refuse_slowly(bench, request);
    Appending appending(bench, *std::move(log));
    protocol::Posted posted;
    bool grown = false;
    for (const auto& entry : request.entries) {
        const ContentHash content = content_hash(ContentOf::Entry, entry.payload);
        TRY(auto position, appending.known(entry.id, content));
        if (!position) {
            if (!grown && !let_in) {
                TRY(const TokenHash token, check_append_right(bench, appending.log(), request));
                bench.tables.remember_log({appending.log(), request.epoch, token});
            }
            if (!grown) TRY_VOID(check_complete(bench, appending.log()));
            TRY(position,
                appending.append(
                    entry.id, content, EntryKind::Application, request.epoch, entry.payload));
            grown = true;
        }
        posted.positions.push_back(*position);
    }
    Answer answer{std::move(posted)};
    if (grown) answer.effects.emplace_back(LogGrew{request.log, appending.log().head});
    return answer;
}

Result<Answer> decide_on(const Bench& bench, const protocol::Deposit& request) {
    const protocol::NewEntry& entry = request.entry;
    if (entry.payload.size() > protocol::longest_payload) {
        return fail(Code::too_large, "a payload that is too long");
    }
    // The circle's officer has made all inboxes, and holds no token of a later turn if his machine
    // was restored.
    const bool officer = bench.asker.kind == Asker::Kind::Officer;
    if (officer) TRY_VOID(check_officer(bench));
    TRY(auto inbox, bench.tables.find_log(request.inbox));
    if (!inbox || inbox->kind != LogKind::Inbox) return refuse_slowly(bench, request);
    Appending appending(bench, *std::move(inbox));
    const ContentHash content = content_hash(ContentOf::Deposit, entry.payload);
    TRY(const auto known, appending.known(entry.id, content));
    if (known) return Answer{protocol::Posted{{*known}}};
    const auto& right = appending.log().deposit;
    const bool may =
        right && (officer || access::matches(access::Right::Deposit, request.token, right->view()));
    if (!may) return refuse();
    TRY(const Seq seq,
        appending.append(entry.id, content, EntryKind::Deposit, Epoch{0}, entry.payload));
    return Answer{protocol::Posted{{seq}}, {LogGrew{request.inbox, seq}}};
}

}  // namespace cercle::relay
