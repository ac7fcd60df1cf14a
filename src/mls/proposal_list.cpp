// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/proposal_list.h"

#include <algorithm>
#include <type_traits>

#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

struct Judging {
    const Suite& suite;
    const GroupContext& context;
    const RatchetTree& tree;
    const Sender& sender;
    const Surroundings& surroundings;
};

Result<void> check_one(const Judging& at, const Add& add) {
    // Section 12.1.1: "An Add proposal is invalid if the KeyPackage is invalid according to
    // Section 10.1": of the group's version and suite, too.
    if (add.package->suite != at.suite.id) {
        return fail(Code::suite_unsupported, "a key package for another suite");
    }
    TRY_VOID(VerifiedKeyPackage::verify(add.package, at.surroundings));
    return {};
}

Result<void> check_one(const Judging& at, const Update& update) {
    // Section 12.1.2: "An Update proposal is invalid if the LeafNode is invalid for an Update
    // proposal according to Section 7.3."
    const Leaf& leaf = update.leaf;
    const Leaf before = at.tree.leaf(at.sender.leaf)->open();
    TRY_VOID(check_leaf(at.suite, leaf, LeafNodeSource::Update, {}));
    if (leaf->encryption_key == before->encryption_key) {
        return fail(Code::encryption_key_repeated, "an update that keeps the encryption key");
    }
    TRY_VOID(verify_leaf(at.suite, leaf, {at.context.group_id, at.sender.leaf}));
    TRY_VOID(at.surroundings.judge.judge(leaf->credential, leaf->signature_key));
    return at.surroundings.judge.judge_successor(before->credential, leaf->credential);
}

Result<void> check_one(const Judging& at, const Remove& remove) {
    // Section 12.1.3: "A Remove proposal is invalid if the removed field does not identify a
    // non-blank leaf node."
    if (at.tree.leaf(remove.removed) == nullptr) {
        return fail(Code::leaf_not_a_member, "a removal of nobody");
    }
    return {};
}

Result<void> check_one(const Judging& at, const PreSharedKey& shared) {
    // Section 12.1.4: "The psk_nonce is not of length KDF.Nh." "The psktype is resumption and
    // the usage is reinit or branch", unless the group is being made that way.
    if (shared.psk.nonce.size() != at.suite.digest_size()) {
        return fail(Code::psk_nonce, "a pre-shared key's nonce of the wrong size");
    }
    if (shared.psk.type == PskType::Resumption &&
        shared.psk.usage != ResumptionUsage::Application) {
        return fail(Code::psk_usage, "a pre-shared key for reinit or branch in a commit");
    }
    return {};
}

Result<void> check_one(const Judging& at, const ReInit& reinit) {
    if (at.surroundings.openness.reinit == Openness::Refuse) {
        return fail(Code::reinit_refused, "a ReInit, where groups are not reinitialised");
    }
    return check_unique(reinit.extensions);
}

Result<void> check_one(const Judging& at, const ExternalInit& /*init*/) {
    // Section 12.1.6: "This proposal can only be used in that context", an external commit.
    if (at.sender.type != SenderType::NewMemberCommit) {
        return fail(Code::external_init, "an ExternalInit by a member");
    }
    return {};
}

Result<void> check_one(const Judging& at, const GroupContextExtensions& change) {
    TRY_VOID(check_unique(change.extensions));
    return judge_external_senders(at.context.extensions, change.extensions, at.surroundings.judge);
}

// Who may propose what: sections 12.1.8 and 12.2, and the column "External" of section 17.4.
Result<void> check_sender(const Sender& sender, ProposalType type) {
    switch (sender.type) {
        case SenderType::Member:
            return {};
        case SenderType::External:
            if (type != ProposalType::Update && type != ProposalType::ExternalInit) return {};
            return fail(Code::proposal_sender, "a proposal that only a member may make");
        case SenderType::NewMemberProposal:
            if (type == ProposalType::Add) return {};
            return fail(Code::proposal_sender, "a newcomer's proposal that adds nobody");
        case SenderType::NewMemberCommit:
            if (type == ProposalType::ExternalInit || type == ProposalType::Remove ||
                type == ProposalType::PreSharedKey) {
                return {};
            }
            return fail(Code::external_commit_list,
                        "an external commit with a proposal that it may not contain");
    }
    return fail(Code::sender_type, "a proposal by a sender of no known type");
}

// "For an external commit, the list is valid if it contains only the following proposals [...]:
// Exactly one ExternalInit. At most one Remove proposal, with which the joiner removes an old
// version of themselves. [...] Zero or more PreSharedKey proposals. No other proposals."
Result<void> check_external_list(std::span<const VerifiedProposal> list) {
    const auto count = [&]<class Kind>(std::type_identity<Kind>) {
        return std::ranges::count_if(
            list, [](const VerifiedProposal& one) { return one.as<Kind>() != nullptr; });
    };
    if (count(std::type_identity<ExternalInit>()) != 1) {
        return fail(Code::external_init, "an external commit without one ExternalInit");
    }
    if (count(std::type_identity<Remove>()) > 1) {
        return fail(Code::external_commit_list, "an external commit that removes several");
    }
    return {};
}

// "It contains a ReInit proposal together with any other proposal" (section 12.2), and section
// 12.1.5: "invalid if the version field is less than the version for the current group."
Result<void> check_reinit(const GroupContext& context, std::span<const VerifiedProposal> list) {
    for (const VerifiedProposal& one : list) {
        const auto* const reinit = one.as<ReInit>();
        if (reinit == nullptr) continue;
        if (list.size() != 1) {
            return fail(Code::reinit_not_alone, "a ReInit beside other proposals");
        }
        if (reinit->version < context.version) {
            return fail(Code::reinit_version, "a ReInit to an older version");
        }
    }
    return {};
}

// Section 12.2, the rules about a whole list.
Result<void> check_list(std::optional<LeafIndex> committer,
                        std::span<const VerifiedProposal> list) {
    std::set<LeafIndex> touched;
    std::vector<PskId> psks;
    bool has_extensions = false;
    for (const VerifiedProposal& one : list) {
        std::optional<LeafIndex> touches;
        if (one.as<Update>() != nullptr) {
            // "It contains an Update proposal generated by the committer."
            if (one.sender().leaf == committer) {
                return fail(Code::commit_update_of_self, "a committer's own Update in its commit");
            }
            touches = one.sender().leaf;
        } else if (const auto* const remove = one.as<Remove>()) {
            // "It contains a Remove proposal that removes the committer."
            if (remove->removed == committer) {
                return fail(Code::commit_remove_of_self, "a committer that removes itself");
            }
            touches = remove->removed;
        } else if (const auto* const shared = one.as<PreSharedKey>()) {
            // "It contains multiple PreSharedKey proposals that reference the same
            // PreSharedKeyID."
            if (std::ranges::contains(psks, shared->psk)) {
                return fail(Code::psk_repeated, "one pre-shared key twice");
            }
            psks.push_back(shared->psk);
        } else if (one.as<GroupContextExtensions>() != nullptr) {
            // "It contains multiple GroupContextExtensions proposals."
            if (has_extensions) {
                return fail(Code::context_extensions_repeated, "two sets of context extensions");
            }
            has_extensions = true;
        }
        // "It contains multiple Update and/or Remove proposals that apply to the same leaf."
        if (touches && !touched.insert(*touches).second) {
            return fail(Code::proposal_conflict, "two updates or removals of one leaf");
        }
    }
    return {};
}

bool needs_path(ProposalType type) {
    // Section 17.4, column "Path Required".
    return type == ProposalType::Update || type == ProposalType::Remove ||
           type == ProposalType::ExternalInit || type == ProposalType::GroupContextExtensions;
}

// Every leaf when the context changed, else those that are new.
Result<void> check_leaves_fit(const AppliedProposals& applied) {
    const auto fits = [&](LeafIndex index) -> Result<void> {
        const auto& leaf = applied.tree.leaf(index);
        if (leaf == nullptr) return {};
        return check_fits(leaf->capabilities(), applied.extensions);
    };
    if (applied.context_changed) {
        for (std::uint32_t at = 0; at < applied.tree.size().leaves; ++at) {
            TRY_VOID(fits({at}));
        }
    }
    for (const LeafIndex index : applied.changed_leaves()) {
        TRY_VOID(fits(index));
    }
    return {};
}

}  // namespace

Result<VerifiedProposal> VerifiedProposal::verify(const Suite& suite,
                                                  const GroupContext& context,
                                                  const RatchetTree& tree,
                                                  const Sender& sender,
                                                  Proposal proposal,
                                                  const Surroundings& surroundings) {
    TRY_VOID(check_sender(sender, proposal.type()));
    if (sender.type == SenderType::Member && tree.leaf(sender.leaf) == nullptr) {
        return fail(Code::leaf_not_a_member, "a proposal of nobody");
    }
    const Judging at{suite, context, tree, sender, surroundings};
    TRY_VOID(
        std::visit([&](const auto& chosen) { return check_one(at, chosen); }, proposal.content));
    return VerifiedProposal(sender, std::move(proposal));
}

VerifiedProposal VerifiedProposal::trusted(Sender sender, Proposal proposal) {
    return {sender, std::move(proposal)};
}

VerifiedProposal VerifiedProposal::with_ref(Bytes ref) && {
    ref_ = std::move(ref);
    return std::move(*this);
}

std::set<LeafIndex> AppliedProposals::added_leaves() const {
    std::set<LeafIndex> leaves;
    for (const AddedMember& member : added)
        leaves.insert(member.index);
    return leaves;
}

std::vector<LeafIndex> AppliedProposals::changed_leaves() const {
    std::vector<LeafIndex> leaves = updated;
    for (const AddedMember& member : added)
        leaves.push_back(member.index);
    return leaves;
}

Result<AppliedProposals> apply_proposals(const GroupContext& context,
                                         const RatchetTree& tree,
                                         std::optional<LeafIndex> committer,
                                         std::span<const VerifiedProposal> list) {
    TRY_VOID(check_list(committer, list));
    TRY_VOID(check_reinit(context, list));
    if (!committer) {
        TRY_VOID(check_external_list(list));
    }
    // Known before the tree is copied, the hashes are known in every copy.
    TRY(const Suite* const suite, find_suite(context.suite));
    static_cast<void>(tree.root_hash(*suite));
    AppliedProposals applied;
    applied.tree = tree;
    applied.extensions = context.extensions;
    applied.path_required = list.empty() || std::ranges::any_of(list, [](const auto& one) {
                                return needs_path(one.proposal().type());
                            });
    // Section 12.3: the context's extensions, then Updates, then Removes, then Adds in the order
    // in which they stand.
    for (const VerifiedProposal& one : list) {
        if (const auto* const change = one.as<GroupContextExtensions>()) {
            applied.context_changed = applied.extensions != change->extensions;
            applied.extensions = change->extensions;
        }
        if (const auto* const shared = one.as<PreSharedKey>()) applied.psks.push_back(shared->psk);
        if (const auto* const reinit = one.as<ReInit>()) applied.reinit = *reinit;
        if (const auto* const init = one.as<ExternalInit>()) applied.external_init = *init;
        if (const auto* const update = one.as<Update>()) {
            applied.tree.update(one.sender().leaf, update->leaf);
            applied.updated.push_back(one.sender().leaf);
        }
    }
    for (const VerifiedProposal& one : list) {
        const auto* const remove = one.as<Remove>();
        if (remove == nullptr) continue;
        if (applied.tree.leaf(remove->removed) == nullptr) {
            return fail(Code::leaf_not_a_member, "a removal of nobody");
        }
        applied.removed.emplace_back(remove->removed, applied.tree.leaf(remove->removed));
        applied.tree.remove(remove->removed);
    }
    for (const VerifiedProposal& one : list) {
        const auto* const add = one.as<Add>();
        if (add == nullptr) continue;
        // Those that were proposed have been checked; this is for our own.
        if (add->package->suite != context.suite) {
            return fail(Code::suite_unsupported, "a key package for another suite");
        }
        TRY(const LeafIndex index, applied.tree.add(add->package->leaf));
        applied.added.push_back({index, add->package});
    }
    TRY_VOID(check_members_still_agree(tree, applied.tree, applied.changed_leaves()));
    TRY_VOID(check_leaves_fit(applied));
    return applied;
}

}  // namespace cercle::mls
