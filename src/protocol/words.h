// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The words that device and relay share: opaque names and positions, nothing that knows people.

#include "base/id.h"
#include "base/result.h"

namespace cercle::protocol {

/// A log on the relay: a conversation's, or a device's inbox. Random.
using LogId = Id<struct LogTag>;
/// A one-time exchange on the relay, by which a device joins. Derived from the invitation.
using ExchangeId = Id<struct ExchangeTag>;
/// Chosen by the sender for each thing it wants kept once: a retry carries the same.
using EntryId = Id<struct EntryTag>;
/// A place on the relay for a file's closed chunks. Random.
using BlobId = Id<struct BlobTag>;
/// The life of a relay's store since it was made or restored.
using Incarnation = Id<struct IncarnationTag>;
/// Raw Ed25519 keys, by their purposes.
using DeviceKey = Id<struct DeviceKeyTag, 32>;
using ReaderKey = Id<struct ReaderKeyTag, 32>;
using BundleKey = Id<struct BundleKeyTag, 32>;
using OfficerKey = Id<struct OfficerKeyTag, 32>;
/// What an outsider, or a device that is locked still, proves to hold: a card's holder's key, a
/// device's pre-unlock key.
using HolderKey = Id<struct HolderKeyTag, 32>;
/// A card beside an inbox. Random.
using CardId = Id<struct CardTag>;
/// What proves a right, and what the relay keeps of it: access/token.h.
using TokenHash = Id<struct TokenHashTag, 32>;
/// The running hash over a log's entries: protocol/chain.h.
using ChainHash = Id<struct ChainTag, 32>;
/// Position in a log; the first entry is 1.
using Seq = Number<struct SeqTag>;
/// Place of a chunk in its blob; the first is 0.
using ChunkNumber = Number<struct ChunkTag, std::uint32_t>;
/// A conversation's MLS epoch.
using Epoch = Number<struct EpochTag>;
/// Milliseconds since 1970 as the relay stamped them; informational.
using Stamp = Number<struct StampTag>;

}  // namespace cercle::protocol
