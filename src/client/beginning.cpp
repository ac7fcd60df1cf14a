// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/beginning.h"

#include <algorithm>
#include <optional>
#include <string>

#include "client/witness.h"

namespace cercle::client {
namespace {

/// No log comes near it; beyond it nothing could be counted, or kept.
constexpr std::uint64_t furthest = std::uint64_t{1} << 53U;

/// The last position that is missing behind what was read. Errors: malformed.
Result<std::optional<protocol::Seq>> last_missing(const protocol::Opened& opened,
                                                  protocol::Seq read) {
    if (opened.since.value > furthest || opened.head.value > furthest) {
        return fail(Code::malformed, "the relay names a position that no log reaches");
    }
    if (opened.since <= read.next()) return std::optional<protocol::Seq>();
    const protocol::Seq last = std::min(opened.since.before(), opened.head);
    if (last <= read) return std::optional<protocol::Seq>();
    return std::optional(last);
}

Line gap_of(const Core& core, const Conversation& conversation, protocol::Seq last) {
    Line line;
    line.log = conversation.row.log;
    line.kind = LineKind::Gap;
    line.seq = last.next();
    line.after = conversation.seq;
    line.epoch = {conversation.group.epoch().value};
    line.member = core.self.member;
    line.device = core.self.device;
    line.text = std::string(rule_name(Code::log_begins_later));
    line.at = core.world.clock.wall();
    return line;
}

Result<void> go_on_behind(Core& core, Conversation& conversation, protocol::Seq last) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(Timeline::add(transaction, gap_of(core, conversation, last)));
    // What others had written in between was not counted here.
    TRY_VOID(witness::begin(transaction, conversation.row.log));
    conversation.seq = last;
    conversation.chain = unknown_chain;
    TRY_VOID(Conversations::store(transaction, conversation));
    return std::move(transaction).commit();
}

}  // namespace

Result<void> take_beginning(Core& core, protocol::LogId log, const protocol::Opened& opened) {
    TRY(Conversation * conversation, core.conversations.load(log));
    if (conversation->row.state != ConversationState::Open) return {};
    TRY(const auto last, last_missing(opened, conversation->seq));
    if (!last) return {};
    auto gone_on = go_on_behind(core, *conversation, *last);
    if (!gone_on) core.conversations.forget(log);
    core.changed.notify_all();
    return gone_on;
}

Result<void> take_beginning_of_inbox(Core& core, const protocol::Opened& opened) {
    TRY(const auto row, core.database.one<protocol::Seq>("SELECT inbox_seq FROM self"));
    if (!row) return fail(Code::home_missing, "this device has not joined");
    TRY(const auto last, last_missing(opened, std::get<0>(*row)));
    if (!last) return {};
    core.world.diary.note(Diary::Level::Warning, "the relay has let go of letters unread", {});
    TRY(auto transaction, core.database.begin());
    TRY_VOID(
        transaction.run("UPDATE self SET inbox_seq = ?1, inbox_chain = ?2", *last, unknown_chain));
    return std::move(transaction).commit();
}

}  // namespace cercle::client
