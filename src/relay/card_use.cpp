// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "access/token.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Cards as an outsider uses them. Whoever is turned away reads one and the same refusal, and for
// each one row is written, whether there is such a card or not; the owner finds the counts beside
// the card, and is told of it by one entry in the inbox until he has looked.

namespace cercle::relay {
namespace {

using protocol::CardUse;
using protocol::Tier;

enum class Purpose : std::uint8_t { Read, Claim, Use, Answers };

/// A card that was asked for, and what speaks against it.
struct Inspection {
    std::optional<Card> card;
    std::optional<Misuse> misuse;
};

/// Whether that key may do it at all, whatever the terms.
std::optional<Misuse> judge(const Card& card, const HolderKey& key, Purpose purpose) {
    if (card.revoked != 0) return Misuse::Revoked;
    if (card.holder) {
        if (*card.holder != key) return Misuse::Foreign;
        return purpose == Purpose::Claim ? std::optional(Misuse::Unbound) : std::nullopt;
    }
    const bool claimed_by_other = card.claimant && *card.claimant != key;
    if (purpose != Purpose::Read && claimed_by_other) return Misuse::Foreign;
    const bool bound_alone = purpose == Purpose::Use || purpose == Purpose::Answers;
    if (card.frozen != 0 || bound_alone) return Misuse::Unbound;
    if (purpose == Purpose::Claim && card.claimant) return Misuse::Unbound;
    return std::nullopt;
}

/// What its terms say about now.
std::optional<Misuse> judge_terms(const Card& card, Purpose purpose, Stamp now) {
    if (card.terms.tier == Tier::Never) return Misuse::Muted;
    // A claim may come at any time: it rings nowhere, and there is but one.
    if (purpose != Purpose::Use) return std::nullopt;
    if (!protocol::is_within(card.terms, now)) return Misuse::Late;
    const std::uint32_t used = card.day == day_of(now) ? card.used : 0;
    if (used >= card.terms.budget) return Misuse::Spent;
    return std::nullopt;
}

Result<Inspection> inspect(const Bench& bench,
                           const CardId& id,
                           const Secret& secret,
                           Purpose purpose) {
    TRY(auto card, bench.tables.cards().find_card(id));
    // Looked at in any case, so that an unknown card takes as long as a wrong secret.
    const TokenHash hash = card ? card->secret : TokenHash{};
    const bool right = access::matches(access::Right::Card, secret, hash.view());
    if (!card || !right) return Inspection{std::move(card), Misuse::Forged};
    const auto misuse = judge(*card, bench.asker.holder, purpose);
    return Inspection{std::move(card), misuse};
}

/// What the owner should hear of before he looks by himself.
bool is_alarming(Misuse why) {
    return why == Misuse::Forged || why == Misuse::Foreign || why == Misuse::Revoked;
}

/// Every entry of an inbox has an id of its own. That of the relay's own word is made of its place
/// and of what stands before it, so that nobody who writes into the inbox can take it beforehand.
EntryId id_of_word(const Log& inbox) {
    codec::Writer writer;
    codec::write(writer, inbox.chain);
    codec::write(writer, inbox.head.next());
    const ContentHash hash = content_hash(ContentOf::Word, writer.bytes());
    return *EntryId::from(hash.view().first(EntryId::size));
}

/// Once until the owner has looked; not in an inbox that is full.
Result<std::vector<Effect>> tell_owner(const Bench& bench, Card& card) {
    std::vector<Effect> effects;
    TRY(Log inbox, log_of_kind(bench.tables, card.inbox, LogKind::Inbox));
    const protocol::CardLetter word{
        card.id, CardUse::Misuse, card.terms.tier, HolderKey{}, Bytes{}};
    const EntryId id = id_of_word(inbox);
    Appending appending(bench, std::move(inbox));
    const auto seq = appending.append(
        id, content_hash(word), protocol::EntryKind::Card, Epoch{0}, codec::encode(word));
    if (!seq.has_value() && seq.error().code == Code::log_full) return effects;
    TRY_VOID(seq);
    card.told = 1;
    effects.emplace_back(LogGrew{card.inbox, *seq});
    return effects;
}

/// An answer and not an error, since the count has to be kept.
Result<Answer> turn_away(const Bench& bench, std::optional<Card> card, Misuse why) {
    Answer answer{protocol::Refused{protocol::Refusal::Refused}};
    CardTables& cards = bench.tables.cards();
    TRY_VOID(cards.count_misuse(card ? card->id : CardId{}, why, bench.now));
    if (!card) return answer;
    const Card before = *card;
    // Two who claim a card: which of them it was given to, its owner alone can say.
    if (why == Misuse::Foreign && !card->holder) card->frozen = 1;
    if (is_alarming(why) && card->told == 0) {
        TRY(answer.effects, tell_owner(bench, *card));
    }
    if (card->frozen != before.frozen || card->told != before.told) {
        TRY_VOID(cards.put_card(*card));
    }
    return answer;
}

/// A claim or a letter, once it is found to be in order.
Result<Answer> take(const Bench& bench,
                    Inspection inspection,
                    CardUse use,
                    const protocol::NewEntry& letter) {
    if (!inspection.card || inspection.misuse == Misuse::Forged) {
        return turn_away(bench, std::move(inspection.card), Misuse::Forged);
    }
    Card card = *std::move(inspection.card);
    const bool claim = use == CardUse::Claim;
    const Purpose purpose = claim ? Purpose::Claim : Purpose::Use;
    protocol::CardLetter word{card.id, use, card.terms.tier, bench.asker.holder, letter.payload};
    if (claim) word.tier = std::max(word.tier, Tier::Knock);
    TRY(Log inbox, log_of_kind(bench.tables, card.inbox, LogKind::Inbox));
    Appending appending(bench, std::move(inbox));
    // A repetition first, of who was right then: its answer may have been lost.
    const ContentHash content = content_hash(word);
    const auto known = appending.known(letter.id, content);
    if (known.has_value() && *known) return Answer{protocol::Done{}};
    if (inspection.misuse) return turn_away(bench, std::move(card), *inspection.misuse);
    TRY_VOID(known);
    if (const auto against = judge_terms(card, purpose, bench.now)) {
        return turn_away(bench, std::move(card), *against);
    }
    // Asked last: how long is too long, who has no right is not told either.
    const bool knock = claim || word.tier == Tier::Knock;
    const auto longest = knock ? protocol::longest_knock : protocol::longest_card_letter;
    if (letter.payload.size() > longest) {
        return fail(Code::too_large, "a letter that is too long");
    }
    TRY(const Seq seq,
        appending.append(
            letter.id, content, protocol::EntryKind::Card, Epoch{0}, codec::encode(word)));
    if (claim) {
        card.claimant = bench.asker.holder;
    } else {
        const Day today = day_of(bench.now);
        card.used = (card.day == today ? card.used : 0) + 1;
        card.day = today;
    }
    TRY_VOID(bench.tables.cards().put_card(card));
    return Answer{protocol::Done{}, {LogGrew{card.inbox, seq}}};
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::ReadCard& request) {
    TRY(auto inspection, inspect(bench, request.card, request.secret, Purpose::Read));
    if (!inspection.misuse && inspection.card) {
        inspection.misuse = judge_terms(*inspection.card, Purpose::Read, bench.now);
    }
    if (inspection.misuse) {
        return turn_away(bench, std::move(inspection.card), *inspection.misuse);
    }
    return Answer{protocol::CardFace{std::move(inspection.card->face)}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::OpenAnswers& request) {
    TRY(auto inspection, inspect(bench, request.card, request.secret, Purpose::Answers));
    if (inspection.misuse) {
        return turn_away(bench, std::move(inspection.card), *inspection.misuse);
    }
    const LogId id = protocol::answers_of(request.card);
    const ReaderKey reader{bench.asker.holder.bytes};
    TRY(const auto log, bench.tables.find_log(id));
    TRY(const auto known, bench.tables.find_reader(id, reader));
    // Bound, and nothing was written to him yet.
    if (!log || !known || !is_answers(*log)) return Answer{protocol::Opened{Seq{1}, Seq{0}}};
    Answer answer{protocol::Opened{log->base.next(), log->head}};
    answer.effects.emplace_back(LogOpened{id, reader});
    return answer;
}

Result<Answer> decide_on(const Bench& bench, const protocol::ClaimCard& request) {
    TRY(auto inspection, inspect(bench, request.card, request.secret, Purpose::Claim));
    return take(bench, std::move(inspection), CardUse::Claim, request.letter);
}

Result<Answer> decide_on(const Bench& bench, const protocol::UseCard& request) {
    TRY(auto inspection, inspect(bench, request.card, request.secret, Purpose::Use));
    return take(bench, std::move(inspection), CardUse::Letter, request.letter);
}

}  // namespace cercle::relay
