// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/shown.h"

#include <utility>

#include "client/judge.h"

namespace cercle::client {
namespace {

Membership membership_of(Core& core, const Line& line) {
    Membership shown;
    shown.conversation = line.log.hex();
    const identity::MemberId subject = line.subject.value_or(line.member);
    shown.member = subject.hex();
    shown.name = name_of(core, subject);
    shown.action = line.kind == LineKind::Added     ? "added"
                   : line.kind == LineKind::Removed ? "removed"
                                                    : "left";
    if (line.member != identity::MemberId{}) {
        shown.by = line.member.hex();
        shown.by_name = name_of(core, line.member);
    }
    shown.epoch = line.epoch.value;
    return shown;
}

}  // namespace

std::uint64_t milliseconds(WallTime time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

std::string_view state_text(LineState state) {
    switch (state) {
        case LineState::Queued:
            return "queued";
        case LineState::Durable:
            return "durable";
        case LineState::Held:
            return "held";
        case LineState::Failed:
            return "failed";
    }
    return "failed";
}

std::string name_of(Core& core, identity::MemberId member) {
    const auto person = core.people.find(member);
    if (!person || !*person) return {};
    return (*person)->name;
}

Result<Event> shown(Core& core, const Line& line) {
    if (line.kind == LineKind::Text) {
        Message message;
        message.id = line.id.hex();
        message.conversation = line.log.hex();
        if (line.seq) message.seq = line.seq->value;
        message.epoch = line.epoch.value;
        message.sender = line.member.hex();
        message.sender_name = name_of(core, line.member);
        message.sender_device = line.device.hex();
        message.state = state_text(line.state);
        message.text = line.text;
        message.at = milliseconds(line.at);
        TRY(const auto file, core.attachments.find(line.device, line.id));
        if (file) message.attachment = shown(*file);
        return Event(std::move(message));
    }
    if (line.kind == LineKind::Gap) {
        const std::uint64_t after = line.after ? line.after->value : 0;
        return Event(Gap{line.log.hex(),
                         after,
                         line.seq ? line.seq->value : 0,
                         line.text,
                         line.member.hex(),
                         name_of(core, line.member)});
    }
    if (line.kind == LineKind::Skipped) {
        const std::uint64_t seq = line.seq ? line.seq->value : 0;
        return Event(Gap{line.log.hex(), seq == 0 ? 0 : seq - 1, seq + 1, line.text, {}, {}});
    }
    return Event(membership_of(core, line));
}

AttachmentShown shown(const envelope::Attachment& attachment) {
    return {
        envelope::harmless_file_name(attachment.name), attachment.size, to_hex(attachment.sha256)};
}

Result<ConversationShown> shown(Core& core, const ConversationRow& row) {
    ConversationShown conversation;
    conversation.conversation = row.log.hex();
    conversation.kind = row.kind == ConversationKind::Directory ? "directory"
                        : row.kind == ConversationKind::Direct  ? "direct"
                                                                : "group";
    conversation.name = row.peer ? name_of(core, *row.peer) : row.name;
    conversation.state = row.state == ConversationState::New    ? "new"
                         : row.state == ConversationState::Open ? "open"
                                                                : "closed";
    return conversation;
}

Result<std::vector<Membership>> members_shown(Core& core, protocol::LogId log) {
    TRY(const Conversation* conversation, core.conversations.load(log));
    const Judge judge(core.self.root, core.world.clock.wall());
    std::vector<Membership> members;
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        Membership shown;
        shown.conversation = log.hex();
        shown.member = passport.member.hex();
        shown.name = name_of(core, passport.member);
        shown.device = passport.device.hex();
        shown.action = "present";
        shown.epoch = conversation->group.epoch().value;
        members.push_back(std::move(shown));
    }
    return members;
}

}  // namespace cercle::client
