// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Cards: those that this device's person has made (docs/spec/cards.md), with what the relay does
// not know of them: for whom each is, and its hours as they were said. Each change is an intent in
// the row, in one transaction with what it is about; card_post.h brings it to the relay.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/card_talk.h"
#include "client/core.h"
#include "identity/card.h"
#include "protocol/card.h"

namespace cercle::client {

enum class CardStage : std::uint8_t { Open = 0, Claimed = 1, Bound = 2, Closed = 3 };

using ClaimId = Id<struct ClaimTag>;
/// Names the making of a card, so that asking once more makes no other one.
using CardWish = Id<struct CardWishTag>;

inline constexpr std::uint32_t usual_budget = 20;
inline constexpr std::uint32_t largest_budget = 10'000;

/// What a person says of a card.
struct CardPlan {
    std::string label;
    protocol::Tier tier = protocol::Tier::Knock;
    std::string hours{};
    std::uint32_t budget = usual_budget;
};

struct CardFile {
    protocol::CardId card;
    CardPlan plan;
    CardStage stage = CardStage::Open;
    std::int64_t frozen = 0;
    std::uint64_t leaked = 0;        // uses by others than its holder, or with another secret
    std::optional<ClaimId> claim{};  // what waits for a word
    std::string words{};
    std::string introduction{};
    std::optional<protocol::HolderKey> holder{};
    WallTime claimed{};
    /// What the relay has still to be told.
    std::int64_t put = 0;
    std::int64_t bind = 0;
    std::int64_t revoke = 0;
    WallTime made{};
};

namespace cards {

/// A code is for the claim alone; who is bound needs it no more.
inline constexpr auto life_of_code = std::chrono::hours(24 * 365);

/// Newest first; closed ones too.
[[nodiscard]] Result<std::vector<CardFile>> all(store::Database& database);
[[nodiscard]] Result<std::optional<CardFile>> find(store::Database& database,
                                                   const protocol::CardId& card);
/// By id, or by the label that one card alone has that is not closed. Errors: unknown, ambiguous.
[[nodiscard]] Result<CardFile> resolve(store::Database& database, std::string_view which);
/// The same, where it may be no card at all.
[[nodiscard]] Result<std::optional<CardFile>> meant(store::Database& database,
                                                    std::string_view which);

/// Errors: invalid_text (a label that may not stand as a name), invalid_argument (hours, budget),
/// already_exists (a card of that label is open), and those of circle_policy::check_card.
[[nodiscard]] Result<protocol::CardId> create(Core& core, const CardPlan& plan, CardWish wish);
/// Errors: invalid_text, invalid_argument, as of create().
[[nodiscard]] Result<void> check_plan(const CardPlan& plan);
/// Whether a card may be called so, answered here or elsewhere. Errors: already_exists.
[[nodiscard]] Result<void> check_label(store::Database& database, std::string_view label);
/// One that this device answers in another member's name (answering.h).
[[nodiscard]] Result<void> insert_answered(Core& core,
                                           store::Transaction& transaction,
                                           const CardPlan& plan,
                                           const protocol::CardId& card,
                                           const Secret& secret,
                                           const crypto::SigningKey& key);
/// The code to be handed over: only as long as nobody is bound to it. Errors: unknown.
[[nodiscard]] Result<std::string> code_text(Core& core, const protocol::CardId& card);
/// Ends it for good. A closed one stays closed.
[[nodiscard]] Result<void> close(Core& core, const protocol::CardId& card);
/// The same, in a transaction of the caller's, who tells the courier once it is committed.
[[nodiscard]] Result<void> close_in(store::Transaction& transaction, const protocol::CardId& card);
/// Each of them is closed, and another one made on the same terms, in the caller's transaction, who
/// tells the courier once it is committed. The new ones, in the same order. Errors:
/// invalid_argument (one of them is closed), and those of circle_policy::check_card.
[[nodiscard]] Result<std::vector<protocol::CardId>> renew(Core& core,
                                                          store::Transaction& transaction,
                                                          const std::vector<CardFile>& files,
                                                          CardWish wish);
/// Those that this wish has renewed, if it was carried out before: not what they are called now,
/// which the new ones are, too.
[[nodiscard]] Result<std::vector<CardFile>> renewed_by(store::Database& database, CardWish wish);
/// A relay that was restored may have forgotten any of them, who is bound to them, and that they
/// were closed. Whoever is bound is told so once more, since that letter may be what is lost.
[[nodiscard]] Result<void> tell_all_anew(Core& core, store::Transaction& transaction);
/// Another key in its face, by the same code.
[[nodiscard]] Result<void> renew_face(Core& core, const protocol::CardId& card);

/// Those whose claims wait for the owner's word.
[[nodiscard]] Result<std::vector<CardFile>> claims(store::Database& database);
/// The claimant becomes the holder, and is told the owner's name. Done once; a repetition is done.
/// Errors: unknown, policy_guests.
[[nodiscard]] Result<CardFile> confirm(Core& core, std::string_view claim);
/// The claimant is sent away: a relay forgets no claimant, so the card is closed. Errors: unknown.
[[nodiscard]] Result<CardFile> refuse(Core& core, std::string_view claim);

/// A text to the holder. As write_text. Errors: also not_a_member (nobody is bound to it).
[[nodiscard]] Result<void> write_text(Core& core,
                                      const protocol::CardId& card,
                                      envelope::MessageId id,
                                      std::string_view text);

/// The same six words at both ends: over the claim as it was sent, the card's key and the
/// claimant's.
[[nodiscard]] std::string words_of_claim(const identity::CardKey& card_key,
                                         const protocol::HolderKey& claimant,
                                         BytesView claim);

}  // namespace cards

}  // namespace cercle::client
