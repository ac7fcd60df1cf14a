// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/guest_commands.h"

#include <algorithm>
#include <utility>

#include "client/outcome.h"
#include "client/reading.h"
#include "client/shown.h"
#include "client/talk.h"

namespace cercle::client {
namespace {

/// Until he has told his name.
constexpr auto nameless = "the owner of this card";

constexpr auto nameless_answerer = "who answers this card";

/// Whoever writes to the guest.
std::string owner_name(const GuestFile& file) {
    if (file.owner.empty()) return file.answering ? nameless_answerer : nameless;
    return file.owner;
}

/// A role that only the owner's word gives; other cards have none.
std::string role_of(const GuestFile& file) {
    return file.answered_for.empty() ? std::string() : "answers for " + file.answered_for;
}

Guest::Patience patience_of(const Waiting& waiting) {
    return waiting.patience == Device::Patience::UntilDeadline ? Guest::Patience::UntilDeadline
                                                               : Guest::Patience::UntilUnreachable;
}

/// What the relay knows comes first, if it can be reached.
net::Task<void> look_first(Guest& guest, Waiting waiting, const EventSink& sink) {
    const auto settled = co_await guest.settle(patience_of(waiting), waiting.deadline);
    CO_TRY(const GuestFile file, guest.file());
    if (settled && file.stage == GuestStage::Closed && guest.refused()) {
        sink(Notice{std::string(guest.refused()->reason.text)});
    }
    if (settled || settled.error().code == Code::closing) co_return settled;
    const bool spent = settled.error().code == Code::invitation_spent;
    sink(Notice{spent ? std::string(settled.error().reason.text)
                      : "the relay cannot be reached; this is what this device knew before"});
    co_return Result<void>();
}

Result<Event> shown(const GuestFile& file, const Line& line) {
    if (line.kind != LineKind::Text) {
        const std::uint64_t seq = line.seq ? line.seq->value : 0;
        return Event(Gap{line.log.hex(),
                         line.after ? line.after->value : 0,
                         seq,
                         line.text,
                         line.member.hex(),
                         owner_name(file),
                         seq,
                         milliseconds(line.at)});
    }
    Message message;
    message.id = line.id.hex();
    message.conversation = line.log.hex();
    if (line.seq) message.seq = line.seq->value;
    message.sender = line.member.hex();
    message.sender_name = line.member == file.owner_id() ? owner_name(file) : std::string();
    message.sender_device = line.device.hex();
    message.state = state_text(line.state);
    message.text = line.text;
    message.at = milliseconds(line.at);
    return Event(std::move(message));
}

Result<void> show_status(Guest& guest, const EventSink& sink) {
    TRY(const GuestFile file, guest.file());
    TRY(const auto waiting, guest.timeline().waiting(file.device()));
    Status status;
    status.online = guest.online() ? 1 : 0;
    status.queued = static_cast<std::uint64_t>(std::ranges::count_if(
        waiting, [](const Line& line) { return line.state != LineState::Failed; }));
    status.member = file.myself().hex();
    status.device = file.device().hex();
    sink(status);
    return {};
}

Result<void> show_owner(Guest& guest, const EventSink& sink) {
    TRY(const GuestFile file, guest.file());
    sink(Contact{file.owner_id().hex(), owner_name(file), role_of(file)});
    return {};
}

Result<void> show_conversation(Guest& guest, const EventSink& sink) {
    TRY(const GuestFile file, guest.file());
    ConversationShown conversation;
    conversation.conversation = file.card.hex();
    conversation.kind = "card";
    conversation.name = owner_name(file);
    conversation.state = file.stage == GuestStage::Bound    ? "open"
                         : file.stage == GuestStage::Closed ? "closed"
                                                            : "new";
    conversation.peer = file.owner_id().hex();
    sink(conversation);
    return {};
}

Result<void> show_claim(Guest& guest, const EventSink& sink) {
    TRY(const GuestFile file, guest.file());
    const bool waits = file.stage == GuestStage::Made || file.stage == GuestStage::Claimed;
    if (!waits) return {};
    sink(RequestShown{file.card.hex(), "claim", {}, file.words, 0, file.introduction});
    return {};
}

Result<void> show_outbox(Guest& guest, const EventSink& sink) {
    TRY(const GuestFile file, guest.file());
    TRY(const auto waiting, guest.timeline().waiting(file.device()));
    for (const Line& line : waiting) {
        sink(Sent{line.id.hex(),
                  line.log.hex(),
                  std::string(state_text(line.state)),
                  std::nullopt,
                  line.text});
    }
    return {};
}

/// There is one person to write to and one conversation to read.
Result<void> check_addressee(const GuestFile& file, const std::string& to) {
    const bool known =
        to == file.card.hex() || to == file.owner_id().hex() || to == owner_name(file);
    if (known) return {};
    return fail(Code::unknown, "a guest has one contact; see: contacts");
}

net::Task<void> send(Guest& guest, Send command, Waiting waiting, const EventSink& sink) {
    CO_TRY(const auto id, message_id(command.id, guest.world().random));
    CO_TRY_VOID(co_await look_first(guest, waiting, sink));
    CO_TRY(const GuestFile file, guest.file());
    CO_TRY_VOID(check_addressee(file, command.to));
    if (!command.file.empty() || !command.reply.empty()) {
        co_return fail(Code::unsupported, "by a card goes plain text alone");
    }
    CO_TRY_VOID(guest.write(id, command.text));
    const auto settled = co_await guest.settle(patience_of(waiting), waiting.deadline);
    CO_TRY(const auto line, guest.timeline().own(file.device(), id));
    if (!line) co_return fail(Code::store_corrupt, "a text that was there a moment ago");
    Sent sent{id.hex(), line->log.hex(), std::string(state_text(line->state)), {}, line->text};
    if (line->seq) sent.seq = line->seq->value;
    sink(sent);
    if (line->state == LineState::Failed) {
        co_return fail(Code::not_a_member, "this card is closed; the text will never be sent");
    }
    if (line->state == LineState::Durable) co_return Result<void>();
    if (guest.refused()) co_return std::unexpected(*guest.refused());
    if (!settled && settled.error().code == Code::closing) co_return settled;
    co_return fail(Code::unreachable_peer, "kept, and sent as soon as the relay can be reached");
}

net::Task<void> read(Guest& guest, Read command, const EventSink& sink) {
    CO_TRY(GuestFile file, guest.file());
    if (!command.of.empty()) CO_TRY_VOID(check_addressee(file, command.of));
    Timeline::Part part;
    part.after = {command.after};
    part.limit = command.limit;
    if (command.before != 0) part.before = protocol::Seq{command.before};
    CO_TRY(std::int64_t newest, guest.timeline().newest_durable());
    if (command.reached != 0) {
        newest = static_cast<std::int64_t>(command.reached);
    } else {
        CO_TRY(const auto lines, guest.timeline().read(conversation_of(file.card), part));
        for (const Line& line : lines) {
            CO_TRY(const Event event, shown(file, line));
            sink(event);
        }
    }
    while (command.follow == Follow::Yes) {
        sink(Reached{static_cast<std::uint64_t>(newest)});
        CO_TRY(const auto lines, guest.timeline().learnt_after(newest));
        if (lines.empty()) {
            CO_TRY_VOID(co_await guest.changed().wait(net::Deadline::never()));
            continue;
        }
        CO_TRY(file, guest.file());
        for (const Line& line : lines) {
            newest = std::max(newest, line.ordinal);
            CO_TRY(const Event event, shown(file, line));
            sink(event);
        }
    }
    co_return Result<void>();
}

net::Task<void> sync(Guest& guest, Sync command, Waiting waiting, const EventSink& sink) {
    CO_TRY_VOID(co_await guest.settle(patience_of(waiting), waiting.deadline));
    if (command.wait_seconds != 0) {
        net::Loop& loop = guest.world().loop;
        CO_TRY_VOID(co_await loop.wait_until(loop.in(std::chrono::seconds(command.wait_seconds))));
        CO_TRY_VOID(co_await guest.settle(patience_of(waiting), loop.in(usual_patience)));
    }
    CO_TRY_VOID(show_status(guest, sink));
    if (guest.refused()) co_return std::unexpected(*guest.refused());
    co_return Result<void>();
}

net::Task<void> dispatch(Guest& guest, Command command, Waiting waiting, const EventSink& sink) {
    if (auto* wish = std::get_if<Send>(&command)) {
        co_return co_await send(guest, std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<Sync>(&command)) {
        co_return co_await sync(guest, *wish, waiting, sink);
    }
    const bool looks = std::holds_alternative<ShowStatus>(command) ||
                       std::holds_alternative<ListContacts>(command) ||
                       std::holds_alternative<ListConversations>(command) ||
                       std::holds_alternative<ListRequests>(command) ||
                       std::holds_alternative<ListOutbox>(command) ||
                       std::holds_alternative<Read>(command);
    if (!looks) {
        co_return fail(Code::unsupported,
                       "this home is a guest's: it can read, and send text to the card's owner");
    }
    CO_TRY_VOID(co_await look_first(guest, waiting, sink));
    if (auto* wish = std::get_if<Read>(&command)) {
        co_return co_await read(guest, std::move(*wish), sink);
    }
    if (std::holds_alternative<ListContacts>(command)) co_return show_owner(guest, sink);
    if (std::holds_alternative<ListConversations>(command)) {
        co_return show_conversation(guest, sink);
    }
    if (std::holds_alternative<ListRequests>(command)) co_return show_claim(guest, sink);
    if (std::holds_alternative<ListOutbox>(command)) co_return show_outbox(guest, sink);
    co_return show_status(guest, sink);
}

}  // namespace

net::Task<Outcome> perform_guest_command(Guest& guest,
                                         Command command,
                                         Waiting waiting,
                                         const EventSink& sink) {
    const auto done = co_await dispatch(guest, std::move(command), waiting, sink);
    co_return outcome_of(done);
}

net::Task<void> finish_claim(Guest& guest, Waiting waiting, const EventSink& sink) {
    CO_TRY_VOID(co_await guest.settle(patience_of(waiting), waiting.deadline));
    CO_TRY(const GuestFile file, guest.file());
    sink(Joined{{}, file.myself().hex(), file.device().hex(), file.relay, file.relay_key.hex()});
    CO_TRY_VOID(show_claim(guest, sink));
    if (file.stage == GuestStage::Claimed) {
        sink(
            Notice{file.answering
                       ? "this card's owner has another person answer it: tell that person these"
                         " six words; who it is, and for whom, is told when you are confirmed"
                       : "tell the card's owner these six words; when he has confirmed you, you can"
                         " write to him"});
    }
    co_return Result<void>();
}

}  // namespace cercle::client
