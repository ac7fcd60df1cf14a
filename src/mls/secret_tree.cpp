// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/secret_tree.h"

#include <algorithm>

namespace cercle::mls {
namespace {

struct SavedNode {
    NodeIndex index;
    Secret secret;

    auto fields(this auto& self) { return std::tie(self.index, self.secret); }
};

struct SavedRatchets {
    LeafIndex leaf;
    Ratchet handshake;
    Ratchet application;

    auto fields(this auto& self) { return std::tie(self.leaf, self.handshake, self.application); }
};

template <class WriteAll>
void write_list(codec::Writer& writer, const WriteAll& write_all) {
    codec::Writer counter = codec::Writer::counting();
    write_all(counter);
    writer.length(counter.size());
    write_all(writer);
}

}  // namespace

SecretTree::SecretTree(TreeSize size, Secret encryption_secret)
    : size_(size) {
    nodes_.emplace(size.root(), std::move(encryption_secret));
}

Result<SecretTree::LeafRatchets> SecretTree::expand(const Suite& suite,
                                                    LeafIndex leaf,
                                                    Found& found) const {
    const NodeIndex goal = node_of(leaf);
    NodeIndex at = goal;
    auto start = nodes_.find(at);
    while (start == nodes_.end()) {
        const auto parent = parent_of(at, size_);
        if (!parent) return fail(Code::already_received, "the keys of this sender are gone");
        at = *parent;
        start = nodes_.find(at);
    }
    Secret secret = start->second.copy();
    found.consumed.push_back(at);
    // tree_node_[left(N)]_secret  = ExpandWithLabel(tree_node_[N]_secret, "tree", "left", KDF.Nh)
    // tree_node_[right(N)]_secret = ExpandWithLabel(tree_node_[N]_secret, "tree", "right", KDF.Nh)
    while (at != goal) {
        const NodeIndex left = left_of(at);
        const Derivation node(suite, secret);
        Secret left_secret = node.expand("tree", view_of("left"), suite.digest_size());
        Secret right_secret = node.expand("tree", view_of("right"), suite.digest_size());
        const bool goes_left = child_towards(at, goal) == left;
        found.opened.emplace_back(child_away_from(at, goal),
                                  goes_left ? std::move(right_secret) : std::move(left_secret));
        secret = goes_left ? std::move(left_secret) : std::move(right_secret);
        at = child_towards(at, goal);
    }
    const Derivation leaf_secret(suite, secret);
    return LeafRatchets{Ratchet(leaf_secret.derive("handshake")),
                        Ratchet(leaf_secret.derive("application"))};
}

Result<SecretTree::Found> SecretTree::look_up(const Suite& suite,
                                              LeafIndex leaf,
                                              RatchetKind kind,
                                              std::uint32_t generation) const {
    if (!size_.contains(leaf)) return fail(Code::leaf_not_a_member, "a leaf outside of the tree");
    // Before anything is derived for it.
    if (generation == last_generation) {
        return fail(Code::generation_exhausted, "a generation after which there is none");
    }
    Found found;
    found.leaf = leaf;
    found.kind = kind;
    found.generation = generation;
    const auto known = ratchets_.find(leaf);
    if (known == ratchets_.end()) {
        TRY(found.new_ratchets, expand(suite, leaf, found));
    }
    const LeafRatchets& ratchets = found.new_ratchets ? *found.new_ratchets : known->second;
    TRY(found.in_ratchet, ratchets[static_cast<std::size_t>(kind)].look_up(suite, generation));
    found.key = found.in_ratchet.key.copy();
    return found;
}

Result<SecretTree::Found> SecretTree::look_up_next(const Suite& suite,
                                                   LeafIndex leaf,
                                                   RatchetKind kind) const {
    const auto known = ratchets_.find(leaf);
    const std::uint32_t next =
        known == ratchets_.end() ? 0 : known->second[static_cast<std::size_t>(kind)].next();
    return look_up(suite, leaf, kind, next);
}

void SecretTree::take(Found&& found) {
    if (found.new_ratchets && !ratchets_.contains(found.leaf)) {
        for (const NodeIndex node : found.consumed)
            nodes_.erase(node);
        for (auto& [node, secret] : found.opened)
            nodes_.insert_or_assign(node, std::move(secret));
        ratchets_.emplace(found.leaf, *std::move(found.new_ratchets));
    }
    Ratchet& ratchet = ratchets_[found.leaf][static_cast<std::size_t>(found.kind)];
    ratchet.take(std::move(found.in_ratchet));
    std::size_t of_all = 0;
    for (const auto& [leaf, pair] : ratchets_)
        of_all += pair[0].skipped() + pair[1].skipped();
    if (of_all > most_skipped_keys_of_epoch) {
        const std::size_t excess = of_all - most_skipped_keys_of_epoch;
        ratchet.forget_skipped(ratchet.skipped() - std::min(excess, ratchet.skipped()));
    }
}

void SecretTree::encode_to(codec::Writer& writer) const {
    codec::write(writer, size_.leaves);
    write_list(writer, [&](codec::Writer& target) {
        for (const auto& [index, secret] : nodes_) {
            codec::write(target, index);
            codec::write(target, secret);
        }
    });
    write_list(writer, [&](codec::Writer& target) {
        for (const auto& [leaf, pair] : ratchets_) {
            codec::write(target, leaf);
            codec::write(target, pair[0]);
            codec::write(target, pair[1]);
        }
    });
}

Result<SecretTree> SecretTree::decode_from(codec::Reader& reader) {
    SecretTree tree;
    TRY(const auto leaves, codec::read<std::uint32_t>(reader));
    TRY(tree.size_, TreeSize::for_leaves(leaves));
    if (tree.size_.leaves != leaves) {
        return fail(Code::not_canonical, "a secret tree of no size");
    }
    TRY(auto nodes, codec::read<std::vector<SavedNode>>(reader));
    for (SavedNode& node : nodes) {
        const bool rises = tree.nodes_.empty() || tree.nodes_.rbegin()->first < node.index;
        if (!rises || node.index.value >= tree.size_.nodes()) {
            return fail(Code::not_canonical, "nodes of a secret tree out of order");
        }
        tree.nodes_.emplace(node.index, std::move(node.secret));
    }
    TRY(auto ratchets, codec::read<std::vector<SavedRatchets>>(reader));
    for (SavedRatchets& saved : ratchets) {
        const bool rises = tree.ratchets_.empty() || tree.ratchets_.rbegin()->first < saved.leaf;
        if (!rises || !tree.size_.contains(saved.leaf)) {
            return fail(Code::not_canonical, "ratchets of a secret tree out of order");
        }
        tree.ratchets_.emplace(
            saved.leaf, LeafRatchets{std::move(saved.handshake), std::move(saved.application)});
    }
    return tree;
}

}  // namespace cercle::mls
