// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Answered: this person's cards that another member answers (decision 71), as their owner sees
// them. The card is the other's; here is what was asked of him, the code that is handed over, and
// how it stands by his word. The key in the code is drawn here, signs who answers, and is
// forgotten.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/answering_word.h"
#include "client/cards.h"

namespace cercle::client {

struct AnsweredCard {
    AskingId asking;
    identity::MemberId member;  // who answers it
    protocol::LogId log;        // the conversation with him
    CardPlan plan;
    std::optional<protocol::CardId> card{};  // once he has made it
    std::string code{};                      // until somebody is bound to it
    Standing standing = Standing::Asked;
    std::int64_t closing = 0;  // he was asked to
    std::uint64_t leaked = 0;
    std::int64_t word = 0;                       // the last one to him: its place in the outbox
    std::optional<identity::DeviceId> device{};  // that has made it
    WallTime made{};

    [[nodiscard]] bool is_over() const { return standing >= Standing::Closed; }
};

/// Who wrote a word, and where.
struct WordAuthor {
    identity::MemberId member;
    identity::DeviceId device;
    protocol::LogId log;
};

namespace answered {

/// Newest first; closed ones too. Those whose device was reported lost stand closed.
[[nodiscard]] Result<std::vector<AnsweredCard>> all(store::Database& database);
[[nodiscard]] Result<std::optional<AnsweredCard>> find(store::Database& database,
                                                       const AskingId& asking);
/// By the card's id, the asking's, or a label, unless a card of one's own is rather meant by that.
/// Errors: ambiguous.
[[nodiscard]] Result<std::optional<AnsweredCard>> meant(store::Database& database,
                                                        std::string_view which);

/// Asks a member to answer a card. Errors: those of cards::create, unseen, not_a_member, and
/// invalid_argument (it is oneself).
[[nodiscard]] Result<AskingId> ask(Core& core,
                                   const CardPlan& plan,
                                   identity::MemberId member,
                                   CardWish wish);
/// Asks for it to be closed; as often as a person wants. What nobody has made yet is closed by
/// that: without the owner's word there is no card. Errors: not_a_member.
[[nodiscard]] Result<void> close(Core& core, const AskingId& asking);
/// Another one on the same terms, by the same member; this one is closed. Done once for a wish, in
/// the caller's transaction, who tells the courier once it is committed. Errors: invalid_argument
/// (it is closed), and those of ask().
[[nodiscard]] Result<AskingId> renew(Core& core,
                                     store::Transaction& transaction,
                                     const AnsweredCard& old,
                                     CardWish wish);
/// Those that this wish has renewed, if it was carried out before.
[[nodiscard]] Result<std::vector<AnsweredCard>> renewed_by(store::Database& database,
                                                           CardWish wish);

/// What the other says. Of an asking that is not this device's, or not his, nothing comes. Errors:
/// those of the disk.
[[nodiscard]] Result<void> take(Core& core,
                                store::Transaction& transaction,
                                const WordAuthor& author,
                                const Made& made);
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const WordAuthor& author,
                                const StandingTold& told);

/// As `card list` says it.
[[nodiscard]] std::string_view state_text(const AnsweredCard& card);

/// Whether the relay has taken what was last said about it. Errors: not those of the relay.
[[nodiscard]] Result<bool> is_told(Core& core, const AskingId& asking);

/// Those that were used by others, more often than a person was told of: once a day.
[[nodiscard]] Result<std::vector<AnsweredCard>> take_leaks(Core& core);

}  // namespace answered

}  // namespace cercle::client
