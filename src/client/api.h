// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The face of a member's device: commands go down, events come up, both are values without keys.
// Programs see this header (and officer/api.h) and nothing else of the house.
//
// perform() owns the home while it runs. If another process owns it already, the command is
// passed on to that process and done there, with the same events: a home has one writer, ever.

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
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
    std::string text;     // may be empty if there is a file
    std::string id{};     // 32 hex digits, with or without hyphens; empty: a new one
    Bytes file{};         // its path, as the system has it; empty: none
    std::string reply{};  // the id of a message of the same conversation; empty: to none

    auto fields(this auto& self) {
        return std::tie(self.to, self.text, self.id, self.file, self.reply);
    }
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

/// What was said, which counts as read then.
struct Read {
    std::string of;  // empty: everything
    std::uint64_t after = 0;
    std::uint32_t limit = 0;  // the newest so many; 0: no limit
    Follow follow = Follow::No;
    std::uint64_t before = 0;  // only what lies before this position; 0: to the end
    /// Where an earlier process of this command had come to; set by perform() itself.
    std::uint64_t reached = 0;

    auto fields(this auto& self) {
        return std::tie(self.of, self.after, self.limit, self.follow, self.before, self.reached);
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

/// For who stays: the state of the device, its people, its conversations, its drafts and its files
/// on their way, and then whatever changes in them and whatever is said, until it is stopped. Ends
/// by itself only in an error. `Reached` tells that all that was there has been told.
struct Watch {
    /// As in Read.
    std::uint64_t reached = 0;

    auto fields(this auto& self) { return std::tie(self.reached); }
};

/// What this device's person has read of a conversation. Never goes back.
struct MarkRead {
    std::string conversation;
    std::uint64_t seq = 0;

    auto fields(this auto& self) { return std::tie(self.conversation, self.seq); }
};

/// A text that is not sent yet, kept in the vault for the next time. An empty one is forgotten.
struct KeepDraft {
    std::string to;  // the id of a conversation, or of a member with whom there is none yet
    std::string text;

    auto fields(this auto& self) { return std::tie(self.to, self.text); }
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
                             Fetch,
                             Watch,
                             MarkRead,
                             KeepDraft>;

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
                        self.reply_to);
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
                           Draft>;

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

/// Names a wish that a Resident was given.
using Ticket = Number<struct TicketTag>;

/// A command, and who hears of it. Both are called on the resident's own thread, `on_event` any
/// number of times and then `on_done` once; they pass on what they hear and return.
struct Wish {
    Command command;
    EventSink on_event;
    std::function<void(const Outcome&)> on_done;
    /// How long to wait for others. A program with a face waits for nobody: what cannot be done at
    /// once is left queued, and a Watch tells what becomes of it. Nothing: as perform() does
    /// without a timeout, for a Fetch, which nobody goes on with.
    std::optional<std::chrono::seconds> patience = std::chrono::seconds{0};
};

/// A program that lives in a home while people look at it: commands whenever they like, done
/// beside each other, on a thread of its own. As with perform(), the home may be another
/// process's; when that one ends, this one takes the home over.
///
/// submit(), cancel() and stop() are for one thread, and for what a wish calls.
class Resident {
  public:
    /// If a device lives in the home, its passphrase is asked for here and tried, and kept in
    /// locked memory until the vault is opened with it; nobody is asked later. Where none lives
    /// yet, joining asks, on the resident's thread. `settings.timeout` plays no part.
    [[nodiscard]] static std::expected<std::unique_ptr<Resident>, Outcome> open(Settings settings);

    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;
    /// stop()
    ~Resident();

    /// Nothing once it is being stopped: then nobody hears of the wish.
    std::optional<Ticket> submit(Wish wish);
    /// Ends it, if it is not done yet; its outcome is then Interrupted.
    void cancel(Ticket ticket);
    /// Ends what is under way, lets commands that other processes have passed on to this one
    /// finish, and gives the home back. Nothing is called after it. Not from what a wish calls.
    void stop();

  private:
    struct State;

    explicit Resident(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// Refuses to go on without locked memory; first thing in main().
[[nodiscard]] Outcome prepare_process();

}  // namespace cercle::client
