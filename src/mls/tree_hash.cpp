// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Tree hashes and parent hashes of a RatchetTree (RFC 9420 sections 7.8 and 7.9).
#include <algorithm>
#include <array>

#include "mls/ratchet_tree.h"

namespace cercle::mls {
namespace {

// struct {
//     NodeType node_type;
//     select (TreeHashInput.node_type) {
//         case leaf:   LeafNodeHashInput leaf_node;      uint32 leaf_index;
//                                                        optional<LeafNode> leaf_node;
//         case parent: ParentNodeHashInput parent_node;  optional<ParentNode> parent_node;
//                                                        opaque left_hash<V>;
//                                                        opaque right_hash<V>;
//     };
// } TreeHashInput;
Bytes hash_leaf(const Suite& suite, LeafIndex index, const KeptLeaf* leaf) {
    codec::Writer input;
    input.number(std::uint8_t{1});
    codec::write(input, index);
    input.number(static_cast<std::uint8_t>(leaf == nullptr ? 0 : 1));
    const BytesView content = leaf == nullptr ? BytesView{} : leaf->bytes();
    return crypto::hash(suite.hash(), {input.bytes(), content});
}

Bytes hash_parent(const Suite& suite,
                  const ParentNode* parent,
                  std::span<const LeafIndex> without,
                  BytesView left_hash,
                  BytesView right_hash) {
    const std::array<std::uint8_t, 2> kind{2, static_cast<std::uint8_t>(parent == nullptr ? 0 : 1)};
    codec::Writer rest;
    if (parent != nullptr) {
        std::vector<LeafIndex> unmerged = parent->unmerged_leaves();
        std::erase_if(unmerged,
                      [&](LeafIndex leaf) { return std::ranges::contains(without, leaf); });
        codec::write(rest, unmerged);
    }
    rest.opaque(left_hash);
    rest.opaque(right_hash);
    const BytesView head = parent == nullptr ? BytesView() : parent->encoded_head();
    return crypto::hash(suite.hash(), {kind, head, rest.bytes()});
}

bool any_below(NodeIndex node, std::span<const LeafIndex> leaves) {
    return std::ranges::any_of(leaves, [&](LeafIndex leaf) {
        return first_leaf_below(node) <= leaf && leaf < end_of_leaves_below(node);
    });
}

}  // namespace

Bytes RatchetTree::tree_hash(const Suite& suite, NodeIndex node) const {
    SharedArray<CachedHash>& cache = is_leaf(node) ? leaf_hashes_ : hashes_;
    const std::size_t place = node.value / 2;
    const bool has_place = place < cache.size();
    if (has_place && cache[place].size > 0) {
        return to_bytes(BytesView(cache[place].bytes).first(cache[place].size));
    }
    Bytes hash = is_leaf(node) ? hash_leaf(suite, leaf_of(node), leaf(leaf_of(node)).get())
                               : hash_parent(suite,
                                             parent(node).get(),
                                             {},
                                             tree_hash(suite, left_of(node)),
                                             tree_hash(suite, right_of(node)));
    if (has_place) {
        CachedHash computed{.bytes = {}, .size = static_cast<std::uint8_t>(hash.size())};
        std::ranges::copy(hash, computed.bytes.begin());
        cache.set(place, computed);
    }
    return hash;
}

Bytes RatchetTree::hash_without(const Suite& suite,
                                NodeIndex node,
                                std::span<const LeafIndex> without) const {
    if (!any_below(node, without)) return tree_hash(suite, node);
    if (is_leaf(node)) return hash_leaf(suite, leaf_of(node), nullptr);
    return hash_parent(suite,
                       parent(node).get(),
                       without,
                       hash_without(suite, left_of(node), without),
                       hash_without(suite, right_of(node), without));
}

// struct { HPKEPublicKey encryption_key; opaque parent_hash<V>;
//     opaque original_sibling_tree_hash<V>; } ParentHashInput;

crypto::RunningHash RatchetTree::begin_parent_hash(const Suite& suite, NodeIndex node) const {
    crypto::RunningHash begun(suite.hash());
    begun.add(parent(node)->encoded_head());
    return begun;
}

Bytes RatchetTree::end_parent_hash(const crypto::RunningHash& begun,
                                   const Suite& suite,
                                   NodeIndex node,
                                   NodeIndex sibling) const {
    codec::Writer rest;
    rest.opaque(hash_without(suite, sibling, parent(node)->unmerged_leaves()));
    return begun.digest(rest.bytes());
}

}  // namespace cercle::mls
