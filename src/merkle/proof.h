// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Proofs: that an entry is in a tree, and that a tree goes on from an earlier one (RFC 9162 2.1.3
// and 2.1.4). Whoever makes one has the tree; whoever checks one has two hashes.

#include <vector>

#include "merkle/tree.h"

namespace cercle::merkle {

using Path = std::vector<Hash>;

/// No path is longer.
inline constexpr std::size_t longest_path = 128;

/// Errors: invalid_argument (no such leaf), and what the store says.
[[nodiscard]] Result<Path> prove_inclusion(LeafNumber leaf, TreeSize size, const Lookup& lookup);

/// That the tree of `later` leaves begins with that of `earlier`.
/// Errors: invalid_argument (not earlier), and what the store says.
[[nodiscard]] Result<Path> prove_consistency(TreeSize earlier,
                                             TreeSize later,
                                             const Lookup& lookup);

/// A tree as somebody has seen it.
struct Sight {
    TreeSize size;
    Hash root;
};

/// Errors: forged.
[[nodiscard]] Result<void> check_inclusion(const Hash& leaf,
                                           LeafNumber number,
                                           const Sight& tree,
                                           const Path& path);

/// Errors: forged.
[[nodiscard]] Result<void> check_consistency(const Sight& earlier,
                                             const Sight& later,
                                             const Path& path);

}  // namespace cercle::merkle
