// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Making a commit (RFC 9420 section 12.4.1). Pure: from a group and intents to a StagedCommit.
#include <ranges>

#include "mls/group_state.h"
#include "mls/renewed_leaf.h"
#include "mls/transcript.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

std::vector<VerifiedProposal> from_intents(const EpochState& state,
                                           const Intents& intents,
                                           Random& random) {
    std::vector<VerifiedProposal> list;
    const auto want = [&](Proposal proposal) {
        list.push_back(VerifiedProposal::trusted(Sender::member(state.own()), std::move(proposal)));
    };
    for (const LeafIndex removed : intents.removes)
        want({Remove{removed}});
    for (const VerifiedKeyPackage& added : intents.adds)
        want({Add{added.package()}});
    for (const PskId& psk : intents.psks)
        want({PreSharedKey{with_fresh_nonce(*state.suite, psk, random)}});
    if (intents.context_extensions) want({GroupContextExtensions{*intents.context_extensions}});
    if (intents.reinit) want({*intents.reinit});
    return list;
}

// In the order of preference of section 12.2: "they SHOULD prefer any Remove received, or the most
// recent Update if there are no Removes", and a ReInit only if there is nothing else.
std::vector<const VerifiedProposal*> by_preference(std::span<const VerifiedProposal> pending) {
    std::vector<const VerifiedProposal*> chosen;
    const auto choose = [&](const auto& list, const auto& wanted) {
        for (const VerifiedProposal& one : list) {
            if (wanted(one.proposal().type())) chosen.push_back(&one);
        }
    };
    const auto is = [](ProposalType wanted) {
        return [wanted](ProposalType type) { return type == wanted; };
    };
    choose(pending, is(ProposalType::Remove));
    choose(std::views::reverse(pending), is(ProposalType::Update));
    choose(pending, [](ProposalType type) {
        return type != ProposalType::Remove && type != ProposalType::Update &&
               type != ProposalType::ReInit;
    });
    choose(pending, is(ProposalType::ReInit));
    return chosen;
}

// What we want, and of what others proposed as much as goes together with it: the section's
// "invalid combinations" are left to whoever commits next.
Result<std::vector<VerifiedProposal>> choose_proposals(const Group::State& group,
                                                       const Intents& intents,
                                                       Random& random) {
    const EpochState& state = group.current;
    std::vector<VerifiedProposal> list = from_intents(state, intents, random);
    if (intents.pending == Intents::Pending::LeaveOut || group.proposals.empty()) return list;
    const auto apply = [&] {
        return apply_proposals(*state.context, state.tree, state.own(), list);
    };
    TRY_VOID(apply());
    for (const VerifiedProposal* const one : by_preference(group.proposals)) {
        const auto* const shared = one->as<PreSharedKey>();
        if (shared != nullptr && !find_psks({&shared->psk, 1}, &group, intents.psk_source)) {
            continue;
        }
        list.push_back(*one);
        if (!apply()) list.pop_back();
    }
    return list;
}

// Everything a commit is made of, in the order in which section 12.4.1 makes it.
struct Draft {
    AppliedProposals applied;
    std::optional<PathDraft> path;
    Commit commit;
    PrivateKeys keys;
    std::set<LeafIndex> added;
    /// Of our next leaf, if it is not the one so far.
    std::optional<crypto::SigningKey> signing_key;
};

Result<Draft> draft_commit(const EpochState& state,
                           const crypto::SigningKey& key,
                           const Intents& intents,
                           std::span<const VerifiedProposal> list,
                           Random& random) {
    TRY(auto applied, apply_proposals(*state.context, state.tree, state.own(), list));
    Draft draft{std::move(applied), {}, {}, state.keys, {}, {}};
    draft.added = draft.applied.added_leaves();
    for (const VerifiedProposal& one : list) {
        draft.commit.proposals.push_back(one.ref().empty() ? ProposalOrRef{one.proposal()}
                                                           : ProposalOrRef{one.ref()});
    }
    if (draft.applied.path_required || intents.path == Intents::Path::Always ||
        !intents.leaf.is_empty()) {
        TRY(auto renewed,
            RenewedLeaf::of(
                *state.suite, *state.tree.leaf(state.own())->open(), intents.leaf, key));
        TRY(auto path,
            draft_path(*state.context,
                       draft.applied.extensions,
                       draft.applied.tree,
                       state.own(),
                       std::move(renewed.leaf),
                       draft.added,
                       renewed.signer,
                       random));
        if (renewed.signer.public_key() != key.public_key()) {
            draft.signing_key = renewed.signer.copy();
        }
        TRY_VOID(check_members_still_agree(state.tree, draft.applied.tree, {{state.own()}}));
        draft.commit.path = std::move(path.path);
        draft.keys.set_leaf(std::move(path.leaf_key));
        for (std::size_t at = 0; at < path.draft.steps.size(); ++at) {
            draft.keys.set(path.draft.steps[at].node, path.draft.keys[at]);
        }
        draft.path = std::move(path.draft);
    }
    draft.keys.keep_only_those_in(draft.applied.tree);
    return draft;
}

Result<Bytes> make_welcome(const EpochBeginning& beginning,
                           const Draft& draft,
                           const Intents& intents,
                           const crypto::SigningKey& key,
                           Random& random) {
    const EpochState& next = beginning.state;
    const Suite& suite = *next.suite;
    if (draft.applied.added.empty()) return Bytes{};
    GroupInfoFields info;
    info.context = *next.context;
    info.extensions = intents.welcome_extensions;
    if (intents.welcome_tree == TreePlace::Inside) {
        info.extensions.push_back({ExtensionType::RatchetTree, codec::encode(next.tree)});
    }
    TRY_VOID(check_unique(info.extensions));
    info.confirmation_tag = next.confirmation_tag;
    info.signer = next.own();
    Welcome welcome;
    welcome.suite = suite.id;
    welcome.encrypted_group_info =
        encrypt_group_info(suite,
                           derive_welcome_secret(suite, beginning.member_secret),
                           sign_group_info(std::move(info), key));
    const LabelledEncryption encryption(suite, "Welcome", welcome.encrypted_group_info);
    for (const AddedMember& member : draft.applied.added) {
        // "The order of the psks MUST be the same as the order of PreSharedKey proposals in the
        // proposals vector" (section 12.4.1).
        GroupSecrets secrets{beginning.joiner_secret.copy(), {}, draft.applied.psks};
        if (draft.path) {
            // "path_secret: the path secret for the lowest common ancestor of the new member
            // and of the member that sent the Commit" (section 12.4.3.1).
            const NodeIndex shared = common_ancestor(next.own(), member.index);
            for (std::size_t at = 0; at < draft.path->steps.size(); ++at) {
                if (draft.path->steps[at].node != shared) continue;
                secrets.path_secret.emplace(draft.path->path_secrets[at].copy());
            }
        }
        const Secret encoded = codec::encode_secret(secrets);
        TRY(auto sealed, encryption.to(member.package->init_key, encoded.reveal(), random));
        TRY(Bytes ref, key_package_ref(member.package));
        welcome.secrets.push_back({std::move(ref), std::move(sealed)});
    }
    return codec::encode(MlsMessage{std::move(welcome)});
}

}  // namespace

Result<DraftedPath> draft_path(const GroupContext& before,
                               const Extensions& extensions,
                               RatchetTree& tree,
                               LeafIndex own,
                               LeafNode leaf,
                               const std::set<LeafIndex>& added,
                               const crypto::SigningKey& key,
                               Random& random) {
    TRY(const Suite* const suite, find_suite(before.suite));
    PathDraft draft = PathDraft::draw(*suite, tree, own, random);
    auto leaf_key =
        std::make_shared<const crypto::KemKey>(crypto::KemKey::generate(suite->hpke.kem, random));
    leaf.encryption_key = leaf_key->public_key();
    Bytes parent_hash = tree.merge_path(*suite, own, draft.public_keys());
    leaf.origin = {LeafNodeSource::Commit, {}, std::move(parent_hash)};
    Leaf frozen = sign_leaf(std::move(leaf), {before.group_id, own}, key);
    TRY_VOID(check_leaf(*suite, frozen, LeafNodeSource::Commit, extensions));
    tree.set_leaf(own, frozen);

    // "Construct a provisional GroupContext": of the new epoch, tree and extensions, with the
    // old transcript.
    GroupContext provisional = before;
    provisional.epoch = provisional.epoch.next();
    provisional.tree_hash = tree.root_hash(*suite);
    provisional.extensions = extensions;
    TRY(auto nodes, draft.encrypt(*suite, tree, added, codec::encode(provisional), random));
    return DraftedPath{
        UpdatePath{std::move(frozen), std::move(nodes)}, std::move(draft), std::move(leaf_key)};
}

Changes changes_of(const AppliedProposals& applied,
                   const RatchetTree& after,
                   std::optional<LeafIndex> committer_with_path) {
    Changes changes;
    for (const AddedMember& member : applied.added) {
        changes.added.push_back(member_of(member.index, member.package->leaf));
    }
    for (const auto& [index, leaf] : applied.removed) {
        changes.removed.push_back(member_of(index, *leaf));
    }
    for (const LeafIndex index : applied.updated) {
        changes.updated.push_back(member_of(index, *after.leaf(index)));
    }
    if (committer_with_path) {
        changes.updated.push_back(
            member_of(*committer_with_path, *after.leaf(*committer_with_path)));
    }
    changes.context_changed = static_cast<std::uint8_t>(applied.context_changed ? 1 : 0);
    return changes;
}

Result<StagedCommit> Group::stage_commit(const Intents& intents,
                                         BytesView authenticated_data,
                                         Random& random) const {
    const EpochState& now = state_->current;
    const Suite& suite = *now.suite;
    TRY_VOID(state_->check_open());
    TRY(const auto list, choose_proposals(*state_, intents, random));
    TRY(Draft draft, draft_commit(now, state_->signing_key, intents, list, random));

    VerifiedContent content = state_->sign_handshake(draft.commit, authenticated_data);

    GroupContext context = *now.context;
    context.epoch = context.epoch.next();
    context.tree_hash = draft.applied.tree.root_hash(suite);
    context.extensions = draft.applied.extensions;
    context.confirmed_transcript_hash =
        confirmed_transcript_hash(suite, now.interim_transcript_hash, content.authenticated());
    // "If the path value is not populated: Set commit_secret to the all-zero vector of length
    // KDF.Nh".
    const Secret no_path(suite.digest_size());
    TRY(const auto psks, find_psks(draft.applied.psks, state_.get(), intents.psk_source));
    EpochBeginning beginning = begin_epoch(suite,
                                           now.secrets.init,
                                           std::move(context),
                                           draft.applied.tree,
                                           draft.keys,
                                           draft.path ? draft.path->commit_secret : no_path,
                                           combine_psks(suite, psks));
    beginning.state.reinit = draft.applied.reinit;
    content = std::move(content).with_confirmation_tag(beginning.state.confirmation_tag);

    TRY(auto handshake, state_->frame_handshake(content, intents.padding, random));
    // Of the next epoch, and so by the key that stands in its tree.
    const crypto::SigningKey& next_key =
        draft.signing_key ? *draft.signing_key : state_->signing_key;
    TRY(Bytes welcome, make_welcome(beginning, draft, intents, next_key, random));
    StagedCommit staged(NextEpoch(std::make_unique<EpochState>(std::move(beginning.state))),
                        now.interim_transcript_hash);
    staged.commit_hash = message_hash(handshake.message);
    staged.commit = std::move(handshake.message);
    staged.welcome = std::move(welcome);
    staged.changes = changes_of(draft.applied,
                                staged.next.state_->tree,
                                draft.path ? std::optional(now.own()) : std::nullopt);
    staged.signing_key = std::move(draft.signing_key);
    if (handshake.key) staged.handshake_generation_ = {handshake.key->generation};
    return staged;
}

void Group::spend_key_of(const StagedCommit& staged) {
    EpochState& now = state_->current;
    if (staged.base_ != now.interim_transcript_hash || !staged.handshake_generation_) return;
    auto key = now.secret_tree.look_up_next(*now.suite, now.own(), RatchetKind::Handshake);
    if (key && key->generation == staged.handshake_generation_->value) {
        now.secret_tree.take(*std::move(key));
    }
}

Result<void> Group::merge(StagedCommit&& staged) {
    if (staged.next.state_ == nullptr || staged.base_ != state_->current.interim_transcript_hash) {
        return fail(Code::stale_commit, "a commit staged in another epoch than this");
    }
    TRY_VOID(state_->enter(std::move(*staged.next.state_), staged.signing_key));
    staged.next.state_.reset();
    return {};
}

}  // namespace cercle::mls
