// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a program may ask of a member's device. Part of client/api.h, which programs include.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace cercle::client {

struct Join {
    std::string invitation;
    std::string code;            // the second one, if the invitation needs it
    std::string introduction{};  // of who opens a card: one short plain text

    auto fields(this auto& self) { return std::tie(self.invitation, self.code, self.introduction); }
};

struct ShowStatus {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct ListContacts {
    /// A directory into which their pictures go, as files; its path, as the system has it. Empty:
    /// into none.
    Bytes pictures{};

    auto fields(this auto& self) { return std::tie(self.pictures); }
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
    /// Which one, where several messages of that id carry a file: the conversation's id, and the
    /// author, a member by id or name, or a device of his by its id. Empty: whichever there is.
    std::string conversation{};
    std::string from{};

    auto fields(this auto& self) {
        return std::tie(self.message, self.out, self.conversation, self.from);
    }
};

struct ListOutbox {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct ReleaseMessage {
    std::string id;

    auto fields(this auto& self) { return std::tie(self.id); }
};

/// A member has a further device for which the officer alone vouches: a person says that it is his,
/// and what waited for that goes out.
struct AcceptMember {
    std::string member;

    auto fields(this auto& self) { return std::tie(self.member); }
};

/// What a person must hear of, and belongs to no conversation.
struct ListAlarms {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
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
    /// The newest so many lines, and those that share the oldest one's position, so that the page
    /// `before` that position lacks none; 0: no limit.
    std::uint32_t limit = 0;
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
    /// What the conversation will be called by programs, 32 hex digits; empty: a new one. The same
    /// again makes no other group.
    std::string id{};

    auto fields(this auto& self) { return std::tie(self.name, self.members, self.id); }
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

/// A card for one person outside of the circle (docs/spec/cards.md).
struct CreateCard {
    std::string label;          // for whom it is; known here alone
    std::string tier{};         // ring, knock, note, never; empty: knock
    std::string hours{};        // "Mon-Fri 09:00-18:00, Sat 10:00-12:00"; empty: always
    std::uint32_t budget = 0;   // letters a day; 0: the usual number
    std::string id{};           // names the making, 32 hex digits; empty: a new one
    std::string answered_by{};  // another member, by id or name; empty: this one

    auto fields(this auto& self) {
        return std::tie(self.label, self.tier, self.hours, self.budget, self.id, self.answered_by);
    }
};

struct ListCards {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct CloseCard {
    std::string card;  // by id or label

    auto fields(this auto& self) { return std::tie(self.card); }
};

/// Another code on the same terms; the old one is closed.
struct RenewCards {
    enum class Which : std::uint8_t { This = 0, AllBut = 1 };

    Which which = Which::This;
    std::string card;  // by id or label
    std::string id{};  // as of CreateCard

    auto fields(this auto& self) { return std::tie(self.which, self.card, self.id); }
};

/// What waits for a person's word.
struct ListRequests {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct ConfirmRequest {
    std::string request;

    auto fields(this auto& self) { return std::tie(self.request); }
};

struct RefuseRequest {
    std::string request;

    auto fields(this auto& self) { return std::tie(self.request); }
};

/// The hours in which nothing rings here, and who does all the same. Nothing given: shows them.
struct KeepQuiet {
    std::optional<std::string> hours{};    // as of CreateCard; empty: none; nothing: as they are
    std::vector<std::string> through{};    // a member by name or id, a card by label or id
    std::vector<std::string> held_back{};  // no longer

    auto fields(this auto& self) { return std::tie(self.hours, self.through, self.held_back); }
};

/// The circle's policy, as it holds here.
struct ShowPolicy {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// What was told the officer of whether this device is used: all of it.
struct ListReports {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
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
                             KeepDraft,
                             AcceptMember,
                             ListAlarms,
                             CreateCard,
                             ListCards,
                             CloseCard,
                             RenewCards,
                             ListRequests,
                             ConfirmRequest,
                             RefuseRequest,
                             KeepQuiet,
                             ShowPolicy,
                             ListReports>;

}  // namespace cercle::client
