// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TreeKEM: how a committer tells everyone else a fresh secret with O(log N) encryptions (RFC
// 9420 sections 7.4 to 7.6).

#include <map>
#include <set>

#include "mls/proposal.h"
#include "mls/ratchet_tree.h"

namespace cercle::mls {

/// The private keys that one member holds: its leaf's, and those of nodes above it.
class PrivateKeys {
  public:
    // Shared between an epoch and the one staged after it; never changed.
    using SharedKey = std::shared_ptr<const crypto::KemKey>;

    PrivateKeys(LeafIndex own, SharedKey leaf_key)
        : own_(own),
          leaf_(std::move(leaf_key)) {}

    [[nodiscard]] LeafIndex own() const { return own_; }

    [[nodiscard]] const SharedKey& leaf() const { return leaf_; }

    [[nodiscard]] const std::map<NodeIndex, SharedKey>& nodes() const { return nodes_; }

    void set_leaf(SharedKey key) { leaf_ = std::move(key); }

    void set(NodeIndex node, SharedKey key) { nodes_.insert_or_assign(node, std::move(key)); }

    /// Null where we hold none.
    [[nodiscard]] const crypto::KemKey* find(NodeIndex node) const;

    /// Forgets the keys of nodes that have become blank, or have got another key.
    void keep_only_those_in(const RatchetTree& tree);

  private:
    LeafIndex own_;
    SharedKey leaf_;
    std::map<NodeIndex, SharedKey> nodes_;
};

/// node_secret = DeriveSecret(path_secret, "node"); its key pair is DeriveKeyPair of that.
[[nodiscard]] crypto::KemKey derive_node_key(const Suite& suite, const Secret& path_secret);

/// A path on its way up: the secret of its next node.
[[nodiscard]] Secret next_path_secret(const Suite& suite, const Secret& path_secret);

/// A path of our own, before its leaf is signed and its secrets are encrypted.
struct PathDraft {
    std::vector<RatchetTree::PathStep> steps;
    std::vector<Secret> path_secrets;  // one a step
    std::vector<PrivateKeys::SharedKey> keys;
    Secret commit_secret;

    [[nodiscard]] static PathDraft draw(const Suite& suite,
                                        const RatchetTree& tree,
                                        LeafIndex own,
                                        Random& random);

    [[nodiscard]] std::vector<Bytes> public_keys() const;

    /// Each node's secret for everyone below its copath child but the newly added; `context` is
    /// the provisional GroupContext, encoded. Errors: invalid_key.
    [[nodiscard]] Result<std::vector<UpdatePathNode>> encrypt(const Suite& suite,
                                                              const RatchetTree& tree,
                                                              const std::set<LeafIndex>& added,
                                                              BytesView context,
                                                              Random& random) const;
};

/// Does another's path fit the tree that the proposals left? Errors: path_length,
/// path_ciphertexts, path_key_repeated, invalid_key.
[[nodiscard]] Result<void> check_path(const Suite& suite,
                                      const UpdatePath& path,
                                      LeafIndex sender,
                                      const RatchetTree& tree,
                                      const std::set<LeafIndex>& added);

/// What another's path gives us.
struct OpenedPath {
    std::vector<std::pair<NodeIndex, PrivateKeys::SharedKey>> keys;
    Secret commit_secret;
};

/// Decrypts our secret of a checked path. `tree` is the one the path was merged into. Errors:
/// path_key_mismatch (section 7.5, step 6), path_not_for_us.
[[nodiscard]] Result<OpenedPath> open_path(const Suite& suite,
                                           const UpdatePath& path,
                                           LeafIndex sender,
                                           const RatchetTree& tree,
                                           const std::set<LeafIndex>& added,
                                           const PrivateKeys& own,
                                           BytesView context);

/// The keys of `node` and of what is above it on `sender`'s path, from the secret of `node`.
/// Errors: path_key_mismatch.
[[nodiscard]] Result<OpenedPath> climb(const Suite& suite,
                                       const RatchetTree& tree,
                                       LeafIndex sender,
                                       NodeIndex node,
                                       Secret path_secret);

}  // namespace cercle::mls
