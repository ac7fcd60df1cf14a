// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Processing another member's commit (RFC 9420 section 12.4.2). Changes nothing: what comes out
// is the next epoch, ready to be entered.
#include <algorithm>

#include "mls/group_state.h"
#include "mls/transcript.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

// The committer's new leaf, by itself and against its old one, if it has one. Of an external
// commit that replaces a leaf section 12.2 says: it "MUST meet the same criteria as would the
// LeafNode in an Update for the removed leaf".
Result<void> check_path_leaf(const EpochState& now,
                             const UpdatePath& path,
                             LeafIndex committer,
                             const Leaf* before,
                             const Extensions& extensions,
                             const CredentialJudge& judge) {
    TRY_VOID(check_leaf(*now.suite, path.leaf, LeafNodeSource::Commit, extensions));
    // "Verify that the encryption_key value in the LeafNode is different from the committer's
    // current leaf node."
    if (before != nullptr && path.leaf->encryption_key == (*before)->encryption_key) {
        return fail(Code::encryption_key_repeated, "a commit that keeps its leaf's key");
    }
    TRY_VOID(verify_leaf(*now.suite, path.leaf, {now.context->group_id, committer}));
    TRY_VOID(judge.judge(path.leaf->credential, path.leaf->signature_key));
    if (before == nullptr) return {};
    return judge.judge_successor((*before)->credential, path.leaf->credential);
}

// Section 7.5: keys into the tree, and the leaf's parent hash against what they give.
Result<void> merge_checked_path(const Suite& suite,
                                const UpdatePath& path,
                                LeafIndex committer,
                                RatchetTree& tree) {
    std::vector<Bytes> keys;
    keys.reserve(path.nodes.size());
    for (const UpdatePathNode& node : path.nodes)
        keys.push_back(node.encryption_key);
    const Bytes parent_hash = tree.merge_path(suite, committer, keys);
    if (!equal_in_constant_time(parent_hash, path.leaf->origin.parent_hash)) {
        return fail(Code::parent_hash, "a path whose leaf has another parent hash");
    }
    const RatchetTree before = tree;
    tree.set_leaf(committer, path.leaf);
    return check_members_still_agree(before, tree, {{committer}});
}

}  // namespace

Result<Group::State::StartedCommit> Group::State::start(const Commit& commit,
                                                        const Sender& sender,
                                                        const Surroundings& surroundings) const {
    if (sender.type == SenderType::NewMemberCommit) return start_external(commit, surroundings);
    const LeafIndex committer = sender.leaf;
    TRY(const auto list, resolve(commit, committer, surroundings));
    TRY(auto applied, apply_proposals(*current.context, current.tree, committer, list));
    return StartedCommit{committer,
                         current.tree.leaf(committer)->open(),
                         std::move(applied),
                         current.secrets.init.copy()};
}

Result<Received> Group::State::process(const VerifiedContent& content,
                                       const Surroundings& surroundings) const {
    const Suite& suite = *current.suite;
    const FramedContent& framed = content.framed();
    const auto& commit = std::get<Commit>(framed.content);
    const bool from_outside = framed.sender.type == SenderType::NewMemberCommit;
    TRY_VOID(check_open());
    TRY(auto started, start(commit, framed.sender, surroundings));
    const LeafIndex committer = started.committer;
    AppliedProposals& applied = started.applied;
    // "If the path value is [...] required [...] verify that it is present" (section 12.4.2).
    if (applied.path_required && !commit.path) {
        return fail(Code::path_required, "a commit without the path that it needs");
    }
    Member sender = member_of(committer, from_outside ? commit.path->leaf : *started.before);
    RatchetTree& tree = applied.tree;
    const std::set<LeafIndex> added = applied.added_leaves();
    if (commit.path) {
        TRY_VOID(check_path_leaf(current,
                                 *commit.path,
                                 committer,
                                 started.before ? &*started.before : nullptr,
                                 applied.extensions,
                                 surroundings.judge));
        TRY_VOID(check_path(suite, *commit.path, committer, tree, added));
        TRY_VOID(merge_checked_path(suite, *commit.path, committer, tree));
    }
    for (const auto& [index, leaf] : applied.removed) {
        if (index == current.own()) {
            return Received(Eviction{std::move(sender), framed.authenticated_data});
        }
    }

    GroupContext context = *current.context;
    context.epoch = context.epoch.next();
    context.tree_hash = tree.root_hash(suite);
    context.extensions = applied.extensions;
    PrivateKeys keys = current.keys;
    for (const ProposedKeys& proposed : proposed_keys) {
        if (std::ranges::equal(proposed.leaf_key->public_key(),
                               tree.encryption_key(node_of(keys.own())))) {
            keys.set_leaf(proposed.leaf_key);
        }
    }
    keys.keep_only_those_in(tree);
    Secret commit_secret(suite.digest_size());
    if (commit.path) {
        // The provisional context still has the old transcript.
        TRY(auto opened,
            open_path(suite, *commit.path, committer, tree, added, keys, codec::encode(context)));
        for (auto& [node, key] : opened.keys)
            keys.set(node, std::move(key));
        commit_secret = std::move(opened.commit_secret);
    }
    context.confirmed_transcript_hash =
        confirmed_transcript_hash(suite, current.interim_transcript_hash, content.authenticated());
    TRY(const auto psks, find_psks(applied.psks, this, surroundings.psks));
    EpochBeginning beginning = begin_epoch(suite,
                                           started.init_secret,
                                           std::move(context),
                                           tree,
                                           std::move(keys),
                                           commit_secret,
                                           combine_psks(suite, psks));
    if (!equal_in_constant_time(beginning.state.confirmation_tag,
                                *content.authenticated().auth.confirmation_tag)) {
        return fail(Code::confirmation_tag, "a commit whose confirmation tag does not verify");
    }
    beginning.state.reinit = std::move(applied.reinit);
    StagedEpoch staged(NextEpoch(std::make_unique<EpochState>(std::move(beginning.state))),
                       current.interim_transcript_hash);
    staged.sender = std::move(sender);
    staged.authenticated_data = framed.authenticated_data;
    const bool renewed = commit.path.has_value() && !from_outside;
    staged.changes = changes_of(applied, tree, renewed ? std::optional(committer) : std::nullopt);
    if (from_outside) {
        staged.committer = StagedEpoch::Committer::Newcomer;
        staged.changes.added.push_back(staged.sender);
    }
    return Received(std::move(staged));
}

}  // namespace cercle::mls
