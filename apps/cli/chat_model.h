// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Model: what `cercle chat` knows, from the events of a Watch. It asks for nothing and draws
// nothing.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/chat_room.h"

namespace cercle::cli::chat {

/// What is known of a message's file beyond what the message says.
struct Transfer {
    std::optional<client::FileProgress> progress;  // while it is on its way
    std::string saved_as;                          // where it lies since then; empty: nowhere
};

class Model {
  public:
    /// From a Watch, or a Read of one conversation.
    void take(const client::Event& event);

    [[nodiscard]] const client::Status& status() const { return status_; }

    /// All that was there when the Watch began has been told.
    [[nodiscard]] bool is_complete() const { return complete_; }

    /// Conversations, where something happened last first; then people with whom there is none,
    /// by name. A room stays where it is in memory, also when its conversation begins.
    [[nodiscard]] const std::vector<Room*>& rooms() const { return order_; }

    [[nodiscard]] Room* room(const std::string& id) const;

    /// The room's name, told apart from others of the same name.
    [[nodiscard]] std::string title(const Room& room) const;

    [[nodiscard]] bool is_self(const std::string& member) const {
        return !member.empty() && member == status_.member;
    }

    /// Of a message's file; nothing if it is not on its way and was not.
    [[nodiscard]] const Transfer* transfer(const client::Message& message) const;
    void set_transfer(const client::Message& message, Transfer transfer);

    /// Of all files that go the same way at the moment, together.
    [[nodiscard]] std::optional<client::FileProgress> under_way(
        client::FileProgress::Act act) const;

    /// What others said that was not read, in all rooms but this one.
    [[nodiscard]] std::uint64_t unread_beside(const Room* room) const;

  private:
    void take(const client::Contact& contact);
    void take(const client::ConversationShown& conversation);
    void take(const client::Draft& draft);
    void take(const client::Message& message);
    void take(const client::FileProgress& progress);
    Room& add_room();
    void put_in_order();

    client::Status status_;
    bool complete_ = false;
    std::vector<std::unique_ptr<Room>> rooms_;
    std::vector<Room*> order_;
    std::map<std::string, client::Contact> people_;
    std::map<std::string, std::string> drafts_;  // of rooms that are not told of yet
    std::map<MessageName, Transfer> transfers_;
};

}  // namespace cercle::cli::chat
