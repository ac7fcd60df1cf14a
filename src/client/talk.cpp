// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/talk.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "client/answering_commands.h"
#include "client/cards.h"
#include "client/compose.h"
#include "client/letters.h"
#include "client/report.h"
#include "client/resets.h"
#include "client/shown.h"
#include "client/staging.h"
#include "client/watch.h"

namespace cercle::client {
namespace {

/// A conversation by id, a group by name, or the direct one with a member.
Result<protocol::LogId> where(Core& core, const std::string& to) {
    if (const auto log = protocol::LogId::from_hex(to)) {
        TRY(const auto rows, core.conversations.all());
        for (const ConversationRow& row : rows) {
            if (row.log == *log && row.kind != ConversationKind::Directory) return *log;
        }
    }
    const auto group = core.conversations.group(to);
    const auto member = core.people.resolve(to);
    if (group && member) {
        return fail(Code::ambiguous, "a group and a member are both called that; use an id");
    }
    if (group) return group->log;
    if (member) return direct_conversation(core, *member);
    // "More than one" says more than "nobody".
    const bool several = group.error().code == Code::ambiguous;
    return std::unexpected(several ? group.error() : member.error());
}

/// The card by which one writes, if it is one. Errors: ambiguous.
Result<std::optional<protocol::CardId>> card_meant(Core& core, const std::string& to) {
    TRY(const auto card, cards::meant(core.database, to));
    if (!card) return std::optional<protocol::CardId>();
    const bool other = core.conversations.group(to) || core.people.resolve(to);
    if (other && card->card.hex() != to) {
        if (card->stage == CardStage::Closed) return std::optional<protocol::CardId>();
        return fail(Code::ambiguous, "a card and somebody else are called that; use an id");
    }
    return std::optional(card->card);
}

/// A card that another member answers is no conversation here; who else is called so, may be.
Result<void> check_elsewhere(Core& core, const std::string& to) {
    const bool other = core.conversations.group(to) || core.people.resolve(to);
    if (!other) return check_answered_here(core, to);
    TRY(const auto card, answered::meant(core.database, to));
    if (!card || card->is_over()) return {};
    return fail(Code::ambiguous, "a card and somebody else are called that; use an id");
}

Result<void> write_by_card(Core& core,
                           const protocol::CardId& card,
                           envelope::MessageId id,
                           const Send& command) {
    if (!command.file.empty() || !command.reply.empty()) {
        return fail(Code::unsupported, "by a card goes plain text alone");
    }
    return cards::write_text(core, card, id, command.text);
}

Result<Line> own_line(Core& core, envelope::MessageId id) {
    TRY(auto line, core.timeline.own(core.self.device, id));
    if (!line) return fail(Code::unknown, "there is no message of yours with that id");
    return *std::move(line);
}

/// Whether a message goes on, with its file if it has one. Errors: why it does not.
Result<void> check_moving(Device& device, const Line& line, Report& report) {
    Core& core = device.core();
    const auto refused = core.refused_cards.find(protocol::CardId{line.log.bytes});
    if (refused != core.refused_cards.end()) return std::unexpected(refused->second);
    if (const Error* stalled = device.courier().stalled(line.log)) return std::unexpected(*stalled);
    const auto stalled = core.stalled_uploads.find(line.id);
    if (stalled != core.stalled_uploads.end()) return std::unexpected(stalled->second);
    const auto transfer = core.transfers.find(line.id);
    if (transfer == core.transfers.end()) return {};
    TRY(const auto attachment, core.attachments.find(line.log, line.device, line.id));
    const auto& [done, total] = transfer->second;
    if (attachment && total != 0) {
        report.show(FileProgress::Act::Sending, attachment->size * done / total, attachment->size);
    }
    return {};
}

/// What a message answers to, by the id that a person names.
Result<std::optional<envelope::Reference>> reference_meant(Core& core,
                                                           protocol::LogId log,
                                                           const std::string& reply) {
    if (reply.empty()) return std::optional<envelope::Reference>();
    TRY(const auto id, message_id(reply, core.world.random));
    TRY(const auto found, core.timeline.called(log, id));
    if (found.size() > 1) {
        return fail(Code::ambiguous, "two messages of this conversation have that id");
    }
    if (found.empty()) {
        return fail(Code::unknown, "there is no message of that id in this conversation");
    }
    // Until it stands in the log it may still be counted, and so referred to, otherwise.
    if (!found.front().seq || !found.front().reference) {
        return fail(Code::unknown, "that message has not been sent yet; answer it when it has");
    }
    return found.front().reference;
}

net::Task<void> wait_for_message(Device& device,
                                 envelope::MessageId id,
                                 Waiting waiting,
                                 Report& report,
                                 const EventSink& sink) {
    Core& core = device.core();
    const auto decided = [&device, &core, &report, id]() -> Result<bool> {
        TRY(const Line line, own_line(core, id));
        if (line.state != LineState::Queued) return true;
        TRY(const bool reset, resets::holds(core, line.log));
        if (reset) return true;
        TRY_VOID(check_moving(device, line, report));
        return false;
    };
    const auto waited = co_await device.wait_until(
        decided, waiting.patience, [&report] { return report.deadline(); });
    CO_TRY(const Line line, own_line(core, id));
    CO_TRY(const auto attachment, core.attachments.find(line.log, line.device, id));
    Sent sent{line.id.hex(), line.log.hex(), std::string(state_text(line.state)), {}, line.text};
    if (sent.text.empty() && attachment) sent.text = attachment->name;
    if (line.seq) sent.seq = line.seq->value;
    if (line.state == LineState::Failed) {
        co_return fail(Code::not_a_member, "this message could not be sent and never will be");
    }
    CO_TRY(const bool reset, resets::holds(core, line.log));
    const bool waits_for_reset = line.state == LineState::Queued && reset;
    if (waits_for_reset) sent.state = state_text(LineState::Held);
    sink(sent);
    if (waits_for_reset) {
        co_return fail(Code::held,
                       "somebody in it has another device or another name, for which the officer"
                       " alone vouches; ask him, then accept him, see: requests");
    }
    if (line.state == LineState::Held) {
        co_return fail(Code::held,
                       "somebody came in whom you had not seen; look, then release the message");
    }
    if (line.state == LineState::Durable) co_return Result<void>();
    const bool offline = !waited && (waited.error().code == Code::unreachable_peer ||
                                     waited.error().code == Code::deadline_passed);
    if (offline) {
        co_return fail(Code::unreachable_peer,
                       "kept, and sent as soon as the relay can be reached");
    }
    co_return waited;
}

/// Shows lines to a person, who has read them then.
Result<void> show_lines(Core& core, const std::vector<Line>& lines, const EventSink& sink) {
    std::map<protocol::LogId, protocol::Seq> read_to;
    for (const Line& line : lines) {
        TRY(const Event event, shown(core, line));
        sink(event);
        if (line.seq) read_to[line.log] = std::max(read_to[line.log], *line.seq);
    }
    for (const auto& [log, seq] : read_to)
        TRY_VOID(mark_read(core, {log.hex(), seq.value}));
    return {};
}

/// The conversations that a person means: one, all with a member, or every one.
Result<std::vector<protocol::LogId>> meant(Core& core, const std::string& of) {
    TRY(const auto rows, core.conversations.all());
    std::vector<protocol::LogId> logs;
    for (const ConversationRow& row : rows) {
        if (row.kind == ConversationKind::Directory) continue;
        if (of.empty() || row.log.hex() == of) logs.push_back(row.log);
    }
    TRY(const auto files, cards::all(core.database));
    for (const CardFile& file : files) {
        if (of.empty()) logs.push_back(conversation_of(file.card));
    }
    if (of.empty() || !logs.empty()) return logs;
    TRY(const auto card, card_meant(core, of));
    if (card) return std::vector{conversation_of(*card)};
    TRY_VOID(check_elsewhere(core, of));
    const auto group = core.conversations.group(of);
    const auto member = core.people.resolve(of);
    if (group && member) {
        return fail(Code::ambiguous, "a group and a member are both called that; use an id");
    }
    if (group) return std::vector{group->log};
    const bool several = !group && group.error().code == Code::ambiguous;
    if (!member) return std::unexpected(several ? group.error() : member.error());
    for (const ConversationRow& row : rows) {
        if (row.kind == ConversationKind::Direct && row.peer == *member) logs.push_back(row.log);
    }
    return logs;
}

}  // namespace

Result<envelope::MessageId> message_id(const std::string& text, Random& random) {
    if (text.empty()) return envelope::MessageId::random(random);
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char digit) { return digit != '-'; });
    const auto id = envelope::MessageId::from_hex(digits);
    if (!id) return fail(Code::invalid_argument, "a message id is 32 hexadecimal digits");
    return *id;
}

/// Who writes should have seen who is there and who reads along; without a relay he writes on
/// what he knows.
net::Task<void> look_before(Device& device, Waiting waiting) {
    const auto settled =
        co_await device.settle(Device::Patience::UntilUnreachable, waiting.deadline);
    if (!settled && settled.error().code == Code::closing) co_return settled;
    co_return Result<void>();
}

net::Task<void> send(Device& device, Send command, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    CO_TRY(const auto id, message_id(command.id, core.world.random));
    Report report(core.world.loop, waiting, sink, id.hex());
    CO_TRY_VOID(co_await look_before(device, waiting));
    CO_TRY(const auto card, card_meant(core, command.to));
    if (!card) CO_TRY_VOID(check_elsewhere(core, command.to));
    if (card) {
        CO_TRY_VOID(write_by_card(core, *card, id, command));
        co_return co_await wait_for_message(device, id, waiting, report, sink);
    }
    CO_TRY(const auto log, where(core, command.to));
    CO_TRY(const auto answers, reference_meant(core, log, command.reply));
    if (command.file.empty()) {
        CO_TRY_VOID(write_text(core, log, {id, command.text, answers}));
    } else {
        FileMessage message{log, id, std::move(command.text), to_text(command.file), answers};
        const auto on_taken = [&report](std::uint64_t done, std::uint64_t total) {
            report.show(FileProgress::Act::Reading, done, total);
        };
        CO_TRY_VOID(co_await take_file_in(core, std::move(message), on_taken));
    }
    co_return co_await wait_for_message(device, id, waiting, report, sink);
}

net::Task<void> release_message(Device& device,
                                std::string id_text,
                                Waiting waiting,
                                const EventSink& sink) {
    CO_TRY(const auto id, message_id(id_text, device.core().world.random));
    CO_TRY_VOID(release(device.core(), id));
    Report report(device.core().world.loop, waiting, sink, id.hex());
    co_return co_await wait_for_message(device, id, waiting, report, sink);
}

/// Files take their time: as long as something happens, or as long as the person has said.
net::Task<void> wait_for_files(Device& device, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    Report report(core.world.loop, waiting, sink);
    const auto all_sent = [&device, &core, &report]() -> Result<bool> {
        std::uint64_t done = 0;
        std::uint64_t total = 0;
        for (const auto& [message, transfer] : core.transfers) {
            done += std::uint64_t{transfer.done} * envelope::chunk_room;
            total += std::uint64_t{transfer.total} * envelope::chunk_room;
        }
        if (total != 0) report.show(FileProgress::Act::Sending, done, total);
        return device.uploader().is_idle();
    };
    CO_TRY(const bool idle, device.uploader().is_idle());
    if (idle) co_return Result<void>();
    CO_TRY_VOID(co_await device.wait_until(
        all_sent, waiting.patience, [&report] { return report.deadline(); }));
    // Their messages entered the outbox just now.
    const net::Deadline soon = core.world.loop.in(usual_patience);
    const bool patient = waiting.patience == Device::Patience::UntilDeadline;
    co_return co_await device.settle(waiting.patience, patient ? waiting.deadline : soon);
}

net::Task<void> synchronise(Device& device, Sync command, Waiting waiting, const EventSink& sink) {
    CO_TRY_VOID(co_await device.settle(waiting.patience, waiting.deadline));
    CO_TRY_VOID(co_await wait_for_files(device, waiting, sink));
    if (command.wait_seconds != 0) {
        net::Loop& loop = device.core().world.loop;
        CO_TRY_VOID(co_await loop.wait_until(loop.in(std::chrono::seconds(command.wait_seconds))));
        CO_TRY_VOID(co_await device.settle(waiting.patience, loop.in(std::chrono::seconds(30))));
    }
    // Everything else is exchanged; but a person must know.
    if (const Error* error = device.courier().contradicted()) co_return std::unexpected(*error);
    CO_TRY_VOID(are_letters_delivered(device.core(), std::nullopt));
    co_return Result<void>();
}

net::Task<void> read(Device& device, Read command, const EventSink& sink) {
    Core& core = device.core();
    CO_TRY(const auto logs, meant(core, command.of));
    CO_TRY(std::int64_t newest, core.timeline.newest_durable());
    if (command.reached != 0) newest = static_cast<std::int64_t>(command.reached);
    for (const protocol::LogId& log : logs) {
        if (command.reached != 0) break;  // an earlier owner has shown these
        Timeline::Part part{{command.after}, std::nullopt, command.limit};
        if (command.before != 0) part.before = protocol::Seq{command.before};
        CO_TRY(const auto lines, core.timeline.read(log, part));
        CO_TRY_VOID(show_lines(core, lines, sink));
        if (const Error* error = device.courier().contradicted(log)) {
            CO_TRY(const Conversation* conversation, core.conversations.load(log));
            const std::uint64_t read_to = conversation->seq.value;
            sink(Gap{log.hex(), read_to, read_to + 1, std::string(rule_name(error->code)), {}, {}});
        }
    }
    while (command.follow == Follow::Yes) {
        sink(Reached{static_cast<std::uint64_t>(newest)});
        CO_TRY(const std::int64_t last, core.timeline.newest_durable());
        if (last <= newest) {
            CO_TRY_VOID(co_await core.changed.wait(net::Deadline::never()));
            continue;
        }
        CO_TRY(auto lines, core.timeline.learnt_after(newest));
        for (const Line& line : lines)
            newest = std::max(newest, line.ordinal);
        CO_TRY(const auto now_meant, meant(core, command.of));
        std::erase_if(
            lines, [&](const Line& line) { return !std::ranges::contains(now_meant, line.log); });
        CO_TRY_VOID(show_lines(core, lines, sink));
    }
    co_return Result<void>();
}

}  // namespace cercle::client
