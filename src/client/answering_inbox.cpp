// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answering_inbox.h"

#include "client/answering.h"
#include "client/lost.h"
#include "client/resets.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

/// By a word of his, a card is made, handed over and closed.
Result<void> check_author(Core& core,
                          const Conversation& conversation,
                          const identity::Passport& author) {
    const bool between_two =
        conversation.row.kind == ConversationKind::Direct && conversation.row.peer == author.member;
    if (!between_two) {
        return fail(Code::policy_violated, "a word on an answered card, said elsewhere");
    }
    TRY(const auto revoked, lost::revoked_at(core.database, author.device));
    if (revoked) return fail(Code::revoked, "a word on an answered card, by a lost device");
    TRY(const bool reset, resets::stands_in(core, conversation));
    if (reset) {
        return fail(Code::held,
                    "a word on an answered card, by whom the officer alone vouches for");
    }
    return {};
}

}  // namespace

Result<void> take_answering_word(Core& core,
                                 store::Transaction& transaction,
                                 const Conversation& conversation,
                                 const identity::Passport& author,
                                 BytesView body) {
    // Another device of this person's says it to the other member.
    if (author.member == core.self.member) return {};
    TRY_VOID(check_author(core, conversation, author));
    TRY(const auto word, codec::decode<AnsweringWord>(body));
    const WordAuthor from{author.member, author.device, conversation.row.log};
    return std::visit(
        [&]<class Said>(const Said& said) -> Result<void> {
            if constexpr (std::same_as<Said, Made>) {
                return answered::take(core, transaction, from, said);
            } else if constexpr (std::same_as<Said, StandingTold>) {
                return answered::take(transaction, from, said);
            } else {
                return answering::take(core, transaction, from, said);
            }
        },
        word.says);
}

}  // namespace cercle::client
