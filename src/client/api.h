// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The face of a member's device: commands go down, events come up, both are values without keys.
// Programs see this header (and officer/api.h) and nothing else of the house.
//
// perform() owns the home while it runs. If another process owns it already, the command is
// passed on to that process and done there, with the same events: a home has one writer, ever.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace cercle::client {

// ---- commands ---------------------------------------------------------------------------

struct Join {
    std::string invitation;
    std::string code;  // the second one, if the invitation needs it

    auto fields(this auto& self) { return std::tie(self.invitation, self.code); }
};

struct ShowStatus {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct ListContacts {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// One's own, or a member's by id or name.
struct ListDevices {
    std::string member;

    auto fields(this auto& self) { return std::tie(self.member); }
};

struct ListConversations {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct Send {
    std::string to;
    std::string text;  // may be empty if there is a file
    std::string id;    // 32 hex digits, with or without hyphens; empty: a new one
    Bytes file{};      // its path, as the system has it; empty: none

    auto fields(this auto& self) { return std::tie(self.to, self.text, self.id, self.file); }
};

/// Brings the file that a message carries to a place on this machine, where nothing lies yet.
struct Fetch {
    std::string message;
    Bytes out;  // a path, as the system has it

    auto fields(this auto& self) { return std::tie(self.message, self.out); }
};

struct ListOutbox {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct ReleaseMessage {
    std::string id;

    auto fields(this auto& self) { return std::tie(self.id); }
};

/// Until everything is exchanged, and then for so much longer.
struct Sync {
    std::uint32_t wait_seconds = 0;

    auto fields(this auto& self) { return std::tie(self.wait_seconds); }
};

enum class Follow : std::uint8_t { No = 0, Yes = 1 };

struct Read {
    std::string of;  // empty: everything
    std::uint64_t after = 0;
    std::uint32_t limit = 0;  // the newest so many; 0: no limit
    Follow follow = Follow::No;
    /// Where an earlier process of this command had come to; set by perform() itself.
    std::uint64_t reached = 0;

    auto fields(this auto& self) {
        return std::tie(self.of, self.after, self.limit, self.follow, self.reached);
    }
};

struct CreateGroup {
    std::string name;
    std::vector<std::string> members;

    auto fields(this auto& self) { return std::tie(self.name, self.members); }
};

struct ChangeGroup {
    enum class Act : std::uint8_t { Add = 0, Remove = 1, Leave = 2 };

    Act act = Act::Add;
    std::string group;
    std::string member;

    auto fields(this auto& self) { return std::tie(self.act, self.group, self.member); }
};

struct ListGroupMembers {
    std::string group;

    auto fields(this auto& self) { return std::tie(self.group); }
};

using Command = std::variant<Join,
                             ShowStatus,
                             ListContacts,
                             ListDevices,
                             ListConversations,
                             Send,
                             ListOutbox,
                             ReleaseMessage,
                             Sync,
                             Read,
                             CreateGroup,
                             ChangeGroup,
                             ListGroupMembers,
                             Fetch>;

// ---- events (7-contract; times are milliseconds since 1970) -------------------------------

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

struct Status {
    std::uint8_t locked = 0;  // then nothing else is known
    std::uint8_t online = 0;
    std::uint64_t queued = 0;
    std::string incarnation;  // empty: not known
    std::string circle;
    std::string circle_name;
    std::string member;
    std::string device;

    auto fields(this auto& self) {
        return std::tie(self.locked,
                        self.online,
                        self.queued,
                        self.incarnation,
                        self.circle,
                        self.circle_name,
                        self.member,
                        self.device);
    }
};

struct Contact {
    std::string member;
    std::string name;
    std::string role;

    auto fields(this auto& self) { return std::tie(self.member, self.name, self.role); }
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

struct ConversationShown {
    std::string conversation;
    std::string kind;   // direct, group, directory
    std::string name;   // a group's, or the other member's
    std::string state;  // new, open, closed

    auto fields(this auto& self) {
        return std::tie(self.conversation, self.kind, self.name, self.state);
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
                        self.attachment);
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

    auto fields(this auto& self) {
        return std::tie(
            self.conversation, self.after, self.before, self.reason, self.member, self.name);
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

    auto fields(this auto& self) {
        return std::tie(self.conversation,
                        self.member,
                        self.name,
                        self.device,
                        self.action,
                        self.by,
                        self.by_name,
                        self.epoch);
    }
};

/// How far a file has come that a person waits for, in bytes.
struct FileProgress {
    enum class Act : std::uint8_t { Reading = 0, Sending = 1, Receiving = 2 };

    Act act = Act::Reading;
    std::uint64_t done = 0;
    std::uint64_t total = 0;

    auto fields(this auto& self) { return std::tie(self.act, self.done, self.total); }
};

/// A file is there, whole and as its author sent it.
struct Fetched {
    std::string id;
    AttachmentShown attachment;

    auto fields(this auto& self) { return std::tie(self.id, self.attachment); }
};

/// A sentence for a person who waits.
struct Notice {
    std::string sentence;

    auto fields(this auto& self) { return std::tie(self.sentence); }
};

/// How far a following command has come; for perform() itself.
struct Reached {
    std::uint64_t place = 0;

    auto fields(this auto& self) { return std::tie(self.place); }
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
                           Fetched>;

using EventSink = std::function<void(const Event&)>;

// ---- how a command ends ------------------------------------------------------------------

/// The exit codes of 7-contract.
enum class Exit : std::uint8_t {
    Done = 0,
    Refused = 1,
    Usage = 2,
    Queued = 3,
    Locked = 4,
    Disk = 5,
    Busy = 6,
    Timeout = 7,
    Bug = 70,
    Interrupted = 130,
};

struct Outcome {
    Exit exit = Exit::Done;
    std::string rule;      // empty when it went well
    std::string sentence;  // says what to do about it

    auto fields(this auto& self) { return std::tie(self.exit, self.rule, self.sentence); }
};

/// Whether the process tells its operator what it does, on standard error.
enum class Diaries : std::uint8_t { Silent, Standard };

/// Where the device lives and how it is opened.
struct Settings {
    std::filesystem::path home;
    /// Asked for at most once, and only if the vault has to be opened by this process. Nothing:
    /// there is none to be had.
    std::function<std::optional<Secret>()> passphrase;
    /// How long to wait for others; without it, what cannot be reached at once is left queued.
    std::optional<std::chrono::seconds> timeout;
    /// Other trust anchors than the vault's (--trust-file): lines "relay HOST:PORT",
    /// "relay-key HEX".
    std::optional<std::filesystem::path> trust_file;
    Diaries diary = Diaries::Silent;
};

/// Does one command, calling `sink` for each event, and blocks until it is done. SIGINT and
/// SIGTERM end it in good order.
[[nodiscard]] Outcome perform(const Settings& settings,
                              const Command& command,
                              const EventSink& sink);

/// Refuses to go on without locked memory; first thing in main().
[[nodiscard]] Outcome prepare_process();

}  // namespace cercle::client
