// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Bundles: a commit with all that the relay must change when it is appended (docs/spec/wire.md).
//
// The relay only orders bundles; devices decide which one counts: the first in log order that
// passes every check is its epoch's commit. Here is only what they look like.

#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// What lets members write in one epoch: the hash of the append token for entries, and a public
/// key for bundles. Both secrets derive from the epoch's MLS exporter.
struct Verifier {
    TokenHash token;
    BundleKey bundle;

    auto fields(this auto& self) { return std::tie(self.token, self.bundle); }
};

struct Bundle {
    LogId log;
    Epoch epoch;                             // which the commit ends
    Bytes commit;                            // an MLSMessage
    Verifier next;                           // of the epoch which it starts
    std::vector<ReaderKey> readers_added;    // they may read from this entry on
    std::vector<ReaderKey> readers_dropped;  // they may not read what follows it
    std::vector<ChainHash> welcomes;         // SHA-256 of each Welcome that will be deposited
    ReaderKey author;

    auto fields(this auto& self) {
        return std::tie(self.log,
                        self.epoch,
                        self.commit,
                        self.next,
                        self.readers_added,
                        self.readers_dropped,
                        self.welcomes,
                        self.author);
    }
};

/// Both signatures are over the encoded Bundle, each under its own label.
struct SignedBundle {
    Bytes bundle;            // an encoded Bundle, kept as it was signed
    Bytes epoch_signature;   // under the epoch's bundle key: a member's
    Bytes author_signature;  // under the author's reader key: this member's

    auto fields(this auto& self) {
        return std::tie(self.bundle, self.epoch_signature, self.author_signature);
    }
};

}  // namespace cercle::protocol
