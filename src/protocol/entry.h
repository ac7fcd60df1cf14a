// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// NewEntry: what is to be appended, under the id that its sender chose for it. Entry: what stands
// in a log.

#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "protocol/words.h"

namespace cercle::protocol {

struct NewEntry {
    EntryId id;
    Bytes payload;

    auto fields(this auto& self) { return std::tie(self.id, self.payload); }
};

enum class EntryKind : std::uint8_t { Application = 1, Bundle = 2, Deposit = 3, Card = 4 };

struct Entry {
    Seq seq;
    EntryKind kind;
    Epoch epoch;  // as declared; a device compares it with what MLS says
    Stamp stamp;
    Bytes payload;  // a bundle's is an encoded SignedBundle, a card's an encoded CardLetter
    ChainHash chain;

    auto fields(this auto& self) {
        return std::tie(self.seq, self.kind, self.epoch, self.stamp, self.payload, self.chain);
    }
};

}  // namespace cercle::protocol
