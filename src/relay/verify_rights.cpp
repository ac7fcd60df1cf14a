// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/verify_rights.h"

#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"

namespace cercle::relay {
namespace {

Result<void> check_binding(LogTables& tables, const Card& card) {
    if (!card.holder && !card.bound_by && card.signature.empty()) return {};
    if (!card.holder || !card.bound_by) return fail(Code::store_corrupt, "half of a binding");
    TRY(const auto reader, tables.find_reader(card.inbox, *card.bound_by));
    const Bytes statement =
        codec::encode(protocol::BindingStatement{card.inbox, card.id, *card.holder});
    const auto verdict = access::verify(
        card.bound_by->view(), access::Label::CardBinding, statement, card.signature);
    if (!reader || !verdict.has_value()) {
        return fail(Code::store_corrupt, "a card is bound to whom its owner did not bind it");
    }
    return {};
}

Result<void> check_card(LogTables& tables, const Card& card) {
    TRY(const auto inbox, tables.find_log(card.inbox));
    if (!inbox || inbox->kind != LogKind::Inbox) {
        return fail(Code::store_corrupt, "a card that leads to no inbox");
    }
    if (card.face.size() > protocol::longest_face || card.terms.budget > bounds::budget_of_card) {
        return fail(Code::store_corrupt, "a card over its bounds");
    }
    return check_binding(tables, card);
}

Result<void> check_share(const UnlockShare& share) {
    const bool spent = share.wrong == protocol::most_guesses;
    const bool whole = share.share.size() == (spent ? 0 : protocol::token_size);
    const bool counted = share.wrong <= protocol::most_guesses &&
                         share.wrong_before < protocol::most_guesses &&
                         (share.wrong > 0) == (share.became == LastGuess::Wrong);
    if (!whole || !counted) {
        return fail(Code::store_corrupt, "an unlock share that counts what cannot be");
    }
    return {};
}

}  // namespace

Result<void> verify_cards(LogTables& tables, Verified& verified) {
    CardTables& cards = tables.cards();
    TRY_VOID(cards.each_card([&](const Card& card) -> Result<void> {
        ++verified.cards;
        return check_card(tables, card);
    }));
    return cards.each_misuse(
        [&](const CardId& id, const protocol::MisuseCount& row) -> Result<void> {
            const auto why = static_cast<std::uint8_t>(row.why);
            if (why == 0 || why > protocol::kinds_of_misuse || row.count == 0 ||
                row.count > bounds::misuse_counted) {
                return fail(Code::store_corrupt, "a count of misuse that cannot be");
            }
            if (id == CardId{}) return {};
            TRY(const auto card, cards.find_card(id));
            if (!card) return fail(Code::store_corrupt, "misuse of a card that is not there");
            return {};
        });
}

Result<void> verify_shares(LogTables& tables, Verified& verified) {
    UnlockShares* const shares = tables.unlock_shares();
    if (shares == nullptr) return {};
    TRY_VOID(shares->store().check_integrity());
    return shares->store().look([&verified](ShareTables& stored) -> Result<void> {
        TRY_VOID(stored.tally());
        return stored.each_share([&verified](const UnlockShare& share) -> Result<void> {
            ++verified.shares;
            return check_share(share);
        });
    });
}

}  // namespace cercle::relay
