// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Cards: how an outsider reaches one inbox, on its owner's terms (docs/spec/cards.md).
//
// The owner's requests want the inbox opened in the same session. The outsider's come in an
// AsHolder session, whose key is the holder's. Whatever an outsider is refused for, he reads
// `Refused` in the same bytes; the owner is told.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/entry.h"
#include "protocol/token.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// What a use of the card does at the owner's. `Never`: it is not taken at all.
enum class Tier : std::uint8_t { Ring = 1, Knock = 2, Note = 3, Never = 4 };

inline constexpr std::uint16_t minutes_of_week = 7 * 24 * 60;
inline constexpr std::size_t most_windows = 28;
inline constexpr std::size_t longest_face = std::size_t{8} << 10U;
/// Of a claim, and of what comes by a card of the tier `Knock`.
inline constexpr std::size_t longest_knock = std::size_t{8} << 10U;
inline constexpr std::size_t longest_card_letter = std::size_t{64} << 10U;
/// A list of cards carries at most so many.
inline constexpr std::size_t most_listed_cards = 128;

/// From a minute of the week to before another; the week begins on Monday at 00:00 UTC.
struct Window {
    std::uint16_t from;
    std::uint16_t until;

    friend bool operator==(const Window&, const Window&) = default;

    auto fields(this auto& self) { return std::tie(self.from, self.until); }
};

struct CardTerms {
    Tier tier = Tier::Never;
    std::uint32_t budget = 0;     // letters a day (UTC)
    std::vector<Window> hours{};  // none: always

    friend bool operator==(const CardTerms&, const CardTerms&) = default;

    auto fields(this auto& self) { return std::tie(self.tier, self.budget, self.hours); }

    /// Windows in order, not empty and apart from each other. Errors: malformed.
    [[nodiscard]] Result<void> check() const;
};

/// Whether a letter that comes at that moment is within its hours.
[[nodiscard]] bool is_within(const CardTerms& terms, Stamp moment);

// ---- the owner's requests

/// Makes a card, or gives it other terms and another face. `face` is what its holder reads: closed
/// to the relay. Idempotent. -> Done
/// Refusals: refused (the id is another one's, or stands for another secret), too_large, too_many.
struct PutCard {
    LogId inbox;
    CardId card;
    TokenHash secret;
    CardTerms terms;
    Bytes face;

    auto fields(this auto& self) {
        return std::tie(self.inbox, self.card, self.secret, self.terms, self.face);
    }
};

/// From now on only this key may use the card; a frozen one is free again. -> Done
struct BindCard {
    LogId inbox;
    CardId card;
    HolderKey holder;
    Bytes signature;  // under the inbox's reader key, of a BindingStatement

    auto fields(this auto& self) {
        return std::tie(self.inbox, self.card, self.holder, self.signature);
    }
};

struct BindingStatement {
    LogId inbox;
    CardId card;
    HolderKey holder;

    auto fields(this auto& self) { return std::tie(self.inbox, self.card, self.holder); }
};

/// For good; the row stays, and counts who uses it still. -> Done
struct RevokeCard {
    LogId inbox;
    CardId card;

    auto fields(this auto& self) { return std::tie(self.inbox, self.card); }
};

/// Forgets a card altogether. -> Done, also if there is none.
struct DropCard {
    LogId inbox;
    CardId card;

    auto fields(this auto& self) { return std::tie(self.inbox, self.card); }
};

/// The cards behind an id, in the order of their ids. Whoever is listed may tell of misuse by an
/// entry in the inbox once more. -> Cards
struct ListCards {
    LogId inbox;
    CardId after;

    auto fields(this auto& self) { return std::tie(self.inbox, self.after); }
};

/// A letter to whom the card is bound, into the card's answers: a log that he alone reads, made by
/// the first one. -> Posted (one position)
/// Refusals: refused (also: it is bound to nobody), too_large, log_full, id_reused.
struct AnswerCard {
    LogId inbox;
    CardId card;
    NewEntry letter;

    auto fields(this auto& self) { return std::tie(self.inbox, self.card, self.letter); }
};

/// Under which name a card's answers are read and acknowledged. They go when the card is revoked,
/// dropped, or bound to another key.
[[nodiscard]] inline LogId answers_of(const CardId& card) {
    return {card.bytes};
}

// ---- the holder's requests

/// -> CardFace. Refusals: refused.
struct ReadCard {
    CardId card;
    Token secret;

    auto fields(this auto& self) { return std::tie(self.card, self.secret); }
};

/// The first use: this session's key asks to become the holder's. Once. -> Done
/// Refusals: refused, too_large, log_full.
struct ClaimCard {
    CardId card;
    Token secret;
    NewEntry letter;

    auto fields(this auto& self) { return std::tie(self.card, self.secret, self.letter); }
};

/// Every later use, once the card is bound to this session's key. -> Done
/// Refusals: refused, too_large, log_full.
struct UseCard {
    CardId card;
    Token secret;
    NewEntry letter;

    auto fields(this auto& self) { return std::tie(self.card, self.secret, self.letter); }
};

/// The right to read the card's answers in this session, and their news; whatever its terms are.
/// -> Opened. Refusals: refused.
struct OpenAnswers {
    CardId card;
    Token secret;

    auto fields(this auto& self) { return std::tie(self.card, self.secret); }
};

// ---- what comes of it

enum class CardUse : std::uint8_t {
    Claim = 1,
    Letter = 2,
    Misuse = 3,  // the relay's own word: somebody was refused; ListCards says more
};

/// The payload of an entry of the kind Card, written by the relay. A repetition is known by all of
/// it but the tier, which is that of the moment.
struct CardLetter {
    CardId card;
    CardUse use;
    Tier tier;
    HolderKey holder;  // whose session it was; of a Misuse: nobody's
    Bytes letter;      // as it came; of a Misuse: nothing

    /// Errors: malformed.
    [[nodiscard]] Result<void> check() const;

    auto fields(this auto& self) {
        return std::tie(self.card, self.use, self.tier, self.holder, self.letter);
    }
};

/// Why a use was refused.
enum class Misuse : std::uint8_t {
    Forged = 1,   // the secret was another one
    Foreign = 2,  // the key was another one than the claimant's or holder's
    Revoked = 3,
    Unbound = 4,  // by the claimant, before the card was bound to him; or it was frozen
    Muted = 5,    // its tier is Never
    Late = 6,     // outside of its hours
    Spent = 7,    // the day's budget was used up
};

inline constexpr std::uint8_t kinds_of_misuse = 7;

struct MisuseCount {
    Misuse why;
    std::uint32_t count;
    Stamp first;
    Stamp last;

    auto fields(this auto& self) { return std::tie(self.why, self.count, self.first, self.last); }
};

struct CardRow {
    CardId card;
    TokenHash secret;
    CardTerms terms;
    std::array<std::uint8_t, 32> face;  // hash of it
    std::optional<HolderKey> claimant;
    std::optional<HolderKey> holder;
    std::uint8_t frozen = 0;
    std::uint8_t revoked = 0;
    std::vector<MisuseCount> misuse;

    auto fields(this auto& self) {
        return std::tie(self.card,
                        self.secret,
                        self.terms,
                        self.face,
                        self.claimant,
                        self.holder,
                        self.frozen,
                        self.revoked,
                        self.misuse);
    }
};

/// `more` is 1 if there are further ones behind the last.
struct Cards {
    std::vector<CardRow> cards;
    std::uint8_t more = 0;

    auto fields(this auto& self) { return std::tie(self.cards, self.more); }
};

struct CardFace {
    Bytes face;

    auto fields(this auto& self) { return std::tie(self.face); }
};

}  // namespace cercle::protocol
