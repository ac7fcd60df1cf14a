// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/tree_math.h"

#include <bit>

#include "base/check.h"

namespace cercle::mls {

Result<TreeSize> TreeSize::for_leaves(std::uint64_t leaves) {
    if (leaves > most_leaves) return fail(Code::tree_too_large, "a tree of more than 2^24 leaves");
    if (leaves == 0) return TreeSize{1};
    return TreeSize{std::bit_ceil(static_cast<std::uint32_t>(leaves))};
}

Result<TreeSize> TreeSize::for_full_width(std::uint64_t nodes) {
    if (nodes >= 2 * std::uint64_t{most_leaves}) {
        return fail(Code::tree_too_large, "a tree of more than 2^24 leaves");
    }
    if (!std::has_single_bit(nodes + 1) || nodes == 0) {
        return fail(Code::tree_not_full, "a tree whose width is not one less than a power of two");
    }
    return TreeSize{static_cast<std::uint32_t>((nodes + 1) / 2)};
}

NodeIndex node_of(LeafIndex leaf) {
    return {leaf.value * 2};
}

bool is_leaf(NodeIndex node) {
    return node.value % 2 == 0;
}

LeafIndex leaf_of(NodeIndex node) {
    CHECK(is_leaf(node), "a parent node taken for a leaf");
    return {node.value / 2};
}

std::uint32_t level_of(NodeIndex node) {
    return static_cast<std::uint32_t>(std::countr_one(node.value));
}

NodeIndex left_of(NodeIndex node) {
    CHECK(!is_leaf(node), "a leaf has no children");
    // 01x = <00x, 10x>: the bit above the ones' last goes.
    return {node.value ^ (std::uint32_t{1} << (level_of(node) - 1))};
}

NodeIndex right_of(NodeIndex node) {
    CHECK(!is_leaf(node), "a leaf has no children");
    return {node.value ^ (std::uint32_t{3} << (level_of(node) - 1))};
}

std::optional<NodeIndex> parent_of(NodeIndex node, TreeSize size) {
    if (node == size.root()) return std::nullopt;
    const std::uint32_t level = level_of(node);
    const std::uint32_t cleared = node.value & ~(std::uint32_t{1} << (level + 1));
    return NodeIndex{cleared | (std::uint32_t{1} << level)};
}

std::optional<NodeIndex> sibling_of(NodeIndex node, TreeSize size) {
    const auto parent = parent_of(node, size);
    if (!parent) return std::nullopt;
    return child_away_from(*parent, node);
}

std::vector<NodeIndex> direct_path(LeafIndex leaf, TreeSize size) {
    std::vector<NodeIndex> path;
    for (auto at = parent_of(node_of(leaf), size); at; at = parent_of(*at, size)) {
        path.push_back(*at);
    }
    return path;
}

bool is_in_subtree(NodeIndex node, NodeIndex subtree) {
    const std::uint32_t shift = level_of(subtree) + 1;
    return node.value >> shift == subtree.value >> shift && level_of(node) <= level_of(subtree);
}

NodeIndex child_towards(NodeIndex ancestor, NodeIndex node) {
    return node.value < ancestor.value ? left_of(ancestor) : right_of(ancestor);
}

NodeIndex child_away_from(NodeIndex ancestor, NodeIndex node) {
    return node.value < ancestor.value ? right_of(ancestor) : left_of(ancestor);
}

LeafIndex first_leaf_below(NodeIndex node) {
    const std::uint32_t reach = (std::uint32_t{1} << level_of(node)) - 1;
    return {(node.value - reach) / 2};
}

LeafIndex end_of_leaves_below(NodeIndex node) {
    const std::uint32_t reach = (std::uint32_t{1} << level_of(node)) - 1;
    return {(node.value + reach) / 2 + 1};
}

NodeIndex common_ancestor(LeafIndex one, LeafIndex other) {
    const std::uint32_t x = one.value * 2;
    const std::uint32_t y = other.value * 2;
    if (x == y) return {x};
    const auto level = static_cast<std::uint32_t>(std::bit_width(x ^ y)) - 1;
    // Bits above `level` are shared; below stands 0 1^level.
    return {(x >> (level + 1) << (level + 1)) | ((std::uint32_t{1} << level) - 1)};
}

}  // namespace cercle::mls
