// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/ratchet_tree.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::mls {
namespace {

// enum { leaf(1), parent(2) } NodeType;
constexpr std::uint8_t leaf_node_type = 1;
constexpr std::uint8_t parent_node_type = 2;

}  // namespace

void RatchetTree::resize(TreeSize size) {
    size_ = size;
    leaves_.resize(size.leaves);
    parents_.resize(size.leaves - 1);
    hashes_.resize(size.leaves - 1);
}

const RatchetTree::SharedLeaf& RatchetTree::leaf(LeafIndex index) const {
    static const SharedLeaf none;
    return size_.contains(index) ? leaves_[index.value] : none;
}

const RatchetTree::SharedParent& RatchetTree::parent(NodeIndex index) const {
    CHECK(!is_leaf(index) && index.value < size_.nodes(), "not a parent node of this tree");
    return parents_[index.value / 2];
}

bool RatchetTree::is_blank(NodeIndex index) const {
    return is_leaf(index) ? leaf(leaf_of(index)) == nullptr : parent(index) == nullptr;
}

BytesView RatchetTree::encryption_key(NodeIndex index) const {
    CHECK(!is_blank(index), "a blank node has no key");
    if (is_leaf(index)) return leaf(leaf_of(index))->encryption_key();
    return parent(index)->encryption_key();
}

void RatchetTree::place_leaf(LeafIndex index, SharedLeaf leaf) {
    CHECK(size_.contains(index), "a leaf outside of the tree");
    const NodeIndex node = node_of(index);
    if (const SharedLeaf& before = leaves_[index.value]; before != nullptr) {
        encryption_keys_.erase(*this, node);
        signature_keys_.erase(*this, node);
        const auto type = credential_types_.find(before->credential_type());
        if (--type->second == 0) credential_types_.erase(type);
    }
    leaves_.set(index.value, std::move(leaf));
    leaf_hashes_.resize(0);
    if (const SharedLeaf& after = leaves_[index.value]; after != nullptr) {
        encryption_keys_.insert(*this, node);
        signature_keys_.insert(*this, node);
        ++credential_types_[after->credential_type()];
    } else {
        none_blank_before_ = std::min(none_blank_before_, index);
    }
    forget_hashes_above(index);
}

void RatchetTree::place_parent(NodeIndex index, SharedParent parent) {
    if (!is_blank(index)) encryption_keys_.erase(*this, index);
    parents_.set(index.value / 2, std::move(parent));
    if (!is_blank(index)) encryption_keys_.insert(*this, index);
}

void RatchetTree::append_resolution(NodeIndex node, std::vector<NodeIndex>& resolution) const {
    // "The resolution of a non-blank node comprises the node itself, followed by its list of
    // unmerged leaves, if any. The resolution of a blank leaf node is the empty list. The
    // resolution of a blank intermediate node is the result of concatenating the resolution of
    // its left child with the resolution of its right child, in that order."
    if (!is_blank(node)) {
        resolution.push_back(node);
        if (is_leaf(node)) return;
        for (const LeafIndex unmerged : parent(node)->unmerged_leaves()) {
            resolution.push_back(node_of(unmerged));
        }
        return;
    }
    if (is_leaf(node)) return;
    append_resolution(left_of(node), resolution);
    append_resolution(right_of(node), resolution);
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex node) const {
    std::vector<NodeIndex> resolution;
    append_resolution(node, resolution);
    return resolution;
}

bool RatchetTree::has_empty_resolution(NodeIndex node) const {
    if (!is_blank(node)) return false;
    return is_leaf(node) ||
           (has_empty_resolution(left_of(node)) && has_empty_resolution(right_of(node)));
}

std::vector<RatchetTree::PathStep> RatchetTree::filtered_direct_path(LeafIndex leaf) const {
    std::vector<PathStep> path;
    for (const NodeIndex node : direct_path(leaf, size_)) {
        const NodeIndex copath = child_away_from(node, node_of(leaf));
        if (!has_empty_resolution(copath)) path.push_back({node, copath});
    }
    return path;
}

void RatchetTree::forget_hashes_above(LeafIndex index) {
    for (const NodeIndex node : direct_path(index, size_))
        hashes_.set(node.value / 2, {});
}

void RatchetTree::blank_direct_path(LeafIndex index) {
    for (const NodeIndex node : direct_path(index, size_))
        place_parent(node, nullptr);
    forget_hashes_above(index);
}

void RatchetTree::set_leaf(LeafIndex index, const Leaf& leaf) {
    place_leaf(index, std::make_shared<const KeptLeaf>(leaf));
}

Result<LeafIndex> RatchetTree::make_room() {
    while (leaf(none_blank_before_) != nullptr)
        ++none_blank_before_.value;
    if (!size_.contains(none_blank_before_)) {
        TRY(const TreeSize larger, TreeSize::for_leaves(std::uint64_t{size_.leaves} + 1));
        resize(larger);
    }
    return none_blank_before_;
}

Result<LeafIndex> RatchetTree::add(const Leaf& leaf) {
    TRY(const LeafIndex index, make_room());
    set_leaf(index, leaf);
    // "For each non-blank intermediate node along the path from the leaf L to the root, add L's
    // leaf index to the unmerged_leaves list for the node" (section 7.7).
    for (const NodeIndex node : direct_path(index, size_)) {
        if (is_blank(node)) continue;
        place_parent(node, std::make_shared<const ParentNode>(parent(node)->with_unmerged(index)));
    }
    return index;
}

void RatchetTree::update(LeafIndex index, const Leaf& leaf) {
    set_leaf(index, leaf);
    blank_direct_path(index);
}

void RatchetTree::remove(LeafIndex index) {
    blank_direct_path(index);
    place_leaf(index, nullptr);
    // "Truncate the tree by reducing the size of tree until either the tree has only one leaf or
    // the right subtree of the root node has one or more non-blank leaf nodes" (section 7.7).
    TreeSize smaller = size_;
    while (smaller.leaves > 1 && has_empty_resolution(right_of(smaller.root())))
        smaller.leaves /= 2;
    if (smaller == size_) return;
    for (NodeIndex node{smaller.nodes()}; node.value < size_.nodes(); node.value += 2) {
        if (!is_blank(node)) place_parent(node, nullptr);
    }
    resize(smaller);
}

Bytes RatchetTree::merge_path(const Suite& suite, LeafIndex sender, std::span<const Bytes> keys) {
    const std::vector<PathStep> path = filtered_direct_path(sender);
    CHECK(path.size() == keys.size(), "a path of another length than the tree has");
    blank_direct_path(sender);
    // From the root down, since a node's parent_hash is over the next one above; the topmost
    // has none above, and an empty field.
    Bytes above;
    for (std::size_t at = path.size(); at-- > 0;) {
        place_parent(path[at].node, std::make_shared<const ParentNode>(keys[at], above));
        above = end_parent_hash(
            begin_parent_hash(suite, path[at].node), suite, path[at].node, path[at].copath);
    }
    return above;
}

void RatchetTree::encode_to(codec::Writer& writer) const {
    std::uint32_t width = size_.nodes();
    while (width > 0 && is_blank({width - 1}))
        --width;
    const auto write_nodes = [&](codec::Writer& target) {
        for (NodeIndex at{0}; at.value < width; ++at.value) {
            target.number(static_cast<std::uint8_t>(is_blank(at) ? 0 : 1));
            if (is_blank(at)) continue;
            target.number(is_leaf(at) ? leaf_node_type : parent_node_type);
            if (is_leaf(at)) {
                codec::write(target, *leaf(leaf_of(at)));
            } else {
                codec::write(target, *parent(at));
            }
        }
    };
    codec::Writer counter = codec::Writer::counting();
    write_nodes(counter);
    writer.length(counter.size());
    write_nodes(writer);
}

}  // namespace cercle::mls
