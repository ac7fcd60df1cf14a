// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay that was restored from a backup says of itself, and how devices give it what it has
// forgotten (docs/spec/wire.md, decision 44).

#include <cstdint>
#include <tuple>
#include <vector>

#include "protocol/entry.h"

namespace cercle::protocol {

/// What a restored relay's key signs: another life has begun.
struct IncarnationStatement {
    Incarnation before;  // of the store in the backup
    Incarnation now;
    Stamp since;

    auto fields(this auto& self) { return std::tie(self.before, self.now, self.since); }
};

struct SignedIncarnation {
    Bytes statement;
    Bytes key;  // raw Ed25519, the relay's
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.statement, self.key, self.signature); }
};

/// -> SignedIncarnation. Refusals: refused (it was never restored).
struct GetIncarnation {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// Entries as they stood in a conversation log that this session has opened, before the relay was
/// restored: in order, the first of them right behind the log's end, or before it. What the log
/// has is passed over. All or none. -> Done
/// Refusals: refused (they do not continue the log's chain, or are not of the time before), stale
/// (the log has gone on in its new life), log_full, too_large.
struct GiveBack {
    LogId log;
    std::vector<Entry> entries;

    auto fields(this auto& self) { return std::tie(self.log, self.entries); }
};

/// This reader has nothing to give back to a log that it has opened: it has kept all up to `upto`,
/// and nothing behind. -> Done
/// Refusals: refused (the log ends before).
struct DeclareKept {
    LogId log;
    Seq upto;

    auto fields(this auto& self) { return std::tie(self.log, self.upto); }
};

}  // namespace cercle::protocol
