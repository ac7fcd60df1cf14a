// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/group_commands.h"

#include <set>
#include <utility>

#include "client/compose.h"
#include "client/letters.h"
#include "client/shown.h"
#include "client/sight.h"
#include "client/talk.h"

namespace cercle::client {
namespace {

/// The change has left the outbox, now or before: done, or with a reason why not.
net::Task<void> wait_for_change(Device& device,
                                protocol::LogId log,
                                std::optional<std::int64_t> change,
                                Waiting waiting) {
    Core& core = device.core();
    const auto done = [&device, &core, log, change]() -> Result<bool> {
        TRY(const bool waits, change ? core.outbox.has(*change) : Result<bool>(false));
        const Error* stalled = device.courier().stalled(log);
        if (waits && stalled != nullptr) return std::unexpected(*stalled);
        if (waits) return false;
        const auto failure = change ? core.failed_changes.find(*change) : core.failed_changes.end();
        if (failure != core.failed_changes.end()) return std::unexpected(failure->second);
        // Whoever was added has to find the Welcome.
        return are_letters_delivered(core, log);
    };
    const auto waited = co_await device.wait_until(done, waiting.patience, waiting.deadline);
    const bool offline = !waited && (waited.error().code == Code::unreachable_peer ||
                                     waited.error().code == Code::deadline_passed);
    if (offline) {
        co_return fail(Code::unreachable_peer,
                       "kept, and done as soon as the relay can be reached");
    }
    co_return waited;
}

Result<void> show_members(Core& core, protocol::LogId log, const EventSink& sink) {
    TRY(const auto rows, core.conversations.all());
    for (const ConversationRow& row : rows) {
        if (row.log != log) continue;
        TRY(auto one, shown(core, row));
        sink(std::move(one));
    }
    TRY(auto members, members_shown(core, log));
    for (Membership& member : members)
        sink(std::move(member));
    return {};
}

}  // namespace

net::Task<void> create_group(Device& device,
                             CreateGroup command,
                             Waiting waiting,
                             const EventSink& sink) {
    Core& core = device.core();
    const auto log = command.id.empty() ? protocol::LogId::random(core.world.random)
                                        : protocol::LogId::from_hex(command.id);
    if (!log) co_return fail(Code::invalid_argument, "a group's id is 32 hexadecimal digits");
    CO_TRY_VOID(co_await look_before(device, waiting));
    std::set<identity::MemberId> members;
    for (const std::string& name : command.members) {
        CO_TRY(const auto member, core.people.resolve(name));
        if (member != core.self.member) members.insert(member);
    }
    if (members.empty()) {
        co_return fail(Code::invalid_argument, "a group needs at least one other member");
    }
    CO_TRY_VOID(sight::check_meeting(core, {core.self.member}, members));
    CO_TRY(const auto begun,
           begin_conversation(core,
                              {*log,
                               {1, ConversationKind::Group, command.name},
                               std::nullopt,
                               {members.begin(), members.end()}}));
    const auto waited = co_await wait_for_change(device, begun.log, begun.change, waiting);
    CO_TRY_VOID(show_members(core, begun.log, sink));
    co_return waited;
}

net::Task<void> change_group(Device& device,
                             ChangeGroup command,
                             Waiting waiting,
                             const EventSink& sink) {
    Core& core = device.core();
    CO_TRY_VOID(co_await look_before(device, waiting));
    CO_TRY(const auto group, core.conversations.group(command.group));
    if (command.act == ChangeGroup::Act::Leave) {
        CO_TRY(const auto item, write_content(core, group.log, envelope::leave_type, {}));
        const auto waited = co_await wait_for_change(device, group.log, item, waiting);
        Membership left;
        left.conversation = group.log.hex();
        left.member = core.self.member.hex();
        left.name = name_of(core, core.self.member);
        left.device = core.self.device.hex();
        left.action = "left";
        left.by = left.member;
        left.by_name = left.name;
        if (waited) sink(left);
        co_return waited;
    }
    CO_TRY(const auto member, core.people.resolve(command.member));
    if (member == core.self.member) {
        co_return fail(Code::invalid_argument, "that is you; to go, use: group leave");
    }
    if (command.act == ChangeGroup::Act::Add) {
        CO_TRY(const auto there, sight::members_in(core, group.log));
        CO_TRY_VOID(sight::check_meeting(core, there, {member}));
    }
    Change change;
    (command.act == ChangeGroup::Act::Add ? change.add : change.remove).push_back(member);
    CO_TRY(const auto item, write_change(core, group.log, std::move(change)));
    const auto waited = co_await wait_for_change(device, group.log, item, waiting);
    CO_TRY_VOID(show_members(core, group.log, sink));
    CO_TRY(const Conversation* conversation, core.conversations.load(group.log));
    if (waited && conversation->row.state == ConversationState::Closed) {
        co_return fail(Code::not_a_member, "you are no longer in this group");
    }
    co_return waited;
}

Result<void> list_group_members(Device& device, const std::string& group, const EventSink& sink) {
    TRY(const auto row, device.core().conversations.group(group));
    TRY(auto members, members_shown(device.core(), row.log));
    for (Membership& member : members)
        sink(std::move(member));
    return {};
}

}  // namespace cercle::client
