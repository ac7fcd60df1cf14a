// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Approval: what a person does about those who come with an attended invitation. What he says is
// stored before anything follows from it; the office, which is at the relay, does the rest.
#include <algorithm>
#include <utility>

#include "identity/six_words.h"
#include "officer/office.h"

namespace cercle::officer {
namespace {

/// Six words that there are: others were misheard or mistyped, and no attempt at anything.
bool are_six_words(std::string_view plain) {
    const auto& list = identity::word_list();
    std::size_t count = 0;
    while (!plain.empty()) {
        const std::string_view word = plain.substr(0, plain.find(' '));
        if (!std::ranges::binary_search(list, word)) return false;
        plain.remove_prefix(std::min(plain.size(), word.size() + 1));
        ++count;
    }
    return count == 6;
}

}  // namespace

Result<void> Office::hold(InvitationRow& row, Bytes step2) {
    auto words = row.admitter.words(*row.step0, *row.step1, step2);
    if (!words) return burn(row, "a request that does not hold came; the invitation is withdrawn");
    row.stage = InvitationStage::Waiting;
    row.step2 = std::move(step2);
    row.words = *std::move(words);
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::update(transaction, row));
    TRY_VOID(enter_in_journal(transaction,
                              authority_.authority,
                              core_.world.clock.wall(),
                              {.act = Act::Request, .invitation = row.exchange, .name = row.name}));
    TRY_VOID(std::move(transaction).commit());
    on_request_(row);
    core_.changed.notify_all();
    return {};
}

Result<std::vector<InvitationRow>> Office::requests() const {
    TRY(auto rows, register_.open_invitations(core_.world.clock.wall()));
    std::erase_if(rows,
                  [](const InvitationRow& row) { return row.stage != InvitationStage::Waiting; });
    return rows;
}

Result<InvitationRow> Office::request(std::string_view which) const {
    if (const auto exchange = protocol::ExchangeId::from_hex(which)) {
        TRY(auto row, register_.invitation(*exchange));
        if (row && row->stage == InvitationStage::Waiting) {
            if (row->expires > core_.world.clock.wall()) return *std::move(row);
            return fail(Code::invitation_expired, "the invitation has run out; make another one");
        }
    }
    TRY(auto rows, requests());
    std::erase_if(rows, [which](const InvitationRow& row) { return row.name != which; });
    if (rows.size() > 1) {
        return fail(Code::ambiguous, "two of that name wait; use the id, see: officer requests");
    }
    if (rows.empty()) return fail(Code::unknown, "nobody waits under that; see: officer requests");
    return std::move(rows.front());
}

Result<protocol::ExchangeId> Office::approve(std::string_view which, std::string_view words) {
    TRY(InvitationRow row, request(which));
    const std::string plain = identity::plain_words(words);
    if (!are_six_words(plain)) {
        return fail(Code::words_invalid,
                    "these are not six words of the list; have them read out again");
    }
    if (plain != row.words) {
        ++row.tries;
        if (row.tries >= tries_of_words) {
            TRY_VOID(burn(row, "other words were given for it, again; it is withdrawn"));
            return fail(Code::words_wrong,
                        "these are not the words, for the last time: the invitation is withdrawn");
        }
        TRY(auto transaction, core_.database.begin());
        TRY_VOID(Register::update(transaction, row));
        TRY_VOID(std::move(transaction).commit());
        return fail(Code::words_wrong,
                    "these are not the words: whoever waits is not whom you are talking to, or"
                    " misread them");
    }
    row.stage = InvitationStage::Approved;
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::update(transaction, row));
    TRY_VOID(enter_in_journal(transaction,
                              authority_.authority,
                              core_.world.clock.wall(),
                              {.act = Act::Approve, .invitation = row.exchange, .name = row.name}));
    TRY_VOID(std::move(transaction).commit());
    wake();
    return row.exchange;
}

Result<void> Office::refuse(std::string_view which) {
    TRY(InvitationRow row, request(which));
    return withdraw(row, InvitationStage::Refused, Act::Refuse);
}

Result<InvitationRow> Office::standing(protocol::ExchangeId exchange) const {
    TRY(auto row, register_.invitation(exchange));
    if (!row) return fail(Code::unknown, "there is no such invitation");
    return *std::move(row);
}

}  // namespace cercle::officer
