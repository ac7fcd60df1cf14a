// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Reading: how far this device's person has come in each conversation, what is new behind that,
// and the texts begun and not sent. Beside the timeline; of this device alone, no other learns it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/timeline.h"

namespace cercle::client {

/// A conversation in one line.
struct Summary {
    std::uint64_t unread = 0;  // texts of others behind the mark
    protocol::Seq read_to;
    std::int64_t activity = 0;  // the ordinal of the newest line
    std::optional<Line> last;   // the newest text
};

class Reading {
  public:
    /// `self` outlives it.
    Reading(store::Database& database, const identity::MemberId& self)
        : database_(database),
          self_(self) {}

    [[nodiscard]] Result<Summary> summary(protocol::LogId log) const;

    /// Whether the mark moved; it never goes back.
    [[nodiscard]] Result<bool> mark(protocol::LogId log, protocol::Seq seq);

    /// Keyed by a conversation's or a member's id, in hex. An empty text is forgotten.
    [[nodiscard]] Result<void> keep_draft(std::string_view to, std::string_view text);
    [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> drafts() const;

  private:
    store::Database& database_;
    const identity::MemberId& self_;
};

}  // namespace cercle::client
