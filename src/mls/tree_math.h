// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Tree math: where nodes stand in the array (RFC 9420 appendix C).
//
//                   7                     Leaves have even positions: leaf i is node 2i.
//             /           \               A node's level is the number of 1 bits at its end:
//          3                 11           the subtree below x = ...0 1^k is every number
//        /   \             /    \         that differs from x in its last k + 1 bits only.
//      1       5        9        13
//     / \     / \      / \      /  \      The tree is always full: its leaves are a power of
//    0   2   4   6    8  10   12    14    two, those without a member are blank.
//
// A leaf is never mistaken for a node: the two are types of their own.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace cercle::mls {

using LeafIndex = Number<struct LeafIndexTag, std::uint32_t>;
using NodeIndex = Number<struct NodeIndexTag, std::uint32_t>;

/// A tree of more is refused, wherever it comes from; positions fit 32 bits with room.
inline constexpr std::uint32_t most_leaves = std::uint32_t{1} << 24U;

/// The number of leaf positions of a full tree; always a power of two, at least 1.
struct TreeSize {
    std::uint32_t leaves = 1;

    /// The smallest full tree with room for `leaves`. Errors: tree_too_large.
    [[nodiscard]] static Result<TreeSize> for_leaves(std::uint64_t leaves);
    /// The full tree of exactly `nodes` nodes. Errors: tree_not_full, tree_too_large.
    [[nodiscard]] static Result<TreeSize> for_full_width(std::uint64_t nodes);

    [[nodiscard]] std::uint32_t nodes() const { return 2 * leaves - 1; }

    [[nodiscard]] NodeIndex root() const { return {leaves - 1}; }

    [[nodiscard]] bool contains(LeafIndex leaf) const { return leaf.value < leaves; }

    friend bool operator==(TreeSize, TreeSize) = default;
};

[[nodiscard]] NodeIndex node_of(LeafIndex leaf);
[[nodiscard]] bool is_leaf(NodeIndex node);
/// Of a leaf node.
[[nodiscard]] LeafIndex leaf_of(NodeIndex node);
/// 0 for a leaf.
[[nodiscard]] std::uint32_t level_of(NodeIndex node);

/// Of a parent node.
[[nodiscard]] NodeIndex left_of(NodeIndex node);
[[nodiscard]] NodeIndex right_of(NodeIndex node);
/// Nothing for the root.
[[nodiscard]] std::optional<NodeIndex> parent_of(NodeIndex node, TreeSize size);
[[nodiscard]] std::optional<NodeIndex> sibling_of(NodeIndex node, TreeSize size);

/// "The direct path of a node is the list of its ancestors, ordered from its parent to the root"
/// (section 4.1).
[[nodiscard]] std::vector<NodeIndex> direct_path(LeafIndex leaf, TreeSize size);

[[nodiscard]] bool is_in_subtree(NodeIndex node, NodeIndex subtree);
/// The child of `ancestor` whose subtree holds `node`, and the other one.
[[nodiscard]] NodeIndex child_towards(NodeIndex ancestor, NodeIndex node);
[[nodiscard]] NodeIndex child_away_from(NodeIndex ancestor, NodeIndex node);
/// The first and one past the last leaf below a node.
[[nodiscard]] LeafIndex first_leaf_below(NodeIndex node);
[[nodiscard]] LeafIndex end_of_leaves_below(NodeIndex node);

[[nodiscard]] NodeIndex common_ancestor(LeafIndex one, LeafIndex other);

}  // namespace cercle::mls
