// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// From proposals to the tree they make (RFC 9420 sections 12.1, 12.2 and 12.3).
//
// A VerifiedProposal is valid by itself; apply_proposals() judges a whole list, and gives the
// next epoch's tree and extensions without touching this epoch's.

#include <optional>
#include <set>

#include "mls/framing.h"
#include "mls/ratchet_tree.h"
#include "mls/surroundings.h"
#include "mls/welcome.h"

namespace cercle::mls {

class VerifiedProposal {
  public:
    /// Section 12.1, for a proposal that `sender` has signed. Errors: those of the key package
    /// or leaf, leaf_not_a_member, psk_nonce, psk_usage, extension_repeated, reinit_refused,
    /// external_init, external_commit_list, proposal_sender, and what the judge says of
    /// external senders.
    [[nodiscard]] static Result<VerifiedProposal> verify(const Suite& suite,
                                                         const GroupContext& context,
                                                         const RatchetTree& tree,
                                                         const Sender& sender,
                                                         Proposal proposal,
                                                         const Surroundings& surroundings);
    /// Of our own making, or stored after it was verified.
    [[nodiscard]] static VerifiedProposal trusted(Sender sender, Proposal proposal);

    [[nodiscard]] const Sender& sender() const { return sender_; }

    [[nodiscard]] const Proposal& proposal() const { return proposal_; }

    template <class Kind>
    [[nodiscard]] const Kind* as() const {
        return std::get_if<Kind>(&proposal_.content);
    }

    /// The hash a commit names it by; empty for one that stands in the commit itself.
    [[nodiscard]] const Bytes& ref() const { return ref_; }

    [[nodiscard]] VerifiedProposal with_ref(Bytes ref) &&;

  private:
    VerifiedProposal(Sender sender, Proposal proposal)
        : sender_(sender),
          proposal_(std::move(proposal)) {}

    Sender sender_;
    Proposal proposal_;
    Bytes ref_;
};

struct AddedMember {
    LeafIndex index;
    KeyPackage package;
};

struct AppliedProposals {
    RatchetTree tree;
    Extensions extensions;
    bool context_changed = false;
    std::vector<AddedMember> added;
    std::vector<std::pair<LeafIndex, RatchetTree::SharedLeaf>> removed;
    std::vector<LeafIndex> updated;
    std::vector<PskId> psks;
    std::optional<ReInit> reinit;
    /// Of an external commit, and then always there.
    std::optional<ExternalInit> external_init;
    /// "If the path field [...] is required" (section 12.4).
    bool path_required = true;

    [[nodiscard]] std::set<LeafIndex> added_leaves() const;
    /// Those that are not what they were, but for the committer's: updated and added.
    [[nodiscard]] std::vector<LeafIndex> changed_leaves() const;
};

/// `committer` is nobody for an external commit. Errors: commit_update_of_self,
/// commit_remove_of_self, proposal_conflict, psk_repeated, context_extensions_repeated,
/// reinit_not_alone, reinit_version, external_init, external_commit_list, suite_unsupported, and
/// what the new tree breaks: encryption_key_repeated, signature_key_repeated,
/// required_capabilities, extension_unsupported, credential_type_unsupported.
[[nodiscard]] Result<AppliedProposals> apply_proposals(const GroupContext& context,
                                                       const RatchetTree& tree,
                                                       std::optional<LeafIndex> committer,
                                                       std::span<const VerifiedProposal> list);

}  // namespace cercle::mls
