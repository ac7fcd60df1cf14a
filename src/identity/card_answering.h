// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card answering: a card that another member than its owner answers (docs/spec/cards.md). The key
// in its code is the owner's, and has signed one thing: under whose key, in his name, it is
// answered. That word stands in the card's face, which the member who answers keeps at the relay;
// so whoever was handed the code sees it before he claims. Names are in it as a hash, and come with
// the binding: who photographs a card learns none.

#include <optional>
#include <string>
#include <tuple>

#include "crypto/hash.h"
#include "identity/card.h"

namespace cercle::identity {

inline constexpr std::uint8_t answering_version = 1;
inline constexpr std::uint8_t answered_face_version = 2;

/// Ed25519: of who answers a card in its owner's name.
using AnsweringKey = Id<struct AnsweringKeyTag, 32>;
using NamesSalt = Id<struct NamesSaltTag>;

/// Who answers, and for whom.
struct AnsweringNames {
    std::string answerer;
    std::string owner;
    NamesSalt salt;
};

[[nodiscard]] crypto::Digest hash_of_names(const AnsweringNames& names);

/// The owner's word.
struct Answering {
    std::uint8_t version = answering_version;
    protocol::CardId card;
    AnsweringKey key;
    crypto::Digest names{};

    auto fields(this auto& self) { return std::tie(self.version, self.card, self.key, self.names); }
};

struct SignedAnswering {
    Bytes answering;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.answering, self.signature); }
};

/// `card_key`: whose public half is in the code.
[[nodiscard]] SignedAnswering sign_answering(const Answering& answering,
                                             const crypto::SigningKey& card_key);

/// Errors: forged (also of another card), malformed, unsupported.
[[nodiscard]] Result<Answering> open_answering(const SignedAnswering& signed_answering,
                                               const protocol::CardId& card,
                                               const CardKey& card_key);

/// As Face, signed by who answers.
struct AnsweredFace {
    std::uint8_t version = answered_face_version;
    protocol::CardId card;
    std::uint64_t number = 1;
    Bytes key;
    SignedAnswering answering;

    auto fields(this auto& self) {
        return std::tie(self.version, self.card, self.number, self.key, self.answering);
    }
};

[[nodiscard]] Bytes close_answered_face(const AnsweredFace& face,
                                        const crypto::SigningKey& answering_key,
                                        const Secret& face_key,
                                        Random& random);

/// A face of either kind.
struct ShownFace {
    std::uint64_t number = 1;
    Bytes key;
    std::optional<Answering> answering{};  // nothing: its owner answers it
};

/// Errors: forged, malformed, unsupported.
[[nodiscard]] Result<ShownFace> open_face(BytesView closed,
                                          const protocol::CardId& card,
                                          const CardKey& card_key,
                                          const Secret& face_key);

}  // namespace cercle::identity
