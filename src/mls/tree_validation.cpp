// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/tree_validation.h"

#include <algorithm>
#include <set>

namespace cercle::mls {
namespace {

struct AnyNode {
    RatchetTree::SharedLeaf leaf;
    RatchetTree::SharedParent parent;

    // struct { NodeType node_type; select (Node.node_type) { case leaf: LeafNode leaf_node;
    // case parent: ParentNode parent_node; }; } Node;
    [[nodiscard]] static Result<AnyNode> decode_from(codec::Reader& reader) {
        TRY(const auto type, codec::read<std::uint8_t>(reader));
        if (type == 1) {
            TRY(auto leaf, codec::read<KeptLeaf>(reader));
            return AnyNode{std::make_shared<const KeptLeaf>(std::move(leaf)), nullptr};
        }
        if (type == 2) {
            TRY(auto parent, codec::read<ParentNode>(reader));
            return AnyNode{nullptr, std::make_shared<const ParentNode>(std::move(parent))};
        }
        return fail(Code::malformed, "a node that is neither leaf nor parent");
    }
};

Result<void> check_keys_differ(const RatchetTree& tree) {
    if (tree.has_encryption_key_twice()) {
        return fail(Code::encryption_key_repeated, "two nodes with one encryption key");
    }
    if (tree.has_signature_key_twice()) {
        return fail(Code::signature_key_repeated, "two members with one signature key");
    }
    return {};
}

// Whoever is at `index`, if anybody is.
Result<void> check_supports_credentials(const RatchetTree& tree, LeafIndex index) {
    const auto& kept = tree.leaf(index);
    if (kept == nullptr) return {};
    const Capabilities can = kept->capabilities();
    for (const auto& [type, members] : tree.credential_types()) {
        if (!can.supports(type)) {
            return fail(Code::credential_type_unsupported,
                        "a member does not support another's type of credential");
        }
    }
    return {};
}

bool may_follow(const RatchetTree& tree,
                NodeIndex node,
                NodeIndex child,
                BytesView expected,
                NodeIndex candidate,
                const std::vector<NodeIndex>& resolution) {
    // "D's parent_hash field is equal to the parent hash of P with copath child S. [...] D is in
    // the resolution of C, and the intersection of P's unmerged_leaves with the subtree under C
    // is equal to the resolution of C minus D."
    if (is_leaf(candidate)) {
        const LeafOrigin origin = tree.leaf(leaf_of(candidate))->origin();
        // Only a leaf of a commit has a parent hash; an empty one is none.
        if (origin.source != LeafNodeSource::Commit) return false;
        if (!equal_in_constant_time(origin.parent_hash, expected)) return false;
    } else if (!equal_in_constant_time(tree.parent(candidate)->parent_hash(), expected)) {
        return false;
    }
    std::set<NodeIndex> others(resolution.begin(), resolution.end());
    others.erase(candidate);
    std::set<NodeIndex> unmerged;
    for (const LeafIndex leaf : tree.parent(node)->unmerged_leaves()) {
        if (is_in_subtree(node_of(leaf), child)) unmerged.insert(node_of(leaf));
    }
    return others == unmerged;
}

bool chains_through(const crypto::RunningHash& begun,
                    const Suite& suite,
                    const RatchetTree& tree,
                    NodeIndex node,
                    NodeIndex child,
                    NodeIndex sibling) {
    const Bytes expected = tree.end_parent_hash(begun, suite, node, sibling);
    const std::vector<NodeIndex> resolution = tree.resolution(child);
    return std::ranges::any_of(resolution, [&](NodeIndex candidate) {
        return may_follow(tree, node, child, expected, candidate, resolution);
    });
}

}  // namespace

Result<UncheckedTree> UncheckedTree::decode_from(codec::Reader& reader) {
    TRY(auto nodes, codec::read<std::vector<std::optional<AnyNode>>>(reader));
    // "the last node in the vector MUST NOT be blank" (section 12.4.3.3).
    if (nodes.empty() || !nodes.back()) {
        return fail(Code::tree_trailing_blank, "a tree that ends with a blank node");
    }
    UncheckedTree unchecked;
    TRY(const TreeSize size, TreeSize::for_leaves(nodes.size() / 2 + 1));
    unchecked.tree_.resize(size);
    for (std::uint32_t at = 0; at < nodes.size(); ++at) {
        if (!nodes[at]) continue;
        if (is_leaf({at}) != (nodes[at]->leaf != nullptr)) {
            return fail(Code::tree_node_kind, "a leaf where a parent stands, or the reverse");
        }
        if (is_leaf({at})) {
            unchecked.tree_.place_leaf(leaf_of({at}), std::move(nodes[at]->leaf));
        } else {
            unchecked.tree_.place_parent({at}, std::move(nodes[at]->parent));
        }
    }
    unchecked.tree_.leaf_hashes_.resize(size.leaves);
    return unchecked;
}

Result<void> check_members_agree(const RatchetTree& tree) {
    TRY_VOID(check_keys_differ(tree));
    for (LeafIndex at{0}; tree.size().contains(at); ++at.value) {
        TRY_VOID(check_supports_credentials(tree, at));
    }
    return {};
}

Result<void> check_members_still_agree(const RatchetTree& before,
                                       const RatchetTree& after,
                                       std::span<const LeafIndex> changed) {
    const bool has_new_type = std::ranges::any_of(after.credential_types(), [&](const auto& one) {
        return !before.credential_types().contains(one.first);
    });
    if (has_new_type) return check_members_agree(after);
    TRY_VOID(check_keys_differ(after));
    for (const LeafIndex index : changed) {
        TRY_VOID(check_supports_credentials(after, index));
    }
    return {};
}

Result<void> check_parent_hashes(const Suite& suite, const RatchetTree& tree) {
    for (NodeIndex at{1}; at.value < tree.size().nodes(); at.value += 2) {
        if (tree.is_blank(at)) continue;
        const NodeIndex left = left_of(at);
        const NodeIndex right = right_of(at);
        const crypto::RunningHash begun = tree.begin_parent_hash(suite, at);
        if (!chains_through(begun, suite, tree, at, left, right) &&
            !chains_through(begun, suite, tree, at, right, left)) {
            return fail(Code::parent_hash, "a parent node that no descendant vouches for");
        }
    }
    return {};
}

Result<void> check_unmerged_leaves(const RatchetTree& tree) {
    for (NodeIndex at{1}; at.value < tree.size().nodes(); at.value += 2) {
        if (tree.is_blank(at)) continue;
        const std::vector<LeafIndex>& unmerged = tree.parent(at)->unmerged_leaves();
        // "sorted in increasing order", hence also unique (section 7.1).
        if (std::ranges::adjacent_find(unmerged, std::greater_equal{}) != unmerged.end()) {
            return fail(Code::unmerged_leaves, "unmerged leaves out of order");
        }
        for (const LeafIndex leaf : unmerged) {
            // "Verify that the entry represents a non-blank leaf node that is a descendant of
            // the parent node." (Of 2^31 and more there is no node.)
            if (tree.leaf(leaf) == nullptr || !is_in_subtree(node_of(leaf), at)) {
                return fail(Code::unmerged_leaves, "an unmerged leaf that is not below its node");
            }
            // "Verify that every non-blank intermediate node between the leaf node and the
            // parent node contains an entry for the leaf node in its own unmerged_leaves."
            for (const NodeIndex between : direct_path(leaf, tree.size())) {
                if (between == at) break;
                if (!tree.is_blank(between) &&
                    !std::ranges::contains(tree.parent(between)->unmerged_leaves(), leaf)) {
                    return fail(Code::unmerged_leaves, "a leaf unmerged above, but not below");
                }
            }
        }
    }
    return {};
}

RatchetTree UncheckedTree::take() {
    tree_.leaf_hashes_ = {};
    return std::move(tree_);
}

Result<RatchetTree> UncheckedTree::validate(const Suite& suite,
                                            BytesView group_id,
                                            const Extensions& context,
                                            const CredentialJudge& judge) && {
    // Cheap checks first; each costs at most one hash or signature per node.
    TRY_VOID(check_unmerged_leaves(tree_));
    TRY_VOID(check_members_agree(tree_));
    TRY_VOID(check_parent_hashes(suite, tree_));
    for (LeafIndex at{0}; tree_.size().contains(at); ++at.value) {
        const auto& kept = tree_.leaf(at);
        if (kept == nullptr) continue;
        const Leaf leaf = kept->open();
        TRY_VOID(check_leaf(suite, leaf, leaf->origin.source, context));
        TRY_VOID(verify_leaf(suite, leaf, {group_id, at}));
        TRY_VOID(judge.judge(leaf->credential, leaf->signature_key));
    }
    for (NodeIndex at{1}; at.value < tree_.size().nodes(); at.value += 2) {
        if (!tree_.is_blank(at) &&
            tree_.encryption_key(at).size() != crypto::kem_public_key_size(suite.hpke.kem)) {
            return fail(Code::invalid_key, "a parent node's key of the wrong size");
        }
    }
    return take();
}

}  // namespace cercle::mls
