// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The hashes that the relay computes over what it keeps: the chain of a log (protocol/chain.h),
// and contents, by which a repetition is told from another use of the same id.

#include "relay/log.h"

namespace cercle::relay {

/// The chain hash after `entry`, whose own `chain` is not looked at.
[[nodiscard]] ChainHash chain_after(const ChainHash& before,
                                    const LogId& log,
                                    const protocol::Entry& entry);

/// The leaf of an entry of a recorded log (docs/spec/records.md).
[[nodiscard]] merkle::Hash record_hash(const ChainHash& chain, Seq seq);

/// SHA-256 over a label, which says of what, and the bytes.
enum class ContentOf : std::uint8_t {
    Entry,
    Bundle,
    Deposit,
    Founding,
    Order,
    Package,
    Chunk,
    Guess,
    Share,
    Tally,
    Letter,
    Face,
    Card,
    Misuse,
    Word
};
[[nodiscard]] ContentHash content_hash(ContentOf what, BytesView bytes);
/// Of what came by a card: of all of it but the tier, which its sender did not choose.
[[nodiscard]] ContentHash content_hash(protocol::CardLetter letter);
/// Of an entry, as its sender's id stands for it.
[[nodiscard]] ContentHash content_hash(const protocol::Entry& entry);

}  // namespace cercle::relay
