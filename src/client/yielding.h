// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Yielding: of all who want to commit in one epoch one wins, and the others plan anew. Where all
// members of a large conversation want to renew their leaves in the same minute, each in a commit
// of his own (renewal.h), nearly all that they make is for nothing: n members, about n * n / 2
// commits. Nothing hurries with a renewal; so one that has lost lets the others go first, for a
// while that grows with their number. It is tried at once in each process, so that a device that is
// never online for long renews as well; and what was written meanwhile does not wait for it.

#include <map>
#include <optional>

#include "client/core.h"

namespace cercle::client {

class Yielding {
  public:
    /// A renewal has lost in a conversation of so many members.
    void lose(Core& core, protocol::LogId log, std::size_t members);

    [[nodiscard]] bool yields(const Clock& clock, protocol::LogId log) const;

    /// When the next one is to be tried again; those whose time has come are forgotten.
    [[nodiscard]] std::optional<net::Deadline> next(const Clock& clock);

  private:
    std::map<protocol::LogId, net::Deadline> until_;
};

/// Whether a change is there to show this device's newest certificate, and nothing else.
[[nodiscard]] Result<bool> is_bare_renewal(const OutboxItem& item);

/// The place in the outbox of the renewal whose commit waits for the relay under that id, if it is
/// one.
[[nodiscard]] Result<std::optional<std::int64_t>> renewal_under_way(Core& core,
                                                                    protocol::LogId log,
                                                                    protocol::EntryId pending);

}  // namespace cercle::client
