// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card talk: what an owner and the holder of his card write to each other, as each side keeps it
// (envelope/card_letter.h). The same for both; what brings the letters is cards.h and guest.h.
//
// Keys are renewed by answering: whoever reads a letter that was closed to his newest key makes
// another one with his next, and forgets what is older than the key that was used last. A letter
// is closed, counted and filed in one transaction.

#include <optional>

#include "client/timeline.h"
#include "envelope/card_letter.h"
#include "store/transaction.h"

namespace cercle::client {

/// The name of the conversation that is held by a card.
[[nodiscard]] inline protocol::LogId conversation_of(const protocol::CardId& card) {
    return {card.bytes};
}

/// How the holder of a card is called where members are; nobody's id in the circle.
[[nodiscard]] inline identity::MemberId holder_of(const protocol::CardId& card) {
    return {card.bytes};
}

/// Where the letters of a side go.
struct Correspondent {
    envelope::CardWay way = envelope::CardWay::ToOwner;  // of what is written here
    crypto::SigningKey author;                           // signs what is written here
    Bytes other;                                         // under it the other side signs
    Bytes reader;                                        // to it the other side reads
};

/// One on its way.
struct CardPost {
    std::int64_t ordinal = 0;
    protocol::CardId card;
    protocol::EntryId entry;
    Bytes payload;
    std::optional<envelope::MessageId> message;
};

/// A letter that has come.
struct Heard {
    envelope::LetterWords words;
    bool gap = false;  // one before it is missing
};

/// What a person writes.
struct NewLetter {
    envelope::LetterWords::Kind kind = envelope::LetterWords::Kind::Text;
    std::optional<envelope::MessageId> id;
    std::string text;
};

namespace card_talk {

/// One more key of this side. Its public half.
[[nodiscard]] Result<Bytes> add_key(store::Transaction& transaction,
                                    const protocol::CardId& card,
                                    Random& random);
/// One of this side's keys. Errors: forged (it is none, or forgotten).
[[nodiscard]] Result<crypto::KemKey> find_key(store::Transaction& transaction,
                                              const protocol::CardId& card,
                                              const envelope::KeyHash& hash);

/// The holder and the owner know each other's keys.
[[nodiscard]] Result<void> begin(store::Transaction& transaction,
                                 const protocol::CardId& card,
                                 const Correspondent& correspondent);
/// All of it but what a person sees.
[[nodiscard]] Result<void> end(store::Transaction& transaction, const protocol::CardId& card);

/// Errors: unknown (not begun), too_large.
[[nodiscard]] Result<void> write(store::Transaction& transaction,
                                 const protocol::CardId& card,
                                 const NewLetter& letter,
                                 Random& random);
/// Errors: forged, malformed, unsupported, invalid_text, counter_repeated.
[[nodiscard]] Result<Heard> hear(store::Transaction& transaction,
                                 const protocol::CardId& card,
                                 BytesView closed);

/// The oldest on its way, of one card.
[[nodiscard]] Result<std::optional<CardPost>> next_post(store::Database& database,
                                                        const protocol::CardId& card);
/// The relay has it.
[[nodiscard]] Result<void> posted(store::Transaction& transaction,
                                  const CardPost& post,
                                  const identity::DeviceId& device);

/// Where the next line of such a conversation stands: it is counted here, since its letters lie in
/// two logs, one for each way.
[[nodiscard]] Result<protocol::Seq> next_place(store::Transaction& transaction,
                                               const protocol::CardId& card);

/// A letter, and a gap before it, become lines.
[[nodiscard]] Result<void> show_heard(store::Transaction& transaction,
                                      const protocol::CardId& card,
                                      const identity::MemberId& member,
                                      const Heard& heard,
                                      WallTime at);
/// One that could not be read: the rule's name.
[[nodiscard]] Result<void> show_skipped(store::Transaction& transaction,
                                        const protocol::CardId& card,
                                        const identity::MemberId& member,
                                        Code rule,
                                        WallTime at);

}  // namespace card_talk

}  // namespace cercle::client
