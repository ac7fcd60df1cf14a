// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/shown.h"

#include <utility>

#include "client/card_inbox.h"
#include "client/cards.h"
#include "client/circle_policy.h"
#include "client/judge.h"
#include "client/quiet.h"

namespace cercle::client {
namespace {

Membership membership_of(Core& core, const Line& line) {
    Membership shown;
    shown.conversation = line.log.hex();
    const identity::MemberId subject = line.subject.value_or(line.member);
    shown.member = subject.hex();
    shown.name = name_of(core, subject);
    shown.action = line.kind == LineKind::Added      ? "added"
                   : line.kind == LineKind::Removed  ? "removed"
                   : line.kind == LineKind::Replaced ? "replaced"
                                                     : "left";
    if (line.member != identity::MemberId{}) {
        shown.by = line.member.hex();
        shown.by_name = name_of(core, line.member);
    }
    shown.epoch = line.epoch.value;
    if (line.seq) shown.seq = line.seq->value;
    shown.at = milliseconds(line.at);
    return shown;
}

/// The beginning of a text that is shown beside something else.
std::string excerpt(const std::string& text) {
    constexpr std::size_t longest = 400;
    if (text.size() <= longest) return text;
    std::size_t end = longest;
    // Never in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80)
        --end;
    return text.substr(0, end) + "…";
}

/// The name of the file that a message carries, if it does.
Result<std::string> file_of(Core& core, const Line& line) {
    TRY(const auto file, core.attachments.find(line.log, line.device, line.id));
    return file ? envelope::harmless_file_name(file->name) : std::string();
}

Result<std::optional<Quoted>> quoted(Core& core, const Line& line) {
    if (!line.answers) return std::optional<Quoted>();
    TRY(const auto earlier, core.timeline.referred_to(line.log, *line.answers));
    if (!earlier) return std::optional(Quoted{line.answers->hex(), {}, {}, {}, {}});
    TRY(auto file, file_of(core, *earlier));
    return std::optional(Quoted{earlier->id.hex(),
                                earlier->member.hex(),
                                name_of(core, earlier->member),
                                excerpt(earlier->text),
                                std::move(file)});
}

/// What was said in it, and how far that was read.
Result<void> add_summary(Core& core, protocol::LogId log, ConversationShown& conversation) {
    TRY(const Summary summary, core.reading.summary(log));
    conversation.unread = summary.unread;
    conversation.read_to = summary.read_to.value;
    conversation.activity = static_cast<std::uint64_t>(summary.activity);
    if (summary.last) {
        TRY(auto file, file_of(core, *summary.last));
        conversation.last = LastSaid{summary.last->member.hex(),
                                     name_of(core, summary.last->member),
                                     excerpt(summary.last->text),
                                     std::move(file),
                                     milliseconds(summary.last->at)};
    }
    return {};
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

std::string_view notify_text(protocol::Tier tier) {
    switch (tier) {
        case protocol::Tier::Ring:
            return "ring";
        case protocol::Tier::Knock:
            return "knock";
        case protocol::Tier::Note:
        case protocol::Tier::Never:
            return "none";
    }
    return "none";
}

std::string_view tier_text(protocol::Tier tier) {
    if (tier == protocol::Tier::Note) return "note";
    return tier == protocol::Tier::Never ? "never" : notify_text(tier);
}

std::string name_of(Core& core, identity::MemberId member) {
    const auto person = core.people.find(member);
    if (person && *person) return (*person)->name;
    const auto card = cards::find(core.database, {member.bytes});
    return card && *card ? (*card)->plan.label : std::string();
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
        TRY(const auto file, core.attachments.find(line.log, line.device, line.id));
        if (file) message.attachment = shown(*file);
        TRY(message.reply_to, quoted(core, line));
        TRY(const auto degree, degree_of(core.database, line.log, line.id));
        if (degree && line.member == holder_of({line.log.bytes})) {
            TRY(const auto tier, circle_policy::capped(core, *degree));
            message.notify = notify_text(tier);
        }
        if (line.member != core.self.member) {
            TRY(const bool silent, quiet::silences(core.database, line.member, line.at));
            if (silent) message.notify = notify_text(protocol::Tier::Note);
        }
        return Event(std::move(message));
    }
    if (line.kind == LineKind::Gap) {
        const std::uint64_t after = line.after ? line.after->value : 0;
        return Event(Gap{line.log.hex(),
                         after,
                         line.seq ? line.seq->value : 0,
                         line.text,
                         line.member.hex(),
                         name_of(core, line.member),
                         line.seq ? line.seq->value : 0,
                         milliseconds(line.at)});
    }
    if (line.kind == LineKind::Skipped) {
        const std::uint64_t seq = line.seq ? line.seq->value : 0;
        return Event(Gap{line.log.hex(),
                         seq == 0 ? 0 : seq - 1,
                         seq + 1,
                         line.text,
                         {},
                         {},
                         seq,
                         milliseconds(line.at)});
    }
    return Event(membership_of(core, line));
}

Contact shown(const Person& person) {
    return {person.member.hex(),
            person.name,
            person.role,
            {person.sections.begin(), person.sections.end()},
            person.picture ? to_hex(*person.picture) : std::string()};
}

DeviceShown shown(const PersonDevice& device) {
    DeviceShown one{device.device.hex(), device.member.hex(), milliseconds(device.added), {}};
    if (device.revoked) one.revoked = milliseconds(*device.revoked);
    return one;
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
    if (row.peer) conversation.peer = row.peer->hex();
    TRY_VOID(add_summary(core, row.log, conversation));
    return conversation;
}

Result<std::vector<ConversationShown>> card_conversations(Core& core) {
    std::vector<ConversationShown> all;
    TRY(const auto files, cards::all(core.database));
    for (const CardFile& file : files) {
        ConversationShown conversation;
        conversation.conversation = file.card.hex();
        conversation.kind = "card";
        conversation.name = file.plan.label;
        conversation.state = file.stage == CardStage::Closed ? "closed" : "open";
        conversation.peer = holder_of(file.card).hex();
        TRY_VOID(add_summary(core, conversation_of(file.card), conversation));
        const bool held = file.stage == CardStage::Bound || conversation.last;
        if (held) all.push_back(std::move(conversation));
    }
    return all;
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
