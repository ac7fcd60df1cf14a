// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Receiving from who is not in the group (RFC 9420 sections 6.1, 12.1.8 and 12.4.3.2). Such
// messages are PublicMessages without a membership tag; whether they are listened to at all, the
// house says (Openness).
#include "mls/group_state.h"

namespace cercle::mls {
namespace {

Result<void> check_welcome(SenderType type, const Openness& openness) {
    if ((type == SenderType::External && openness.external_senders == Openness::Refuse) ||
        (type == SenderType::NewMemberProposal && openness.newcomers == Openness::Refuse)) {
        return fail(Code::external_proposal, "a proposal from outside of the group");
    }
    if (type == SenderType::NewMemberCommit && openness.external_commits == Openness::Refuse) {
        return fail(Code::external_commit, "a commit from outside of the group");
    }
    return {};
}

// The leaf that somebody brings along who is not in the tree yet, or null.
const Leaf* own_leaf(const FramedContent& framed) {
    if (framed.sender.type == SenderType::NewMemberCommit) {
        const auto* const commit = std::get_if<Commit>(&framed.content);
        return commit == nullptr || !commit->path ? nullptr : &commit->path->leaf;
    }
    const auto* const proposal = std::get_if<Proposal>(&framed.content);
    const auto* const add = proposal == nullptr ? nullptr : std::get_if<Add>(&proposal->content);
    return add == nullptr ? nullptr : &add->package->leaf;
}

}  // namespace

Result<Outsider> outsider_of(const GroupContext& context, const FramedContent& framed) {
    const ContentType type = type_of(framed.content);
    if (framed.sender.type == SenderType::External) {
        // "external: The signature key at the index indicated by sender_index in the
        // external_senders group context extension [...]. The content_type of the message MUST
        // be proposal."
        if (type != ContentType::Proposal) {
            return fail(Code::sender_type, "an external sender that does not propose");
        }
        TRY(const auto senders, external_senders_of(context.extensions));
        if (framed.sender.external_index >= senders.size()) {
            return fail(Code::external_sender_unknown, "an external sender that nobody named");
        }
        const ExternalSender& sender = senders[framed.sender.external_index];
        return Outsider{sender.credential, sender.signature_key};
    }
    if (framed.sender.type == SenderType::NewMemberCommit && type == ContentType::Commit &&
        own_leaf(framed) == nullptr) {
        // "External Commits MUST contain a path field" (section 12.4.3.2).
        return fail(Code::path_required, "an external commit without a path");
    }
    // "new_member_commit: The signature key in the LeafNode in the Commit's path [...]. The
    // content_type of the message MUST be commit. new_member_proposal: The signature key in the
    // LeafNode in the KeyPackage embedded in an External Add Proposal. The content_type of the
    // message MUST be proposal and the proposal_type of the Proposal MUST be add."
    const Leaf* const leaf = own_leaf(framed);
    if (leaf == nullptr) {
        return fail(Code::sender_type, "a newcomer that says what only others may say");
    }
    return Outsider{(*leaf)->credential, (*leaf)->signature_key};
}

Result<Received> Group::State::receive_from_outside(PublicMessage message,
                                                    const Surroundings& surroundings) {
    TRY_VOID(check_welcome(message.content->sender.type, surroundings.openness));
    TRY(const Outsider sender, outsider_of(*current.context, *message.content));
    TRY(auto content,
        unprotect_publicly(*current.suite,
                           std::move(message),
                           current.context.bytes(),
                           current.secrets.membership));
    TRY(const auto verified,
        std::move(content).verify(*current.suite, current.context.bytes(), sender.signature_key));
    return receive_handshake(verified, surroundings);
}

}  // namespace cercle::mls
