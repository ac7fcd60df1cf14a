// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Guest file: what the vault of a guest holds: one card, the key that claims it, and what its owner
// has told. No root, no directory, nobody but the owner: a guest is no member.

#include <optional>
#include <string>

#include "client/card_talk.h"
#include "identity/card_answering.h"
#include "store/transaction.h"

namespace cercle::client {

enum class GuestStage : std::uint8_t { Begun = 0, Made = 1, Claimed = 2, Bound = 3, Closed = 4 };

struct GuestFile {
    std::string code;  // as it was given
    std::string relay;
    identity::RelayFingerprint relay_key;
    protocol::CardId card;
    identity::CardKey card_key;
    Secret token;
    Secret face;
    crypto::SigningKey holder;
    GuestStage stage = GuestStage::Begun;
    std::string introduction;
    protocol::EntryId entry;     // of the claim
    std::optional<Bytes> claim;  // as it is sent
    std::string words;
    std::string owner;  // his name, once he has bound the card
    protocol::Seq seq;  // of the answers that were read
    protocol::ChainHash chain;
    /// Of an answered card: under which key, the hash of both names, and the owner's name; `owner`
    /// is then who answers.
    std::optional<identity::AnsweringKey> answering{};
    std::optional<crypto::Digest> names{};
    std::string answered_for{};

    [[nodiscard]] protocol::HolderKey key() const {
        return *protocol::HolderKey::from(holder.public_key());
    }

    /// Under which the letters to here are signed.
    [[nodiscard]] identity::CardKey author() const {
        return answering ? identity::CardKey{answering->bytes} : card_key;
    }

    /// As lines name the two of them; ids of no circle.
    [[nodiscard]] identity::MemberId myself() const { return holder_of(card); }

    [[nodiscard]] identity::DeviceId device() const { return {card.bytes}; }

    [[nodiscard]] identity::MemberId owner_id() const;
};

/// Nothing when the home is no guest's.
[[nodiscard]] Result<std::optional<GuestFile>> load_guest(store::Database& database);

/// A home that is a guest's from now on. Errors: as of CardCode::parse, invalid_text (the
/// introduction), home_taken (it is somebody's already; by the same code it is done).
[[nodiscard]] Result<void> begin_guest(store::Database& database,
                                       const std::string& code,
                                       const std::string& introduction,
                                       WallTime now,
                                       Random& random);

}  // namespace cercle::client
