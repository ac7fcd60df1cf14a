// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_inbox.h"

#include "client/cards.h"
#include "client/receive.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

Result<identity::CardKey> key_of(store::Transaction& transaction, const protocol::CardId& card) {
    TRY(const auto row,
        transaction.one<Secret>("SELECT card_key FROM cards WHERE card = ?1", card));
    if (!row) return fail(Code::unknown, "something came by a card that is not this device's");
    TRY(const auto key, crypto::SigningKey::from_secret(ed25519, std::get<0>(*row).reveal()));
    return public_id<identity::CardKey>(key);
}

/// The first one counts; the relay takes no second.
Result<void> take_claim(Core& core,
                        store::Transaction& transaction,
                        const protocol::Entry& entry,
                        const protocol::CardLetter& letter) {
    TRY(const auto card_key, key_of(transaction, letter.card));
    TRY(const auto hash, envelope::reader_of_card_letter(letter.letter));
    TRY(const auto reader, card_talk::find_key(transaction, letter.card, hash));
    TRY(const auto words,
        envelope::open_claim(
            {letter.card, envelope::CardWay::Claim}, reader, letter.holder, letter.letter));
    TRY_VOID(transaction.run(
        "UPDATE cards SET stage = 1, claim = ?2, words = ?3, introduction = ?4, holder = ?5,"
        " claim_key = ?6, claimed = ?7 WHERE card = ?1 AND stage = 0",
        letter.card,
        ClaimId::random(core.world.random),
        cards::words_of_claim(card_key, letter.holder, letter.letter),
        words.introduction,
        letter.holder,
        words.key,
        time_of(entry)));
    // The next letter names another key.
    return transaction.run(
        "UPDATE card_keys SET used = 1 WHERE card = ?1 AND hash = ?2", letter.card, hash);
}

Result<void> keep_degree(store::Transaction& transaction,
                         const protocol::CardLetter& letter,
                         envelope::MessageId message) {
    return transaction.run(
        "INSERT OR REPLACE INTO card_degrees (card, message, tier) VALUES (?1, ?2, ?3)",
        letter.card,
        message,
        letter.tier);
}

/// Where the tier is `knock`, one short introduction is all that passes.
Result<void> check_length(const protocol::CardLetter& letter, const envelope::LetterWords& words) {
    if (letter.tier != protocol::Tier::Knock) return {};
    if (words.text.size() <= envelope::longest_introduction * 4) return {};
    return fail(Code::too_large, "a knock that is too long");
}

Result<void> take_letter(store::Transaction& transaction,
                         const protocol::Entry& entry,
                         const protocol::CardLetter& letter) {
    TRY(const auto row,
        (transaction.one<CardStage, std::optional<protocol::HolderKey>>(
            "SELECT stage, holder FROM cards WHERE card = ?1", letter.card)));
    if (!row || std::get<0>(*row) != CardStage::Bound) {
        return fail(Code::unknown, "a letter by a card to which nobody is bound");
    }
    if (std::get<1>(*row) != letter.holder) {
        return fail(Code::forged, "a letter by somebody else than the card's holder");
    }
    const auto member = holder_of(letter.card);
    Result<Heard> heard = fail(Code::unknown, "not read yet");
    {
        TRY(auto savepoint, transaction.savepoint());
        heard = card_talk::hear(transaction, letter.card, letter.letter);
        if (heard) TRY_VOID(std::move(savepoint).keep());
    }
    if (heard) {
        if (const auto fits = check_length(letter, heard->words); !fits) {
            heard = std::unexpected(fits.error());
        }
    }
    if (!heard && is_of_the_disk(heard.error().code)) return std::unexpected(heard.error());
    if (!heard) {
        return card_talk::show_skipped(
            transaction, letter.card, member, heard.error().code, time_of(entry));
    }
    TRY_VOID(card_talk::show_heard(transaction, letter.card, member, *heard, time_of(entry)));
    return keep_degree(transaction, letter, heard->words.id);
}

}  // namespace

Result<void> take_card_entry(Core& core,
                             store::Transaction& transaction,
                             const protocol::Entry& entry) {
    TRY(const auto letter, codec::decode<protocol::CardLetter>(entry.payload));
    switch (letter.use) {
        case protocol::CardUse::Claim:
            TRY_VOID(take_claim(core, transaction, entry, letter));
            break;
        case protocol::CardUse::Letter:
            TRY_VOID(take_letter(transaction, entry, letter));
            break;
        case protocol::CardUse::Misuse:
            TRY_VOID(transaction.run("UPDATE cards SET look = 1 WHERE card = ?1 AND look = 0",
                                     letter.card));
            break;
    }
    core.changed.notify_all();
    return {};
}

Result<std::optional<protocol::Tier>> degree_of(store::Database& database,
                                                protocol::LogId log,
                                                envelope::MessageId message) {
    TRY(const auto row,
        database.one<protocol::Tier>(
            "SELECT tier FROM card_degrees WHERE card = ?1 AND message = ?2", log, message));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

}  // namespace cercle::client
