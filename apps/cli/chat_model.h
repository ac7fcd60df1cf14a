// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Model: what `cercle chat` knows, from the events of a Watch. It asks for nothing and draws
// nothing.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/chat_room.h"

namespace cercle::cli::chat {

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

    /// What others said that was not read, in all rooms but this one.
    [[nodiscard]] std::uint64_t unread_beside(const Room* room) const;

  private:
    void take(const client::Contact& contact);
    void take(const client::ConversationShown& conversation);
    void take(const client::Draft& draft);
    Room& add_room();
    void put_in_order();

    client::Status status_;
    bool complete_ = false;
    std::vector<std::unique_ptr<Room>> rooms_;
    std::vector<Room*> order_;
    std::map<std::string, client::Contact> people_;
    std::map<std::string, std::string> drafts_;  // of rooms that are not told of yet
};

}  // namespace cercle::cli::chat
