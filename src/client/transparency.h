// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Transparency: this device's copy of the circle's log of who is who (identity/transparency.h).
// On the trip between a directory page, or a message of somebody else, and what a person is warned
// of. Everything here runs in the transaction of what it came with.

#include <optional>
#include <vector>

#include "identity/directory.h"
#include "store/transaction.h"

namespace cercle::client::transparency {

/// The tree as it is here.
[[nodiscard]] Result<identity::TransparencyHead> head(store::Transaction& transaction);

/// A leaf behind all others. By the officer, who says it, and by whoever hears it.
[[nodiscard]] Result<void> append(store::Transaction& transaction,
                                  const identity::TransparencyLeaf& leaf);

/// Where a leaf stands: the last one that is the same. Errors: store_corrupt (nowhere).
[[nodiscard]] Result<merkle::LeafNumber> place_of(store::Transaction& transaction,
                                                  const identity::TransparencyLeaf& leaf);

/// All leaves from one on, and the head. By the officer, for a page.
[[nodiscard]] Result<identity::TransparencyGrowth> growth_from(store::Transaction& transaction,
                                                               merkle::LeafNumber first);

/// What a page does to this device's copy.
enum class Taking : std::uint8_t {
    Grown,      // it goes on from it, and everything on the page is in it
    Forked,     // it is another tree, or the page says what is not in it: not to be believed
    OutOfReach  // it goes on from leaves that have not come here: not to be believed yet
};

/// Nothing is kept of a page that is not to be believed.
[[nodiscard]] Result<Taking> take(store::Transaction& transaction,
                                  const identity::DirectoryPage& page,
                                  const identity::TransparencyGrowth& growth);

/// Whether a leaf is in it.
[[nodiscard]] Result<bool> says(store::Transaction& transaction,
                                const identity::TransparencyLeaf& leaf);

/// The facts of leaves beyond the first `known` that came with a page, are of a member and are not
/// accounted for by it: what is said of him behind his back.
[[nodiscard]] Result<std::vector<crypto::Digest>> hidden_of(
    identity::MemberId member,
    const identity::DirectoryPage& page,
    const identity::TransparencyGrowth& growth,
    std::uint64_t known);

/// A message of another device carries the head as it has it. False if it is of another tree than
/// this one. One that is larger is kept, and compared when this copy has grown as far.
[[nodiscard]] Result<bool> hear(store::Transaction& transaction,
                                identity::DeviceId device,
                                const identity::TransparencyHead& head,
                                WallTime now);

/// Devices that have shown a larger tree than has come here, and whose trees can be compared by
/// now, with whether they are the same.
struct Compared {
    identity::DeviceId device;
    merkle::Hash shown;
    bool same = false;
};

[[nodiscard]] Result<std::vector<Compared>> compare_kept(store::Transaction& transaction);

/// Since when a device has shown a larger tree than this one; nothing if none has.
[[nodiscard]] Result<std::optional<WallTime>> behind_since(store::Database& database);

}  // namespace cercle::client::transparency
