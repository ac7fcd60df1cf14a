// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/commands.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "client/card_commands.h"
#include "client/drawer.h"
#include "client/fetch.h"
#include "client/group_commands.h"
#include "client/lost.h"
#include "client/outcome.h"
#include "client/pictures.h"
#include "client/policy_commands.h"
#include "client/quiet_commands.h"
#include "client/renewal.h"
#include "client/resets.h"
#include "client/shown.h"
#include "client/talk.h"
#include "client/telling.h"
#include "client/watch.h"

namespace cercle::client {
namespace {

Result<void> show_status(Device& device, const EventSink& sink) {
    TRY(const Status status, status_of(device));
    sink(status);
    TRY_VOID(warn_if_late(device.core(), sink));
    TRY(const auto holding, lost::holding(device.core().database));
    if (holding.held != holding.newest) {
        sink(
            Notice{"the word about a lost device was kept from this one; messages may still go to"
                   " it: tell the officer"});
    }
    return {};
}

Result<void> list_contacts(Device& device, const ListContacts& command, const EventSink& sink) {
    Core& core = device.core();
    TRY(auto people, core.people.all());
    std::erase_if(people, [&core](const Person& one) { return one.member == core.self.member; });
    for (const Person& person : people)
        sink(shown(person));
    if (command.pictures.empty()) return {};
    return pictures::write_files(core.database, people, to_text(command.pictures));
}

Result<void> list_devices(Device& device, const ListDevices& command, const EventSink& sink) {
    Core& core = device.core();
    identity::MemberId member = core.self.member;
    if (!command.member.empty())
        TRY_VOID(core.people.resolve(command.member).transform([&](auto id) { member = id; }));
    TRY(const auto devices, core.people.devices_of(member));
    for (const PersonDevice& one : devices)
        sink(shown(one));
    if (member == core.self.member) tell_own_words(core, sink);
    return {};
}

Result<void> list_conversations(Device& device, const EventSink& sink) {
    TRY(const auto rows, device.core().conversations.all());
    for (const ConversationRow& row : rows) {
        if (row.kind == ConversationKind::Directory) continue;
        TRY(auto one, shown(device.core(), row));
        sink(std::move(one));
    }
    TRY(auto by_card, card_conversations(device.core()));
    for (ConversationShown& one : by_card)
        sink(std::move(one));
    return {};
}

Result<void> list_outbox(Device& device, const EventSink& sink) {
    Core& core = device.core();
    TRY(const auto waiting, core.timeline.waiting(core.self.device));
    for (const Line& line : waiting) {
        TRY(const auto file, core.attachments.find(line.log, line.device, line.id));
        sink(Sent{line.id.hex(),
                  line.log.hex(),
                  std::string(state_text(line.state)),
                  std::nullopt,
                  line.text.empty() && file ? file->name : line.text});
    }
    return {};
}

/// What the relay knows comes first, if it can be reached soon. Who gives no time at all wants
/// what is here.
net::Task<void> look_first(Device& device, Waiting waiting, const EventSink& sink) {
    if (waiting.deadline.passed(device.core().world.clock)) co_return Result<void>();
    const auto settled = co_await device.settle(waiting.patience, waiting.deadline);
    if (settled || settled.error().code == Code::closing) co_return settled;
    if (settled.error().code == Code::revoked) sink(Notice{settled.error().reason.text});
    sink(Notice{"the relay cannot be reached; this is what this device knew before"});
    co_return Result<void>();
}

net::Task<void> look_and_show_status(Device& device, Waiting waiting, const EventSink& sink) {
    const auto settled = co_await device.settle(waiting.patience, waiting.deadline);
    if (!settled && settled.error().code == Code::closing) co_return settled;
    const Core& core = device.core();
    CO_TRY(const WallTime until, certified_until(core.self));
    if (until <= core.world.clock.wall()) {
        sink(
            Notice{"this device's certificate has ended, since it was away when the officer made"
                   " another: nobody takes it into anything new; `sync`, and if that does not help,"
                   " have the officer invite you anew"});
    }
    CO_TRY_VOID(show_status(device, sink));
    if (!settled && settled.error().code == Code::revoked) co_return settled;
    co_return Result<void>();
}

/// What machines do by themselves, such as looking now and then, is no person's doing.
bool is_of_a_person(const Command& command) {
    return !std::holds_alternative<Sync>(command) && !std::holds_alternative<ShowStatus>(command);
}

net::Task<void> dispatch_command(Device& device,
                                 Command command,
                                 Waiting waiting,
                                 const EventSink& sink) {
    if (std::holds_alternative<ShowStatus>(command)) {
        co_return co_await look_and_show_status(device, waiting, sink);
    }
    if (const auto* wish = std::get_if<ListContacts>(&command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_contacts(device, *wish, sink);
    }
    if (const auto* wish = std::get_if<ListDevices>(&command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_devices(device, *wish, sink);
    }
    if (std::holds_alternative<ListConversations>(command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_conversations(device, sink);
    }
    if (std::holds_alternative<ListOutbox>(command)) co_return list_outbox(device, sink);
    if (const auto* wish = std::get_if<ListGroupMembers>(&command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_group_members(device, wish->group, sink);
    }
    if (auto* wish = std::get_if<Send>(&command)) {
        co_return co_await send(device, std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<Fetch>(&command)) {
        co_return co_await fetch(device, std::move(*wish), waiting, sink);
    }
    if (const auto* wish = std::get_if<AcceptMember>(&command)) {
        CO_TRY_VOID(resets::accept(device.core(), wish->member));
        co_return co_await look_first(device, waiting, sink);
    }
    if (std::holds_alternative<ListAlarms>(command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_alarms(device.core(), sink);
    }
    if (const auto* wish = std::get_if<ReleaseMessage>(&command)) {
        co_return co_await release_message(device, wish->id, waiting, sink);
    }
    if (const auto* wish = std::get_if<Sync>(&command)) {
        CO_TRY_VOID(co_await synchronise(device, *wish, waiting, sink));
        co_return show_status(device, sink);
    }
    if (auto* wish = std::get_if<Read>(&command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return co_await read(device, std::move(*wish), sink);
    }
    if (auto* wish = std::get_if<CreateGroup>(&command)) {
        co_return co_await create_group(device, std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<ChangeGroup>(&command)) {
        co_return co_await change_group(device, std::move(*wish), waiting, sink);
    }
    if (const auto* wish = std::get_if<Watch>(&command)) {
        co_return co_await watch(device, *wish, sink);
    }
    if (const auto* wish = std::get_if<MarkRead>(&command)) {
        co_return mark_read(device.core(), *wish);
    }
    if (const auto* wish = std::get_if<KeepDraft>(&command)) {
        co_return keep_draft(device.core(), *wish);
    }
    if (const auto* wish = std::get_if<KeepQuiet>(&command)) {
        co_return keep_quiet(device.core(), *wish, sink);
    }
    if (std::holds_alternative<ListRequests>(command)) {
        CO_TRY_VOID(list_resets(device.core(), sink));
    }
    if (std::holds_alternative<ShowPolicy>(command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        CO_TRY(const PolicyShown policy, policy_shown(device.core()));
        sink(policy);
        co_return Result<void>();
    }
    if (std::holds_alternative<ListReports>(command)) {
        CO_TRY_VOID(co_await look_first(device, waiting, sink));
        co_return list_reports(device.core(), sink);
    }
    if (is_of_cards(command)) {
        co_return co_await perform_card_command(device, std::move(command), waiting, sink);
    }
    co_return fail(Code::unsupported, "a command that this version does not know");
}

}  // namespace

net::Task<Outcome> perform_command(Device& device,
                                   Command command,
                                   Waiting waiting,
                                   const EventSink& sink) {
    if (is_of_a_person(command)) {
        // Not worth a command that could do without it, as on a full disk.
        const auto noted = drawer::note_opened(device.core());
        if (!noted) device.core().world.diary.fault(noted.error());
    }
    const auto done = co_await dispatch_command(device, std::move(command), waiting, sink);
    // What a command has done counts, whether or not this could be told.
    auto told = tell_of_leaks(device.core(), sink);
    if (told) told = tell_of_alarms(device.core(), sink);
    if (done && !told) co_return outcome_of(told);
    co_return outcome_of(done);
}

}  // namespace cercle::client
