// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Verify: reads everything that a store holds and says whether it can be true.

#include "relay/log.h"

namespace cercle::relay {

struct Verified {
    std::uint64_t logs = 0;
    std::uint64_t entries = 0;
    std::uint64_t blobs = 0;
    std::uint64_t chunks = 0;
    std::uint64_t cards = 0;
    std::uint64_t shares = 0;
};

/// Walks every log from its first entry: positions without gaps, chain hashes, the head, the
/// sum of bytes, epochs and their verifiers, what each id stands for; every blob, chunk by chunk;
/// every card, and the unlock shares where there are any; and the databases' own checks.
/// Errors: store_corrupt with what is wrong, and those of the disk.
[[nodiscard]] Result<Verified> verify(LogStore& store);

}  // namespace cercle::relay
