// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Tree: the Merkle tree of RFC 9162 section 2.1 over a list that only grows. What is kept of it are
// its complete subtrees; they never change, and everything else is computed of them.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace cercle::merkle {

using Hash = Id<struct HashTag, 32>;
/// Place of a leaf in the list; the first is 0.
using LeafNumber = Number<struct LeafTag>;
/// How many leaves there are.
using TreeSize = Number<struct TreeSizeTag>;

/// RFC 9162 2.1.1: SHA-256(0x00 || entry).
[[nodiscard]] Hash leaf_hash(BytesView entry);
/// SHA-256(0x01 || left || right).
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
/// Of no leaves: SHA-256().
[[nodiscard]] Hash empty_root();

/// A complete subtree: of 2^level leaves, the number-th from the left.
struct Node {
    std::uint8_t level = 0;
    std::uint64_t number = 0;

    friend bool operator==(const Node&, const Node&) = default;
};

struct StoredNode {
    Node node;
    Hash hash;
};

/// Finds a node that was stored. Errors: what the store says.
using Lookup = std::function<Result<Hash>(Node)>;

/// The nodes that are complete with one leaf more, behind `size` leaves: to be stored.
[[nodiscard]] Result<std::vector<StoredNode>> grow(TreeSize size,
                                                   const Hash& leaf,
                                                   const Lookup& lookup);

/// Of the first `size` leaves.
[[nodiscard]] Result<Hash> root_of(TreeSize size, const Lookup& lookup);

}  // namespace cercle::merkle
