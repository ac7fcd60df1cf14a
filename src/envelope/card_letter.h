// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card letters: what an outsider and the owner of his card write to each other
// (docs/spec/cards.md).
//
// Each letter is closed by hybrid HPKE to the newest key that its reader has told, signed inside by
// who writes it, numbered, and tells his own newest key. So whoever reads a letter under a
// new key of his can forget the older ones. Plain text, and nothing else, is in it: no media, no
// format that would have to be decoded.

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "base/random.h"
#include "base/result.h"
#include "crypto/kem.h"
#include "crypto/sign.h"
#include "envelope/content.h"
#include "protocol/words.h"

namespace cercle::envelope {

inline constexpr auto card_kem = crypto::KemAlgorithm::XWing;

/// Of what somebody writes who is not bound yet.
inline constexpr std::size_t longest_introduction = 1000;  // characters
/// Of a letter, in bytes; where a card's tier is `knock`, an introduction's characters.
inline constexpr std::size_t longest_letter_text = 56'000;

/// Which way a letter goes. A part of what is signed and of what it is closed under.
enum class CardWay : std::uint8_t { Claim = 1, ToOwner = 2, ToHolder = 3 };

/// SHA-256 of a key's public half.
using KeyHash = Id<struct KeyHashTag, 32>;

[[nodiscard]] KeyHash hash_of_key(BytesView public_key);

/// A letter as it travels.
struct ClosedCardLetter {
    std::uint8_t version = 1;
    CardWay way = CardWay::Claim;
    KeyHash reader;
    Bytes encapsulation;
    Bytes ciphertext;

    /// Errors: malformed, unsupported.
    [[nodiscard]] Result<void> check() const;

    auto fields(this auto& self) {
        return std::tie(self.version, self.way, self.reader, self.encapsulation, self.ciphertext);
    }
};

/// What is in it: the words, and who says them to whom.
struct SignedCardWords {
    Bytes words;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.words, self.signature); }
};

/// The first use of a card.
struct ClaimWords {
    std::uint8_t version = 1;
    protocol::HolderKey holder;
    Bytes key;                 // the holder's: to it the owner writes
    std::string introduction;  // plain text

    /// Errors: malformed, unsupported, invalid_text.
    [[nodiscard]] Result<void> check() const;

    auto fields(this auto& self) {
        return std::tie(self.version, self.holder, self.key, self.introduction);
    }
};

/// Every later letter, both ways.
struct LetterWords {
    /// Binding: the owner's first; its text is his name. AnsweredBinding: likewise, of a card that
    /// somebody answers in its owner's name; its text are the names of both, its id is their salt
    /// (identity/card_answering.h).
    enum class Kind : std::uint8_t { Binding = 1, Text = 2, AnsweredBinding = 3 };

    std::uint8_t version = 1;
    Kind kind = Kind::Text;
    std::uint64_t number = 0;  // of its author's letters in this card; the first is 1
    Bytes key;                 // the author's newest
    MessageId id;
    std::string text;

    /// Errors: malformed, unsupported, too_large, invalid_text.
    [[nodiscard]] Result<void> check() const;

    auto fields(this auto& self) {
        return std::tie(self.version, self.kind, self.number, self.key, self.id, self.text);
    }
};

/// Who answers a card, and for whom, as an AnsweredBinding says it: a line each.
struct NamesInLetter {
    std::string answerer;
    std::string owner;
};

[[nodiscard]] std::string text_of(const NamesInLetter& names);
/// Errors: invalid_text.
[[nodiscard]] Result<NamesInLetter> names_in(std::string_view text);

/// Where a letter belongs.
struct CardRoute {
    protocol::CardId card;
    CardWay way = CardWay::Claim;
};

/// Errors: invalid_key (of the reader), too_large.
[[nodiscard]] Result<Bytes> close_claim(const CardRoute& route,
                                        BytesView reader,
                                        const crypto::SigningKey& holder,
                                        const ClaimWords& words,
                                        Random& random);
[[nodiscard]] Result<Bytes> close_card_letter(const CardRoute& route,
                                              BytesView reader,
                                              const crypto::SigningKey& author,
                                              const LetterWords& words,
                                              Random& random);

/// To which key it is closed. Errors: malformed, unsupported.
[[nodiscard]] Result<KeyHash> reader_of_card_letter(BytesView closed);

/// Errors: forged, malformed, unsupported, invalid_text, and forged if it is signed by another key
/// than `holder`, whose session the relay names.
[[nodiscard]] Result<ClaimWords> open_claim(const CardRoute& route,
                                            const crypto::KemKey& reader,
                                            const protocol::HolderKey& holder,
                                            BytesView closed);
/// Errors: forged, malformed, unsupported, invalid_text.
[[nodiscard]] Result<LetterWords> open_card_letter(const CardRoute& route,
                                                   const crypto::KemKey& reader,
                                                   BytesView author,
                                                   BytesView closed);

}  // namespace cercle::envelope
