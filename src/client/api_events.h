// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a member's device tells a program (the objects of the command line; times are milliseconds
// since 1970). Part of client/api.h, which programs include.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace cercle::client {

struct Joined {
    std::string circle;
    std::string member;
    std::string device;
    std::string relay;
    std::string relay_key;

    auto fields(this auto& self) {
        return std::tie(self.circle, self.member, self.device, self.relay, self.relay_key);
    }
};

/// Who the officer is, since the office has moved from the machine that founded the circle.
struct OfficerShown {
    std::string member;
    std::string name;
    std::string how;  // "restored" or "handed-over"
    std::uint64_t since = 0;

    auto fields(this auto& self) { return std::tie(self.member, self.name, self.how, self.since); }
};

struct Status {
    std::uint8_t locked = 0;  // then nothing else is known
    std::uint8_t online = 0;
    std::uint64_t queued = 0;
    std::string incarnation;  // empty: not known
    std::string circle;
    std::string circle_name;
    std::string member;
    std::string device;
    std::uint8_t relay_confirmed = 1;  // 0: it has another key than the officer has said
    std::uint64_t officer_at = 0;      // when the officer's machine said its last status; 0: never
    std::uint8_t officer_late = 0;     // 1: the next one does not come
    std::optional<OfficerShown> officer{};

    auto fields(this auto& self) {
        return std::tie(self.locked,
                        self.online,
                        self.queued,
                        self.incarnation,
                        self.circle,
                        self.circle_name,
                        self.member,
                        self.device,
                        self.relay_confirmed,
                        self.officer_at,
                        self.officer_late,
                        self.officer);
    }
};

struct Contact {
    std::string member;
    std::string name;
    std::string role;
    std::vector<std::string> sections{};  // who sees whom (identity/sight.h)
    std::string picture{};                // SHA-256 in hex; empty: there is none here

    auto fields(this auto& self) {
        return std::tie(self.member, self.name, self.role, self.sections, self.picture);
    }
};

struct DeviceShown {
    std::string device;
    std::string member;
    std::uint64_t added = 0;
    std::optional<std::uint64_t> revoked;

    auto fields(this auto& self) {
        return std::tie(self.device, self.member, self.added, self.revoked);
    }
};

/// The last thing that was said in a conversation.
struct LastSaid {
    std::string sender;
    std::string sender_name;
    std::string text;  // its beginning; empty for a file without one
    std::string file;  // its name; empty: none
    std::uint64_t at = 0;

    auto fields(this auto& self) {
        return std::tie(self.sender, self.sender_name, self.text, self.file, self.at);
    }
};

struct ConversationShown {
    std::string conversation;
    std::string kind;   // direct, group, directory
    std::string name;   // a group's, or the other member's
    std::string state;  // new, open, closed
    std::string peer;   // of a direct one: the other member
    std::uint64_t unread = 0;
    std::uint64_t read_to = 0;   // the position up to which it has been read on this device
    std::uint64_t activity = 0;  // grows with whatever happens: the greatest is the latest
    std::optional<LastSaid> last;

    auto fields(this auto& self) {
        return std::tie(self.conversation,
                        self.kind,
                        self.name,
                        self.state,
                        self.peer,
                        self.unread,
                        self.read_to,
                        self.activity,
                        self.last);
    }
};

struct Sent {
    std::string id;
    std::string conversation;
    std::string state;  // queued, durable, held
    std::optional<std::uint64_t> seq;
    std::string text;  // for people; scripts know what they sent

    auto fields(this auto& self) {
        return std::tie(self.id, self.conversation, self.state, self.seq, self.text);
    }
};

/// A file that a message carries. The name is its author's, made harmless; never a path.
struct AttachmentShown {
    std::string name;
    std::uint64_t size = 0;
    std::string sha256;  // hex

    auto fields(this auto& self) { return std::tie(self.name, self.size, self.sha256); }
};

/// What a message answers to. It may never have come to this device: then there is no text.
struct Quoted {
    std::string message;  // its id; of one that is not here, the reference to it
    std::string sender;
    std::string sender_name;
    std::string text;    // its beginning; empty for a file without one
    std::string file{};  // its name; empty: none

    auto fields(this auto& self) {
        return std::tie(self.message, self.sender, self.sender_name, self.text, self.file);
    }
};

struct Message {
    std::string id;
    std::string conversation;
    std::optional<std::uint64_t> seq;
    std::uint64_t epoch = 0;
    std::string sender;
    std::string sender_name;
    std::string sender_device;
    std::string state;  // durable, or for one's own queued, held, failed
    std::string text;   // empty for a file without one
    std::uint64_t at = 0;
    std::optional<AttachmentShown> attachment{};
    std::optional<Quoted> reply_to{};
    std::string notify{};  // of what came by a card: ring, knock; in quiet hours: none

    auto fields(this auto& self) {
        return std::tie(self.id,
                        self.conversation,
                        self.seq,
                        self.epoch,
                        self.sender,
                        self.sender_name,
                        self.sender_device,
                        self.state,
                        self.text,
                        self.at,
                        self.attachment,
                        self.reply_to,
                        self.notify);
    }
};

/// Between two positions of a log something is not as it should be: an entry could not be opened
/// or broke a rule, or a later message shows that the relay has left something out. The reason is
/// the rule's name; `member`, if known, wrote the message that shows it.
struct Gap {
    std::string conversation;
    std::uint64_t after = 0;
    std::uint64_t before = 0;
    std::string reason;
    std::string member;
    std::string name;
    std::uint64_t seq = 0;  // where the conversation tells of it
    std::uint64_t at = 0;

    auto fields(this auto& self) {
        return std::tie(self.conversation,
                        self.after,
                        self.before,
                        self.reason,
                        self.member,
                        self.name,
                        self.seq,
                        self.at);
    }
};

/// Somebody is in a conversation, or came or went.
struct Membership {
    std::string conversation;
    std::string member;
    std::string name;
    std::string device;
    std::string action;  // present, added, removed, left
    std::string by;      // empty: not known
    std::string by_name;
    std::uint64_t epoch = 0;
    std::optional<std::uint64_t> seq;  // where the conversation tells of it
    std::uint64_t at = 0;              // 0: not known

    auto fields(this auto& self) {
        return std::tie(self.conversation,
                        self.member,
                        self.name,
                        self.device,
                        self.action,
                        self.by,
                        self.by_name,
                        self.epoch,
                        self.seq,
                        self.at);
    }
};

/// How far a message's file has come, in bytes.
struct FileProgress {
    enum class Act : std::uint8_t { Reading = 0, Sending = 1, Receiving = 2 };

    Act act = Act::Reading;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::string message{};  // its id
    std::string trouble{};  // why it does not go on at the moment; empty: it does

    auto fields(this auto& self) {
        return std::tie(self.act, self.done, self.total, self.message, self.trouble);
    }
};

/// A file is there, whole and as its author sent it.
struct Fetched {
    std::string id;
    AttachmentShown attachment;

    auto fields(this auto& self) { return std::tie(self.id, self.attachment); }
};

/// Something about the circle itself that a person must hear of. The rule says what.
struct AlarmShown {
    std::string rule;
    std::string member;  // whose device it is, if it is of one
    std::string name;
    std::string device;  // empty: of none
    std::uint64_t at = 0;

    auto fields(this auto& self) {
        return std::tie(self.rule, self.member, self.name, self.device, self.at);
    }
};

/// A sentence for a person who waits.
struct Notice {
    std::string sentence;

    auto fields(this auto& self) { return std::tie(self.sentence); }
};

/// A text that was kept for later.
struct Draft {
    std::string to;
    std::string text;

    auto fields(this auto& self) { return std::tie(self.to, self.text); }
};

/// How far a following command has come: all that was there has been told.
struct Reached {
    std::uint64_t place = 0;

    auto fields(this auto& self) { return std::tie(self.place); }
};

/// Something waits for a person's word.
struct RequestShown {
    std::string request;  // its id
    std::string kind;     // join, claim, answering, reset
    std::string member;   // a name, as far as it is known here
    std::string words;    // to be compared with another person; empty: none
    std::uint64_t expires = 0;
    std::string text{};  // what the asker says of himself

    auto fields(this auto& self) {
        return std::tie(self.request, self.kind, self.member, self.words, self.expires, self.text);
    }
};

/// A card that was made here, or that another member answers in this one's name: then `card` is
/// the asking's id until he has made it, and the states are asked, closing and refused, too.
struct CardShown {
    std::string card;
    std::string label;
    std::string tier;   // ring, knock, note, never
    std::string state;  // open, claimed, frozen, bound, closed
    std::uint64_t leaked = 0;
    std::optional<std::string> text{};  // the code to be handed over, when it has just been made
    std::string answered_by{};          // another member's name; empty: this one's
    std::string answers_for{};          // in whose name this device answers it; empty: its own

    auto fields(this auto& self) {
        return std::tie(self.card,
                        self.label,
                        self.tier,
                        self.state,
                        self.leaked,
                        self.text,
                        self.answered_by,
                        self.answers_for);
    }
};

/// Whose words ring in quiet hours, too.
struct QuietThrough {
    std::string member;  // of a card: its id
    std::string name;

    auto fields(this auto& self) { return std::tie(self.member, self.name); }
};

struct QuietShown {
    std::string hours;  // as they were said; empty: none
    std::vector<QuietThrough> through;

    auto fields(this auto& self) { return std::tie(self.hours, self.through); }
};

/// One rule of the circle's policy, and how a person reads it.
struct RuleShown {
    std::string name;
    std::string value;
    std::string standing;  // usual (the policy does not say it), set, unknown (to this version)
    std::string sentence;

    auto fields(this auto& self) {
        return std::tie(self.name, self.value, self.standing, self.sentence);
    }
};

struct PolicyShown {
    std::uint64_t number = 0;  // 0: none was ever set
    std::uint64_t at = 0;
    std::string suite;  // of the circle's conversations, for good: MLS's code point
    std::vector<RuleShown> rules;

    auto fields(this auto& self) { return std::tie(self.number, self.at, self.suite, self.rules); }
};

/// What was told the officer on one day, beside an id drawn for that report alone.
struct ReportTold {
    std::uint64_t day = 0;     // its first moment, in UTC
    std::uint8_t opened = 0;   // whether this device was, since the report before
    std::uint32_t before = 0;  // then: so many days after the last report that said so; 14: or more
    std::uint64_t policy = 0;  // the number of the policy under which
    std::string state;         // queued, sent

    auto fields(this auto& self) {
        return std::tie(self.day, self.opened, self.before, self.policy, self.state);
    }
};

using Event = std::variant<Joined,
                           Status,
                           Contact,
                           DeviceShown,
                           ConversationShown,
                           Sent,
                           Message,
                           Gap,
                           Membership,
                           Notice,
                           Reached,
                           FileProgress,
                           Fetched,
                           Draft,
                           AlarmShown,
                           RequestShown,
                           CardShown,
                           QuietShown,
                           PolicyShown,
                           ReportTold>;

using EventSink = std::function<void(const Event&)>;

}  // namespace cercle::client
