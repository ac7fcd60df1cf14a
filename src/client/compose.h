// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Compose: what a person wants becomes an intent in the outbox. The first station of the trip;
// nothing here waits for a network.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/core.h"

namespace cercle::client {

/// A text on its way in.
struct NewText {
    envelope::MessageId id;
    std::string_view text;
    std::optional<envelope::Reference> answers;
};

/// Writes a text. The same id with the same text again changes nothing; with another text, or
/// with a file, or to somewhere else, it is id_reused. Errors: also not_a_member, too_large,
/// invalid_text.
[[nodiscard]] Result<void> write_text(Core& core, protocol::LogId log, const NewText& text);

/// What stands for a message in those that answer to it.
[[nodiscard]] envelope::Reference reference_of(const envelope::Content& content,
                                               BytesView encoded,
                                               identity::MemberId author,
                                               protocol::LogId log);

/// A text, or nothing, as it may be written. Errors: invalid_text, too_large.
[[nodiscard]] Result<void> check_text(std::string_view text);

/// The conversation, if one may write in it. Errors: not_a_member, and those of loading it.
[[nodiscard]] Result<Conversation*> writable(Core& core, protocol::LogId log);

/// A message of this device's own, as its timeline shows it.
[[nodiscard]] Line own_line(Core& core, protocol::LogId log, const NewText& text, LineState state);

/// Whether a message that is there says the same, in the same place.
[[nodiscard]] bool is_same(const Line& earlier, protocol::LogId log, const NewText& text);

/// All chunks of a file are at the relay, which keeps them until then: its message enters the
/// outbox.
[[nodiscard]] Result<void> write_file_message(Core& core,
                                              const Upload& upload,
                                              protocol::Stamp until);

/// Writes content of another kind than text, which no timeline shows.
[[nodiscard]] Result<std::int64_t> write_content(Core& core,
                                                 protocol::LogId log,
                                                 std::string_view type,
                                                 BytesView body);

/// The same, in a transaction of the caller's, who tells the courier once it is committed.
[[nodiscard]] Result<std::int64_t> write_content(Core& core,
                                                 store::Transaction& transaction,
                                                 protocol::LogId log,
                                                 std::string_view type,
                                                 BytesView body);

/// A conversation as it is wanted. Its id is drawn by whoever wants it, so that wanting it once
/// more makes no other one.
struct NewConversation {
    protocol::LogId log;
    Policy policy;
    std::optional<identity::MemberId> peer;  // of a direct one
    std::vector<identity::MemberId> members;
};

/// It is there, with the intent to add its members.
struct Begun {
    protocol::LogId log;
    /// Its place in the outbox; nothing if it has left that already.
    std::optional<std::int64_t> change;
};

/// A new conversation of this device's alone, or the one of that id that was begun already. Errors:
/// invalid_text, policy_groups, id_reused (the id stands for another one), not_a_member (it was
/// begun, and is closed again).
[[nodiscard]] Result<Begun> begin_conversation(Core& core, NewConversation wanted);

/// The direct conversation with a member, begun if there is none.
[[nodiscard]] Result<protocol::LogId> direct_conversation(Core& core, identity::MemberId member);

/// The intent to change who is in a conversation. Errors: not_a_member.
[[nodiscard]] Result<std::int64_t> write_change(Core& core, protocol::LogId log, Change change);

/// The same, in a transaction of the caller's, who tells the courier once it is committed.
[[nodiscard]] Result<std::int64_t> write_change(Core& core,
                                                store::Transaction& transaction,
                                                protocol::LogId log,
                                                Change change);

/// Lets a held message go. Errors: unknown.
[[nodiscard]] Result<void> release(Core& core, envelope::MessageId id);

}  // namespace cercle::client
