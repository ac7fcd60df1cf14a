// SPDX-License-Identifier: AGPL-3.0-or-later
//
// External commits (RFC 9420 section 12.4.3.2): making one, and what is particular in receiving
// one; the rest is as with any commit (group_process.cpp).
#include "mls/checked_group_info.h"
#include "mls/group_state.h"
#include "mls/transcript.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

constexpr Sender newcomer{SenderType::NewMemberCommit, {}, 0};

std::vector<VerifiedProposal> external_proposals(const Suite& suite,
                                                 const ExternalIntents& intents,
                                                 Bytes kem_output,
                                                 Random& random) {
    std::vector<VerifiedProposal> list;
    list.push_back(VerifiedProposal::trusted(newcomer, {ExternalInit{std::move(kem_output)}}));
    if (intents.replaces) {
        list.push_back(VerifiedProposal::trusted(newcomer, {Remove{*intents.replaces}}));
    }
    for (const PskId& psk : intents.psks) {
        list.push_back(VerifiedProposal::trusted(
            newcomer, {PreSharedKey{with_fresh_nonce(suite, psk, random)}}));
    }
    return list;
}

PrivateKeys keys_of(LeafIndex own, const DraftedPath& path) {
    PrivateKeys keys(own, path.leaf_key);
    for (std::size_t at = 0; at < path.draft.steps.size(); ++at) {
        keys.set(path.draft.steps[at].node, path.draft.keys[at]);
    }
    return keys;
}

}  // namespace

Result<Group::State::StartedCommit> Group::State::start_external(
    const Commit& commit, const Surroundings& surroundings) const {
    std::vector<VerifiedProposal> list;
    for (const ProposalOrRef& one : commit.proposals) {
        // "The Commit MUST NOT include any proposals by reference".
        const auto* const proposal = std::get_if<Proposal>(&one.content);
        if (proposal == nullptr) {
            return fail(Code::external_commit_reference,
                        "an external commit of a proposal by reference");
        }
        TRY(auto verified,
            VerifiedProposal::verify(
                *current.suite, *current.context, current.tree, newcomer, *proposal, surroundings));
        list.push_back(std::move(verified));
    }
    TRY(auto applied, apply_proposals(*current.context, current.tree, std::nullopt, list));
    // "The joiner is added at the leftmost free leaf node (just as if they were added with an Add
    // proposal), and the path is calculated relative to that leaf node."
    TRY(const LeafIndex own, applied.tree.make_room());
    TRY(Secret init,
        external_init_secret(
            *current.suite, current.secrets.external, applied.external_init->kem_output));
    std::optional<Leaf> before;
    if (!applied.removed.empty()) before = applied.removed.front().second->open();
    return StartedCommit{own, std::move(before), std::move(applied), std::move(init)};
}

Result<ExternalJoin> Group::join_externally(const VerifiedGroupInfo& info,
                                            const crypto::SigningKey& key,
                                            const Profile& profile,
                                            const ExternalIntents& intents,
                                            Random& random) {
    const CheckedGroupInfo& from = info.checked();
    const Suite& suite = *from.suite;
    const Original<GroupContext> before(from.info->context);
    if (key.algorithm() != suite.signature) {
        return fail(Code::wrong_signature_key, "a signature key of another suite");
    }
    const auto* const external = find_extension(from.info->extensions, ExtensionType::ExternalPub);
    if (external == nullptr) {
        return fail(Code::external_pub_missing, "a GroupInfo that lets nobody in");
    }
    TRY(const auto external_pub, codec::decode<Bytes>(external->data));
    TRY(auto start, start_externally(suite, external_pub, random));
    const auto list = external_proposals(suite, intents, std::move(start.kem_output), random);
    TRY(auto applied, apply_proposals(*before, from.tree, std::nullopt, list));
    TRY(const LeafIndex own, applied.tree.make_room());
    TRY(auto path,
        draft_path(*before,
                   applied.extensions,
                   applied.tree,
                   own,
                   describe(profile, {}),
                   {},
                   key,
                   random));
    TRY_VOID(check_members_still_agree(from.tree, applied.tree, {{own}}));
    PrivateKeys keys = keys_of(own, path);

    FramedContent framed;
    framed.group_id = before->group_id;
    framed.epoch = before->epoch;
    framed.sender = newcomer;
    framed.authenticated_data = intents.authenticated_data;
    Commit commit;
    for (const VerifiedProposal& one : list)
        commit.proposals.push_back({one.proposal()});
    commit.path = std::move(path.path);
    framed.content = std::move(commit);
    VerifiedContent content =
        VerifiedContent::sign(WireFormat::PublicMessage, std::move(framed), before.bytes(), key);

    GroupContext context = *before;
    context.epoch = context.epoch.next();
    context.tree_hash = applied.tree.root_hash(suite);
    context.confirmed_transcript_hash = confirmed_transcript_hash(
        suite,
        interim_transcript_hash(
            suite, before->confirmed_transcript_hash, from.info->confirmation_tag),
        content.authenticated());
    TRY(const auto psks, find_psks(applied.psks, nullptr, intents.psk_source));
    EpochBeginning beginning = begin_epoch(suite,
                                           start.init_secret,
                                           std::move(context),
                                           applied.tree,
                                           std::move(keys),
                                           path.draft.commit_secret,
                                           combine_psks(suite, psks));
    content = std::move(content).with_confirmation_tag(beginning.state.confirmation_tag);
    // Who is no member has no membership key, and makes no tag with it.
    Bytes message =
        codec::encode(MlsMessage{protect_publicly(suite, content, before.bytes(), Secret())});
    Changes changes = changes_of(applied, applied.tree, std::nullopt);
    changes.added.push_back(member_of(own, *applied.tree.leaf(own)));
    const crypto::Digest hash = message_hash(message);
    return ExternalJoin{
        std::move(message),
        hash,
        std::move(changes),
        Group(std::make_unique<State>(State{std::move(beginning.state), key.copy(), {}, {}, {}}))};
}

}  // namespace cercle::mls
