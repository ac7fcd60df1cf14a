// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A tree that arrived, and what must hold before it is believed (RFC 9420 sections 7.3, 7.9.2
// and 12.4.3.1).
//
// On the trip: a newcomer gets the tree in or beside its Welcome; group_join.cpp checks the
// hash, this the rest.

#include "mls/ratchet_tree.h"

namespace cercle::mls {

class UncheckedTree {
  public:
    /// Errors: tree_trailing_blank, tree_node_kind, tree_too_large.
    [[nodiscard]] static Result<UncheckedTree> decode_from(codec::Reader& reader);

    /// For its hash, which is compared before anything else.
    [[nodiscard]] const RatchetTree& unchecked() const { return tree_; }

    /// Every leaf's signature, the members' compatibility, unmerged leaves, unique keys, and
    /// parent hashes. Errors: a code per rule.
    [[nodiscard]] Result<RatchetTree> validate(const Suite& suite,
                                               BytesView group_id,
                                               const Extensions& context,
                                               const CredentialJudge& judge) &&;

    /// Of what we stored ourselves after it was validated.
    [[nodiscard]] RatchetTree take_stored() && { return take(); }

  private:
    [[nodiscard]] RatchetTree take();

    RatchetTree tree_;
};

/// What must hold among the members of any tree: no key twice, and every member supports the types
/// of credential of all. Errors: encryption_key_repeated, signature_key_repeated,
/// credential_type_unsupported.
[[nodiscard]] Result<void> check_members_agree(const RatchetTree& tree);

/// The same for a tree that was made from `before`, in which it held, by new leaves at `changed`.
[[nodiscard]] Result<void> check_members_still_agree(const RatchetTree& before,
                                                     const RatchetTree& after,
                                                     std::span<const LeafIndex> changed);

/// Section 7.9.2. Errors: parent_hash.
[[nodiscard]] Result<void> check_parent_hashes(const Suite& suite, const RatchetTree& tree);

/// Errors: unmerged_leaves.
[[nodiscard]] Result<void> check_unmerged_leaves(const RatchetTree& tree);

}  // namespace cercle::mls
