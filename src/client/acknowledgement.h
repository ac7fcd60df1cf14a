// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Acknowledgement: what this device tells the relay of how far it has kept a log, so that what all
// readers have may go from the relay's disk; and of which bundle it follows. On the trip: behind
// receive, when what was read is committed. Kept in the vault, so that nothing is told twice.

#include <optional>

#include "protocol/frames.h"
#include "store/transaction.h"

namespace cercle::client::acknowledgement {

/// In the transaction in which the bundle that stands there has become its epoch's commit.
Result<void> follow(store::Transaction& transaction, protocol::LogId log, protocol::Seq bundle);

/// This device comes in (again) by that bundle, and under a reader key that has told nothing.
Result<void> begin(store::Transaction& transaction, protocol::LogId log, protocol::Seq bundle);

/// Now: all that was not told yet. InPassing: what others wait for (that a bundle is followed), or
/// what has become much; the rest can wait for a quieter moment.
enum class Occasion : std::uint8_t { Now, InPassing };

/// So many entries are much.
inline constexpr std::uint64_t many_entries = 64;

struct Due {
    protocol::Acknowledge request;
    Occasion occasion = Occasion::Now;  // the first at which it should be told
};

/// What is to be told of a log that was read and kept up to `read`, if anything is.
[[nodiscard]] Result<std::optional<Due>> due(store::Database& database,
                                             protocol::LogId log,
                                             protocol::Seq read);

/// The relay has heard it.
Result<void> note_told(store::Database& database, const protocol::Acknowledge& told);

}  // namespace cercle::client::acknowledgement
