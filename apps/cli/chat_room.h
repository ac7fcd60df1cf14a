// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Room: a conversation on the screen, or a person with whom there is none yet: what stands in it,
// how far one has scrolled, and what one is writing there.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "apps/cli/chat_composer.h"
#include "client/api.h"

namespace cercle::cli::chat {

/// Something that stands in a conversation.
using Entry = std::variant<client::Message, client::Membership, client::Gap>;

/// When it was, in milliseconds since 1970; 0 if nobody knows.
[[nodiscard]] std::uint64_t time_of(const Entry& entry);

/// By what one knows a message again: its author's device, and the id that it has there.
using MessageName = std::pair<std::string, std::string>;

[[nodiscard]] inline MessageName name_of(const client::Message& message) {
    return {message.sender_device, message.id};
}

/// A text in one line, or that it is a file.
[[nodiscard]] std::string gist(const std::string& text, const std::string& file);
[[nodiscard]] std::string gist(const client::Message& message);

class Room {
  public:
    /// In the order of the log; what has no place in it yet comes last, as it came.
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

    /// A new one, or another state of one that is there.
    void take(Entry entry);

    /// The last position that stands here; 0 if there is none.
    [[nodiscard]] std::uint64_t newest() const;
    [[nodiscard]] std::uint64_t oldest() const;

    [[nodiscard]] const client::Message* message(std::size_t entry) const;

    /// The newest message with a file, of those that are there; not of `self`'s own.
    [[nodiscard]] const client::Message* newest_file(const std::string& self) const;

    /// The first entry that stands behind a position, or has none yet.
    [[nodiscard]] std::size_t first_behind(std::uint64_t position) const;

    [[nodiscard]] bool is_person() const { return shown.conversation.empty(); }

    [[nodiscard]] bool is_group() const { return shown.kind == "group"; }

    [[nodiscard]] bool is_closed() const { return shown.state == "closed"; }

    /// What commands call it.
    [[nodiscard]] const std::string& id() const {
        return is_person() ? shown.peer : shown.conversation;
    }

    client::ConversationShown shown;
    std::string role;                  // of the person
    std::vector<std::string> members;  // names, of a group that was opened

    /// Whether the newest part of it has been asked for, and come; and all that lies before it.
    enum class Loading : std::uint8_t { No, Asked, Loaded, Complete } loading = Loading::No;

    [[nodiscard]] bool is_loaded() const {
        return loading == Loading::Loaded || loading == Loading::Complete;
    }

    bool older_asked = false;
    std::uint64_t marked = 0;  // as read, by us
    /// What others said behind here was new when the room was opened.
    std::optional<std::uint64_t> new_behind;
    bool goes_to_new = false;  // when it is drawn next

    Composer composer;
    std::string kept;  // the draft that the vault holds
    std::optional<client::Message> answering;

    int scrolled = 0;                 // rows up from what was the newest when that began,
    std::uint64_t scrolled_from = 0;  // which is this position

    /// Where an entry stands, in the order of the log.
    using Place = std::pair<std::uint64_t, int>;
    /// By what one knows an entry again.
    using Name = std::tuple<std::size_t, std::uint64_t, std::string, std::string>;

  private:
    std::vector<Entry> entries_;  // by place
    std::map<Name, Place> places_;
};

}  // namespace cercle::cli::chat
