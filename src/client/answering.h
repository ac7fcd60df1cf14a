// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Answering: cards that this device answers for another member, who has asked for it (decision 71).
// Each is a card of this device's own, like those in cards.h; it is put to the relay once its
// owner has signed that it is answered so, and he is told how it stands.

#include <optional>
#include <string>
#include <vector>

#include "client/answered.h"
#include "client/dispatch.h"

namespace cercle::client {

enum class AnsweringStage : std::uint8_t {
    Asked = 0,     // waits for a person's word
    Agreed = 1,    // and for the owner's
    Answered = 2,  // a card stands among this device's own
    Over = 3,
};

/// What somebody has asked for.
struct Asking {
    AskingId asking;
    identity::MemberId member;  // in whose name
    protocol::LogId log;
    CardPlan plan;
    AnsweringStage stage = AnsweringStage::Asked;
    std::optional<protocol::CardId> card{};  // from when it is agreed
    Standing told = Standing::Asked;
    std::uint64_t told_leaked = 0;
    std::int64_t word = 0;   // the last one to him: its place in the outbox
    std::int64_t place = 0;  // in the order in which they came
};

/// Of so many askings of one member's at most a person's word may be waited for.
inline constexpr std::int64_t most_askings = 32;

namespace answering {

/// Those that wait for a person, oldest first.
[[nodiscard]] Result<std::vector<Asking>> waiting(store::Database& database);
/// Those that wait for their owner's word or the relay.
[[nodiscard]] Result<std::vector<Asking>> agreed(store::Database& database);
[[nodiscard]] Result<std::optional<Asking>> find(store::Database& database, const AskingId& asking);
/// In whose name this device answers that card; nothing: in its own person's.
[[nodiscard]] Result<std::optional<Asking>> of_card(store::Database& database,
                                                    const protocol::CardId& card);

/// What the member who answers says yes to. Errors: unseen, not_a_member, and those of
/// circle_policy::check_card.
[[nodiscard]] Result<void> confirm(Core& core, const Asking& asking);
[[nodiscard]] Result<void> refuse(Core& core, const Asking& asking);

/// What the owner says. Of what is not his, nothing comes. Errors: too_many, forged, and those of
/// the disk.
[[nodiscard]] Result<void> take(Core& core,
                                store::Transaction& transaction,
                                const WordAuthor& author,
                                const Ask& ask);
[[nodiscard]] Result<void> take(Core& core,
                                store::Transaction& transaction,
                                const WordAuthor& author,
                                const Attested& attested);
[[nodiscard]] Result<void> take(Core& core,
                                store::Transaction& transaction,
                                const WordAuthor& author,
                                const EndOfAsking& end);

/// The owner's word on a card of this device's; nothing: its own person answers it.
[[nodiscard]] Result<std::optional<identity::SignedAnswering>> word_on(
    store::Database& database, const protocol::CardId& card);
/// Both names, as that word has them.
[[nodiscard]] Result<std::optional<identity::AnsweringNames>> names_on(
    store::Transaction& transaction, const protocol::CardId& card);

/// Tells owners what has changed. Beside client/drawer.h.
[[nodiscard]] Result<Progress> report(Core& core);

/// Whether the relay has taken what was last said to its owner.
[[nodiscard]] Result<bool> is_told(Core& core, const AskingId& asking);

}  // namespace answering

}  // namespace cercle::client
