// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Records: logs whose entries stay for their whole retention, whoever has acknowledged them, and
// stand in one Merkle tree of the relay (docs/spec/records.md).

#include <cstdint>
#include <tuple>
#include <vector>

#include "protocol/bundle.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// How many records a relay has taken.
using RecordCount = Number<struct RecordCountTag>;
/// Place of a record among all of a relay; the first is 0.
using RecordNumber = Number<struct RecordTag>;
/// Of a node of the tree.
using TreeHash = Id<struct TreeHashTag, 32>;

/// As CreateLog, a log of records. -> Done
struct CreateRecordedLog {
    LogId log;
    Verifier verifier;
    std::vector<ReaderKey> readers;

    auto fields(this auto& self) { return std::tie(self.log, self.verifier, self.readers); }
};

/// -> SignedCheckpoint: of the tree as it is now.
struct GetCheckpoint {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// That an entry of a log which this session has opened is among the first `size` records. -> Proof
/// Refusals: refused (no such record, not among them, not opened).
struct ProveRecord {
    LogId log;
    Seq seq;
    RecordCount size;

    auto fields(this auto& self) { return std::tie(self.log, self.seq, self.size); }
};

/// That the first `later` records begin with the first `earlier`. -> Proof
/// Refusals: refused (there are not so many, or it is not earlier).
struct ProveGrowth {
    RecordCount earlier;
    RecordCount later;

    auto fields(this auto& self) { return std::tie(self.earlier, self.later); }
};

struct SignedCheckpoint {
    Bytes checkpoint;  // an encoded merkle Checkpoint
    Bytes signature;   // under the relay's own key

    auto fields(this auto& self) { return std::tie(self.checkpoint, self.signature); }
};

/// `number`: of the record, or 0 where it is not asked for one.
struct Proof {
    RecordNumber number;
    std::vector<TreeHash> path;

    auto fields(this auto& self) { return std::tie(self.number, self.path); }
};

}  // namespace cercle::protocol
