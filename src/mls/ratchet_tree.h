// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The ratchet tree: who is in the group, and under which keys (RFC 9420 sections 4 and 7).
//
// A flat array of leaves and one of parents. Nodes are immutable and shared: a staged commit
// works on a copy of the tree, which shares all but the O(log N) nodes that it changes. What is
// asked of the whole tree at each commit is kept up to date with each node: the hashes of parents
// (what changes drops those on its way to the root), which keys there are, and which types of
// credential.
//
// What arrives from the network is an UncheckedTree (tree_validation.h).

#include <map>
#include <memory>
#include <span>

#include "mls/kept_leaf.h"
#include "mls/key_order.h"
#include "mls/parent_node.h"
#include "mls/shared_array.h"

namespace cercle::mls {

class RatchetTree {
  public:
    // Shared, since a leaf belongs to this epoch's tree, to a staged one's and to the rosters of
    // past epochs alike; never changed once it is there.
    using SharedLeaf = std::shared_ptr<const KeptLeaf>;
    using SharedParent = std::shared_ptr<const ParentNode>;
    using Leaves = SharedArray<SharedLeaf>;

    /// One blank leaf.
    RatchetTree() { resize(TreeSize{}); }

    [[nodiscard]] TreeSize size() const { return size_; }

    /// Null for a blank one, and outside of the tree.
    [[nodiscard]] const SharedLeaf& leaf(LeafIndex index) const;
    [[nodiscard]] const SharedParent& parent(NodeIndex index) const;
    [[nodiscard]] bool is_blank(NodeIndex index) const;
    /// Of a node that is not blank.
    [[nodiscard]] BytesView encryption_key(NodeIndex index) const;

    /// By their index; a copy costs little and stays as it is.
    [[nodiscard]] const Leaves& leaves() const { return leaves_; }

    [[nodiscard]] bool has_encryption_key(BytesView key) const {
        return encryption_keys_.contains(*this, key);
    }

    /// Have two nodes one encryption key, or two members one signature key?
    [[nodiscard]] bool has_encryption_key_twice() const { return encryption_keys_.has_repeats(); }

    [[nodiscard]] bool has_signature_key_twice() const { return signature_keys_.has_repeats(); }

    /// How many members have which type of credential; no zeros.
    [[nodiscard]] const std::map<CredentialType, std::uint32_t>& credential_types() const {
        return credential_types_;
    }

    /// "The resolution of a node is an ordered list of non-blank nodes that collectively cover
    /// all non-blank descendants of the node" (section 4.1.1).
    [[nodiscard]] std::vector<NodeIndex> resolution(NodeIndex node) const;
    [[nodiscard]] bool has_empty_resolution(NodeIndex node) const;

    /// A node of a path with its child that is not on the path.
    struct PathStep {
        NodeIndex node;
        NodeIndex copath;
    };

    /// The direct path without the nodes "whose child on the copath has an empty resolution"
    /// (section 4.1.2).
    [[nodiscard]] std::vector<PathStep> filtered_direct_path(LeafIndex leaf) const;

    /// Section 7.7: the leftmost blank leaf, in a larger tree if there is none. It stays blank.
    /// Errors: tree_too_large.
    [[nodiscard]] Result<LeafIndex> make_room();
    /// Into that leaf. Errors: tree_too_large.
    [[nodiscard]] Result<LeafIndex> add(const Leaf& leaf);
    /// Sections 12.1.2 and 12.1.3: a new leaf over a blank path; a blank one, and the tree
    /// truncated as far as its right half is blank.
    void update(LeafIndex index, const Leaf& leaf);
    void remove(LeafIndex index);

    /// Merges the keys of an UpdatePath (section 7.5), one for each node of the filtered direct
    /// path. Gives the parent hash that the sender's leaf must carry. The leaf is set apart.
    [[nodiscard]] Bytes merge_path(const Suite& suite,
                                   LeafIndex sender,
                                   std::span<const Bytes> keys);
    void set_leaf(LeafIndex index, const Leaf& leaf);

    /// Section 7.8.
    [[nodiscard]] Bytes tree_hash(const Suite& suite, NodeIndex node) const;

    [[nodiscard]] Bytes root_hash(const Suite& suite) const {
        return tree_hash(suite, size_.root());
    }

    /// The parent hash of `node` with respect to its child `sibling` on the copath (section 7.9):
    /// over the sibling's tree hash without the leaves that are unmerged at `node`. It begins the
    /// same for both children.
    [[nodiscard]] crypto::RunningHash begin_parent_hash(const Suite& suite, NodeIndex node) const;
    [[nodiscard]] Bytes end_parent_hash(const crypto::RunningHash& begun,
                                        const Suite& suite,
                                        NodeIndex node,
                                        NodeIndex sibling) const;

    /// optional<Node> ratchet_tree<V>, without blank nodes at its end (section 12.4.3.3).
    void encode_to(codec::Writer& writer) const;

  private:
    friend class UncheckedTree;

    struct CachedHash {
        std::array<std::uint8_t, 64> bytes{};
        std::uint8_t size = 0;  // 0: not known
    };

    void resize(TreeSize size);
    // The only ways in which a node changes. Null blanks it.
    void place_leaf(LeafIndex index, SharedLeaf leaf);
    void place_parent(NodeIndex index, SharedParent parent);
    void forget_hashes_above(LeafIndex index);
    void blank_direct_path(LeafIndex index);
    void append_resolution(NodeIndex node, std::vector<NodeIndex>& resolution) const;
    [[nodiscard]] Bytes hash_without(const Suite& suite,
                                     NodeIndex node,
                                     std::span<const LeafIndex> without) const;

    TreeSize size_;
    Leaves leaves_;
    SharedArray<SharedParent> parents_;       // of node 2i + 1 at i
    mutable SharedArray<CachedHash> hashes_;  // likewise; a cache: the value of const functions
    // Of leaves, and only while a tree is judged, which asks for each twice: in use they would be
    // asked for too rarely for their room.
    mutable SharedArray<CachedHash> leaf_hashes_;
    KeyOrder encryption_keys_{
        [](const RatchetTree& tree, NodeIndex node) { return tree.encryption_key(node); }};
    KeyOrder signature_keys_{[](const RatchetTree& tree, NodeIndex node) {
        return tree.leaf(leaf_of(node))->signature_key();
    }};
    std::map<CredentialType, std::uint32_t> credential_types_;
    LeafIndex none_blank_before_;
};

}  // namespace cercle::mls
