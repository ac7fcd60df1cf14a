// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The chain: what each entry's running hash is taken over. Relay and devices compute it alike;
// a device that has read up to a position can tell whether what follows continues it.

#include "protocol/frames.h"

namespace cercle::protocol {

/// The chain hash before a log's first entry is all zeros. The next is the SHA-256 of this
/// value's encoding, with the payload replaced by its own SHA-256.
struct ChainLink {
    std::array<std::uint8_t, 16> label{
        'C', 'e', 'r', 'c', 'l', 'e', ' ', 'c', 'h', 'a', 'i', 'n', ' ', '1'};
    ChainHash before;
    LogId log;
    Seq seq;
    EntryKind kind;
    Epoch epoch;
    Stamp stamp;
    std::array<std::uint8_t, 32> payload_hash;

    auto fields(this auto& self) {
        return std::tie(self.label,
                        self.before,
                        self.log,
                        self.seq,
                        self.kind,
                        self.epoch,
                        self.stamp,
                        self.payload_hash);
    }
};

}  // namespace cercle::protocol
