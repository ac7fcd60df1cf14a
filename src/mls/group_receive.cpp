// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Receiving (RFC 9420 sections 6 and 12.4.2). The order is always: whose epoch, which sender,
// decrypt, verify, judge; and only then does anything change.
#include <algorithm>

#include "base/check.h"
#include "mls/group_state.h"
#include "mls/transcript.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

// Whose proposal it says it is: a member, an external sender of the context's list, or who asks to
// be added; its signature was verified with that one's key.
Proposer proposer_of(const EpochState& state, const FramedContent& framed) {
    if (framed.sender.type == SenderType::Member) {
        return member_of(framed.sender.leaf, *state.tree.leaf(framed.sender.leaf));
    }
    const auto who = outsider_of(*state.context, framed);
    CHECK(who.has_value(), "a proposal whose sender was not looked up");
    return *who;
}

Result<Received> received(Result<StoredProposal> stored) {
    TRY(auto proposal, std::move(stored));
    return Received(std::move(proposal));
}

ApplicationMessage application_message(const VerifiedContent& content,
                                       Member sender,
                                       const SenderData& data) {
    const FramedContent& framed = content.framed();
    return {std::move(sender),
            framed.epoch,
            {data.generation},
            framed.authenticated_data,
            std::get<Bytes>(framed.content)};
}

}  // namespace

const KeptLeaf* PastEpoch::leaf(LeafIndex index) const {
    return index.value < leaves.size() ? leaves[index.value].get() : nullptr;
}

Result<Received> Group::receive(BytesView mls_message, const Surroundings& surroundings) {
    TRY(auto message, codec::decode<MlsMessage>(mls_message));
    if (auto* const open = std::get_if<PublicMessage>(&message.content)) {
        return state_->receive_public(std::move(*open), surroundings);
    }
    if (const auto* const closed = std::get_if<PrivateMessage>(&message.content)) {
        return state_->receive_private(*closed, surroundings);
    }
    return fail(Code::wire_format, "not a message to a group");
}

Result<Received> Group::State::receive_public(PublicMessage message,
                                              const Surroundings& surroundings) {
    const GroupContext& context = *current.context;
    const FramedContent& framed = *message.content;
    if (framed.group_id != context.group_id) {
        return fail(Code::wrong_group, "a message to another group");
    }
    if (framed.epoch > context.epoch) return fail(Code::epoch_in_future, "an epoch to come");
    if (framed.epoch < context.epoch) return fail(Code::epoch_past, "an epoch that has ended");
    if (framed.sender.type != SenderType::Member) {
        return receive_from_outside(std::move(message), surroundings);
    }
    const LeafIndex sender = framed.sender.leaf;
    if (current.tree.leaf(sender) == nullptr) {
        return fail(Code::leaf_not_a_member, "a message of nobody");
    }
    TRY(auto content,
        unprotect_publicly(*current.suite,
                           std::move(message),
                           current.context.bytes(),
                           current.secrets.membership));
    TRY(const auto verified,
        std::move(content).verify(
            *current.suite, current.context.bytes(), current.tree.leaf(sender)->signature_key()));
    if (sender == current.own()) {
        return Received(OwnMessage{context.epoch, type_of(verified.framed().content)});
    }
    return receive_handshake(verified, surroundings);
}

Result<Received> Group::State::receive_private(const PrivateMessage& message,
                                               const Surroundings& surroundings) {
    const GroupContext& context = *current.context;
    if (message.group_id != context.group_id) {
        return fail(Code::wrong_group, "a message to another group");
    }
    if (message.epoch > context.epoch) return fail(Code::epoch_in_future, "an epoch to come");
    if (message.epoch < context.epoch) {
        if (message.content_type != ContentType::Application) {
            return fail(Code::epoch_past, "a handshake message of an epoch that has ended");
        }
        const auto found = std::ranges::find(past, message.epoch, &PastEpoch::epoch);
        if (found == past.end()) {
            return fail(Code::epoch_gone, "an epoch whose keys are no longer kept");
        }
        return receive_late(*found, message);
    }
    const Suite& suite = *current.suite;
    TRY(const SenderData sender, open_sender_data(suite, message, current.secrets.sender_data));
    const auto& leaf = current.tree.leaf(sender.leaf);
    if (leaf == nullptr) return fail(Code::leaf_not_a_member, "a message of nobody");
    if (sender.leaf == current.own()) {
        return Received(OwnMessage{context.epoch, message.content_type});
    }
    TRY(auto key,
        current.secret_tree.look_up(
            suite, sender.leaf, ratchet_for(message.content_type), sender.generation));
    TRY(auto content, unprotect_privately(suite, message, sender, key.key));
    TRY(const auto verified,
        std::move(content).verify(suite, current.context.bytes(), leaf->signature_key()));
    if (message.content_type == ContentType::Application) {
        current.secret_tree.take(std::move(key));
        return Received(application_message(verified, member_of(sender.leaf, *leaf), sender));
    }
    TRY(auto outcome, receive_handshake(verified, surroundings));
    // A commit is only staged; its key goes with the epoch.
    if (message.content_type == ContentType::Proposal) current.secret_tree.take(std::move(key));
    return outcome;
}

Result<Received> Group::State::receive_late(PastEpoch& epoch, const PrivateMessage& message) {
    const Suite& suite = *current.suite;
    TRY(const SenderData sender, open_sender_data(suite, message, epoch.sender_data));
    // "sender must have existed in that epoch": its own members, not today's.
    const KeptLeaf* const leaf = epoch.leaf(sender.leaf);
    if (leaf == nullptr) return fail(Code::leaf_not_a_member, "a message of nobody");
    if (sender.leaf == current.own()) {
        return Received(OwnMessage{epoch.epoch, message.content_type});
    }
    TRY(auto key,
        epoch.secret_tree.look_up(suite, sender.leaf, RatchetKind::Application, sender.generation));
    TRY(auto content, unprotect_privately(suite, message, sender, key.key));
    TRY(const auto verified,
        std::move(content).verify(suite, epoch.context, leaf->signature_key()));
    epoch.secret_tree.take(std::move(key));
    return Received(application_message(verified, member_of(sender.leaf, *leaf), sender));
}

Result<Received> Group::State::receive_handshake(const VerifiedContent& content,
                                                 const Surroundings& surroundings) {
    if (type_of(content.framed().content) == ContentType::Proposal) {
        return received(store(content, &surroundings));
    }
    return process(content, surroundings);
}

Result<StoredProposal> Group::State::store(const VerifiedContent& content,
                                           const Surroundings* surroundings) {
    const FramedContent& framed = content.framed();
    const Sender& sender = framed.sender;
    const auto& proposal = std::get<Proposal>(framed.content);
    TRY_VOID(check_open());
    if (proposals.size() >= most_pending_proposals) {
        return fail(Code::too_many_proposals, "too many proposals in one epoch");
    }
    Bytes ref = proposal_ref(*current.suite, content.authenticated());
    if (std::ranges::contains(proposals, ref, &VerifiedProposal::ref)) {
        return fail(Code::already_received, "a proposal that is here already");
    }
    auto verified = Result<VerifiedProposal>(VerifiedProposal::trusted(sender, proposal));
    if (surroundings != nullptr) {
        verified = VerifiedProposal::verify(
            *current.suite, *current.context, current.tree, sender, proposal, *surroundings);
    }
    TRY(auto kept, std::move(verified));
    StoredProposal stored{proposer_of(current, framed),
                          proposal.type(),
                          ref,
                          framed.authenticated_data,
                          std::nullopt};
    if (const auto* const remove = kept.as<Remove>()) stored.removed = remove->removed;
    proposals.push_back(std::move(kept).with_ref(std::move(ref)));
    return stored;
}

Result<std::vector<VerifiedProposal>> Group::State::resolve(
    const Commit& commit, LeafIndex committer, const Surroundings& surroundings) const {
    std::vector<VerifiedProposal> list;
    for (const ProposalOrRef& one : commit.proposals) {
        if (const auto* const ref = std::get_if<Bytes>(&one.content)) {
            const auto found = std::ranges::find(proposals, *ref, &VerifiedProposal::ref);
            if (found == proposals.end()) {
                return fail(Code::proposal_missing, "a commit of a proposal that we do not have");
            }
            list.push_back(*found);
            continue;
        }
        TRY(auto verified,
            VerifiedProposal::verify(*current.suite,
                                     *current.context,
                                     current.tree,
                                     Sender::member(committer),
                                     std::get<Proposal>(one.content),
                                     surroundings));
        list.push_back(std::move(verified));
    }
    return list;
}

Result<void> Group::apply(StagedEpoch&& staged) {
    if (staged.next.state_ == nullptr || staged.base_ != state_->current.interim_transcript_hash) {
        return fail(Code::stale_commit, "a commit staged in another epoch than this");
    }
    TRY_VOID(state_->enter(std::move(*staged.next.state_), std::nullopt));
    staged.next.state_.reset();
    return {};
}

}  // namespace cercle::mls
