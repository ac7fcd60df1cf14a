// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Kept: the last entries of conversation logs as the relay gave them, closed as they were, so that
// a relay that was restored from a backup can be given back what it has forgotten (restored.h). On
// the trip: beside receive, in its transaction.

#include <vector>

#include "protocol/entry.h"
#include "store/transaction.h"

namespace cercle::client::kept {

/// So many of each log, and no more than so many bytes of their payloads.
inline constexpr std::uint64_t most_entries = 4096;
inline constexpr std::uint64_t most_bytes = std::uint64_t{32} << 20U;

/// An entry that was read. Makes room for it.
Result<void> note(store::Transaction& transaction,
                  protocol::LogId log,
                  const protocol::Entry& entry);

/// Those right behind a position, in order and without a gap, as much as a request takes; nothing
/// if the next one is not kept.
[[nodiscard]] Result<std::vector<protocol::Entry>> behind(store::Database& database,
                                                          protocol::LogId log,
                                                          protocol::Seq position);

/// Where the log's chain stood, as far as that is known still.
[[nodiscard]] Result<std::optional<protocol::ChainHash>> chain_at(store::Database& database,
                                                                  protocol::LogId log,
                                                                  protocol::Seq position);

}  // namespace cercle::client::kept
