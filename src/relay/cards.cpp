// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Cards as their owner sees them: he makes them, says on which terms they are taken, binds them to
// a key, takes them back, and reads who was refused. What an outsider does with one is in
// card_use.cpp.

namespace cercle::relay {
namespace {

/// A card beside an inbox that this session owns. Errors: refused.
Result<Card> own_card(const Bench& bench, const LogId& inbox, const CardId& id) {
    TRY_VOID(check_owner(bench, inbox));
    TRY(auto card, bench.tables.cards().find_card(id));
    if (!card || card->inbox != inbox) return refuse();
    return *std::move(card);
}

/// An inbox into which nobody can deposit but by AnswerCard, since no token opens it, and which the
/// holder alone reads. Errors: refused (another log has that name).
Result<Log> find_or_make_answers(LogTables& tables, const CardId& card, const HolderKey& holder) {
    const LogId id = protocol::answers_of(card);
    TRY(auto known, tables.find_log(id));
    if (known && !is_answers(*known)) return refuse();
    if (known) return *std::move(known);
    Log answers{};
    answers.id = id;
    answers.kind = LogKind::Inbox;
    TRY_VOID(tables.insert_log(answers));
    TRY_VOID(tables.put_reader(id, {ReaderKey{holder.bytes}, Seq{1}, std::nullopt}));
    return answers;
}

protocol::CardRow row_of(const Card& card, std::vector<protocol::MisuseCount> misuse) {
    protocol::CardRow row{};
    row.card = card.id;
    row.secret = card.secret;
    row.terms = card.terms;
    row.face = content_hash(ContentOf::Face, card.face).bytes;
    row.claimant = card.claimant;
    row.holder = card.holder;
    row.frozen = card.frozen;
    row.revoked = card.revoked;
    row.misuse = std::move(misuse);
    return row;
}

/// One card more beside the inbox. Its id is its maker's choice and becomes a log's name, so it
/// must be none yet. Errors: refused, too_many.
Result<Card> new_card(const Bench& bench, const protocol::PutCard& request) {
    TRY(const auto log, bench.tables.find_log(protocol::answers_of(request.card)));
    if (log) return refuse();
    CardTables& cards = bench.tables.cards();
    TRY(const std::uint64_t there, cards.count_cards(request.inbox));
    if (there >= bounds::cards_per_inbox) {
        TRY(const auto rested, cards.most_rested_revoked(request.inbox));
        if (!rested) return fail(Code::too_many, "too many cards");
        TRY_VOID(cards.delete_card(*rested));
    }
    return Card{request.card, request.inbox, request.secret, {}, {}};
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::PutCard& request) {
    if (request.face.size() > protocol::longest_face ||
        request.terms.budget > bounds::budget_of_card) {
        return fail(Code::too_large, "a face or a budget over its bound");
    }
    // It stands for no card at all.
    if (request.card == CardId{}) return fail(Code::malformed, "a card without an id");
    TRY_VOID(check_owner(bench, request.inbox));
    CardTables& cards = bench.tables.cards();
    TRY(auto card, cards.find_card(request.card));
    if (!card) {
        TRY(card, new_card(bench, request));
    }
    if (card->inbox != request.inbox || card->secret != request.secret) return refuse();
    card->terms = request.terms;
    card->face = request.face;
    TRY_VOID(cards.put_card(*card));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::BindCard& request) {
    TRY(Card card, own_card(bench, request.inbox, request.card));
    const Bytes statement =
        codec::encode(protocol::BindingStatement{request.inbox, request.card, request.holder});
    const auto verdict = access::verify(
        bench.asker.reader->view(), access::Label::CardBinding, statement, request.signature);
    if (!verdict.has_value() || card.revoked != 0) return refuse();
    // What was written to one holder is no other's to read.
    if (card.holder != request.holder) TRY_VOID(drop_answers(bench.tables, card.id));
    card.holder = request.holder;
    card.bound_by = bench.asker.reader;
    card.signature = request.signature;
    card.frozen = 0;
    TRY_VOID(bench.tables.cards().put_card(card));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::RevokeCard& request) {
    TRY(Card card, own_card(bench, request.inbox, request.card));
    card.revoked = 1;
    TRY_VOID(drop_answers(bench.tables, card.id));
    TRY_VOID(bench.tables.cards().put_card(card));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::DropCard& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    TRY(const auto card, bench.tables.cards().find_card(request.card));
    if (card && card->inbox == request.inbox) {
        TRY_VOID(drop_answers(bench.tables, request.card));
        TRY_VOID(bench.tables.cards().delete_card(request.card));
    }
    return Answer{protocol::Done{}};
}

Result<void> drop_answers(LogTables& tables, const CardId& card) {
    const LogId answers = protocol::answers_of(card);
    TRY(const auto log, tables.find_log(answers));
    // A member chooses his cards' ids, and may have chosen that of somebody's inbox or
    // conversation.
    if (!log || !is_answers(*log)) return {};
    return tables.delete_log(answers);
}

bool is_answers(const Log& log) {
    return log.kind == LogKind::Inbox && !log.deposit;
}

Result<Answer> decide_on(const Bench& bench, const protocol::AnswerCard& request) {
    if (request.letter.payload.size() > protocol::longest_card_letter) {
        return fail(Code::too_large, "a letter that is too long");
    }
    TRY(const Card card, own_card(bench, request.inbox, request.card));
    if (!card.holder || card.revoked != 0) return refuse();
    TRY(auto answers, find_or_make_answers(bench.tables, card.id, *card.holder));
    const LogId log = answers.id;
    Appending appending(bench, std::move(answers));
    const ContentHash content = content_hash(ContentOf::Deposit, request.letter.payload);
    TRY(const auto known, appending.known(request.letter.id, content));
    if (known) return Answer{protocol::Posted{{*known}}};
    TRY(const Seq seq,
        appending.append(request.letter.id,
                         content,
                         protocol::EntryKind::Deposit,
                         Epoch{0},
                         request.letter.payload));
    return Answer{protocol::Posted{{seq}}, {LogGrew{log, seq}}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::ListCards& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    CardTables& cards = bench.tables.cards();
    constexpr std::size_t most = protocol::most_listed_cards;
    TRY(auto found, cards.cards_of(request.inbox, request.after, most + 1));
    protocol::Cards list{};
    list.more = found.size() > most ? 1 : 0;
    if (found.size() > most) found.pop_back();
    for (Card& card : found) {
        TRY(auto misuse, cards.misuses(card.id));
        list.cards.push_back(row_of(card, std::move(misuse)));
        if (card.told == 0) continue;
        card.told = 0;
        TRY_VOID(cards.put_card(card));
    }
    return Answer{std::move(list)};
}

}  // namespace cercle::relay
