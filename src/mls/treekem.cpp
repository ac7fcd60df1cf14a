// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/treekem.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::mls {
namespace {

constexpr std::string_view label = "UpdatePathNode";

// "all of the newly added leaves are excluded from the resolution" (section 7.5).
std::vector<NodeIndex> receivers(const RatchetTree& tree,
                                 NodeIndex copath,
                                 const std::set<LeafIndex>& added) {
    std::vector<NodeIndex> nodes = tree.resolution(copath);
    std::erase_if(nodes,
                  [&](NodeIndex node) { return is_leaf(node) && added.contains(leaf_of(node)); });
    return nodes;
}

}  // namespace

const crypto::KemKey* PrivateKeys::find(NodeIndex node) const {
    if (node == node_of(own_)) return leaf_.get();
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? nullptr : found->second.get();
}

void PrivateKeys::keep_only_those_in(const RatchetTree& tree) {
    std::erase_if(nodes_, [&](const auto& entry) {
        const auto& [node, key] = entry;
        return node.value >= tree.size().nodes() || tree.is_blank(node) ||
               !std::ranges::equal(tree.encryption_key(node), key->public_key());
    });
}

crypto::KemKey derive_node_key(const Suite& suite, const Secret& path_secret) {
    return crypto::KemKey::derive(suite.hpke.kem,
                                  derive_secret(suite, path_secret, "node").reveal());
}

Secret next_path_secret(const Suite& suite, const Secret& path_secret) {
    return derive_secret(suite, path_secret, "path");
}

PathDraft PathDraft::draw(const Suite& suite,
                          const RatchetTree& tree,
                          LeafIndex own,
                          Random& random) {
    // path_secret[0] is sampled; path_secret[n] = DeriveSecret(path_secret[n-1], "path");
    // commit_secret is the one after the last.
    PathDraft draft;
    draft.steps = tree.filtered_direct_path(own);
    Secret secret = random_secret(suite.digest_size(), random);
    for (std::size_t at = 0; at < draft.steps.size(); ++at) {
        draft.keys.push_back(
            std::make_shared<const crypto::KemKey>(derive_node_key(suite, secret)));
        Secret next = next_path_secret(suite, secret);
        draft.path_secrets.push_back(std::move(secret));
        secret = std::move(next);
    }
    draft.commit_secret = std::move(secret);
    return draft;
}

std::vector<Bytes> PathDraft::public_keys() const {
    std::vector<Bytes> publics;
    publics.reserve(keys.size());
    for (const auto& key : keys)
        publics.push_back(key->public_key());
    return publics;
}

Result<std::vector<UpdatePathNode>> PathDraft::encrypt(const Suite& suite,
                                                       const RatchetTree& tree,
                                                       const std::set<LeafIndex>& added,
                                                       BytesView context,
                                                       Random& random) const {
    const LabelledEncryption encryption(suite, label, context);
    std::vector<UpdatePathNode> nodes;
    for (std::size_t at = 0; at < steps.size(); ++at) {
        UpdatePathNode node{keys[at]->public_key(), {}};
        for (const NodeIndex receiver : receivers(tree, steps[at].copath, added)) {
            TRY(auto sealed,
                encryption.to(tree.encryption_key(receiver), path_secrets[at].reveal(), random));
            node.encrypted_path_secrets.push_back(std::move(sealed));
        }
        nodes.push_back(std::move(node));
    }
    return nodes;
}

Result<void> check_path(const Suite& suite,
                        const UpdatePath& path,
                        LeafIndex sender,
                        const RatchetTree& tree,
                        const std::set<LeafIndex>& added) {
    const auto steps = tree.filtered_direct_path(sender);
    if (steps.size() != path.nodes.size()) {
        return fail(Code::path_length, "a path of another length than the sender's");
    }
    std::set<Bytes> keys{path.leaf->encryption_key};
    for (std::size_t at = 0; at < steps.size(); ++at) {
        const UpdatePathNode& node = path.nodes[at];
        if (node.encryption_key.size() != crypto::kem_public_key_size(suite.hpke.kem)) {
            return fail(Code::invalid_key, "a path key of the wrong size");
        }
        if (node.encrypted_path_secrets.size() != receivers(tree, steps[at].copath, added).size()) {
            return fail(Code::path_ciphertexts, "a path with too many or too few ciphertexts");
        }
        keys.insert(node.encryption_key);
    }
    // "Verify that none of the public keys in the UpdatePath appear in any node of the new
    // ratchet tree" (section 12.4.2), nor twice among themselves.
    if (keys.size() != steps.size() + 1) {
        return fail(Code::path_key_repeated, "a path with one key twice");
    }
    for (const Bytes& key : keys) {
        if (tree.has_encryption_key(key)) {
            return fail(Code::path_key_repeated, "a path with a key that the tree has already");
        }
    }
    return {};
}

Result<OpenedPath> climb(const Suite& suite,
                         const RatchetTree& tree,
                         LeafIndex sender,
                         NodeIndex node,
                         Secret path_secret) {
    OpenedPath opened;
    for (const auto& step : tree.filtered_direct_path(sender)) {
        if (level_of(step.node) < level_of(node)) continue;
        auto key = std::make_shared<const crypto::KemKey>(derive_node_key(suite, path_secret));
        // Section 7.5: "Verify that the derived public keys are the same as the corresponding
        // public keys sent in the UpdatePath", which the tree has been merged with.
        if (tree.is_blank(step.node) ||
            !std::ranges::equal(tree.encryption_key(step.node), key->public_key())) {
            return fail(Code::path_key_mismatch, "a path secret that gives another key");
        }
        opened.keys.emplace_back(step.node, std::move(key));
        path_secret = next_path_secret(suite, path_secret);
    }
    opened.commit_secret = std::move(path_secret);
    return opened;
}

Result<OpenedPath> open_path(const Suite& suite,
                             const UpdatePath& path,
                             LeafIndex sender,
                             const RatchetTree& tree,
                             const std::set<LeafIndex>& added,
                             const PrivateKeys& own,
                             BytesView context) {
    const auto steps = tree.filtered_direct_path(sender);
    CHECK(steps.size() == path.nodes.size(), "a path opened before it was checked");
    for (std::size_t at = 0; at < steps.size(); ++at) {
        if (!is_in_subtree(node_of(own.own()), steps[at].copath)) continue;
        const std::vector<NodeIndex> nodes = receivers(tree, steps[at].copath, added);
        for (std::size_t which = 0; which < nodes.size(); ++which) {
            const crypto::KemKey* const key = own.find(nodes[which]);
            if (key == nullptr) continue;
            auto secret = decrypt_with_label(
                suite, *key, label, context, path.nodes[at].encrypted_path_secrets[which]);
            // By a rule of its own: others may open theirs.
            if (!secret) return fail(Code::path_not_for_us, "a path secret that does not open");
            return climb(suite, tree, sender, steps[at].node, *std::move(secret));
        }
    }
    return fail(Code::path_not_for_us, "a path with no secret that we can open");
}

}  // namespace cercle::mls
