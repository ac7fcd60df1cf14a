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
        TRY(const std::uint64_t there, cards.count_cards(request.inbox));
        if (there >= bounds::cards_per_inbox) return fail(Code::too_many, "too many cards");
        card = Card{request.card, request.inbox, request.secret, {}, {}};
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
    TRY_VOID(bench.tables.cards().put_card(card));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::DropCard& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    TRY(const auto card, bench.tables.cards().find_card(request.card));
    if (card && card->inbox == request.inbox) {
        TRY_VOID(bench.tables.cards().delete_card(request.card));
    }
    return Answer{protocol::Done{}};
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
