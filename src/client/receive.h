// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Receive: entries of a conversation's log become what happened in it. On the trip between the
// relay's fan-out and the timeline.
//
// What an entry changes (ratchet, content, membership, position) is stored in one transaction.
// An entry that cannot be opened or breaks a rule is passed over for good and leaves a line that
// says so. From a log that does not continue what was read before (chain_broken) nothing more is
// taken.

#include <vector>

#include "client/core.h"
#include "protocol/frames.h"

namespace cercle::client {

/// Errors: chain_broken, and those of the disk; then nothing of it has happened.
[[nodiscard]] Result<void> receive_entries(Core& core,
                                           protocol::LogId log,
                                           const std::vector<protocol::Entry>& entries);

/// Whether our own machine is what failed, its disk above all, and not what was read: then nothing
/// is passed over.
[[nodiscard]] bool is_of_the_disk(Code code);

/// The line that says that a message of this device's own, which the relay has called durable, does
/// not stand there.
[[nodiscard]] Line own_gap(const Core& core, protocol::LogId log, protocol::Seq position);

/// The line that says that this device's member has left.
[[nodiscard]] Line own_leave(const Core& core, protocol::LogId log, protocol::Seq position);

/// When the relay says it was; for people, and for judging certificates.
[[nodiscard]] WallTime time_of(const protocol::Entry& entry);

/// The chain hash after an entry that stands after `before`.
[[nodiscard]] protocol::ChainHash chain_after(protocol::ChainHash before,
                                              protocol::LogId log,
                                              const protocol::Entry& entry);

/// Errors: log_cut_short, when the relay's log ends before what was read of it: its store was put
/// back to an earlier state, or it hides what it has shown.
[[nodiscard]] Result<void> check_head(protocol::Seq read, protocol::Seq head);

/// Errors: chain_broken, unless the entry is the next after (seq, chain); any chain continues one
/// that is not known.
[[nodiscard]] Result<void> check_next(protocol::Seq seq,
                                      protocol::ChainHash chain,
                                      protocol::LogId log,
                                      const protocol::Entry& entry);

}  // namespace cercle::client
