// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Proposals of our own, by message, for others to commit (RFC 9420 section 12.1).
#include "mls/group_state.h"
#include "mls/renewed_leaf.h"
#include "mls/tree_validation.h"

namespace cercle::mls {

Result<Bytes> Group::State::propose(Proposal proposal,
                                    BytesView authenticated_data,
                                    Random& random,
                                    std::optional<ProposedKeys> keys) {
    TRY_VOID(check_open());
    const auto made = sign_handshake(std::move(proposal), authenticated_data);
    TRY(auto handshake, frame_handshake(made, 0, random));
    TRY(const auto stored, store(made, nullptr));
    if (keys) {
        keys->ref = stored.ref;
        proposed_keys.push_back(*std::move(keys));
    }
    if (handshake.key) current.secret_tree.take(*std::move(handshake.key));
    return std::move(handshake.message);
}

Result<Bytes> Group::propose_update(const LeafChange& change,
                                    BytesView authenticated_data,
                                    Random& random) {
    const EpochState& now = state_->current;
    TRY(auto renewed,
        RenewedLeaf::of(
            *now.suite, *now.tree.leaf(now.own())->open(), change, state_->signing_key));
    ProposedKeys keys;
    keys.leaf_key = std::make_shared<const crypto::KemKey>(
        crypto::KemKey::generate(now.suite->hpke.kem, random));
    renewed.leaf.encryption_key = keys.leaf_key->public_key();
    renewed.leaf.origin = {LeafNodeSource::Update, {}, {}};
    const Leaf frozen =
        sign_leaf(std::move(renewed.leaf), {now.context->group_id, now.own()}, renewed.signer);
    TRY_VOID(check_leaf(*now.suite, frozen, LeafNodeSource::Update, now.context->extensions));
    if (frozen->signature_key != state_->signing_key.public_key()) {
        keys.signing_key = renewed.signer.copy();
    }
    // What no commit could take up is not proposed.
    RatchetTree after = now.tree;
    after.update(now.own(), frozen);
    TRY_VOID(check_members_still_agree(now.tree, after, {{now.own()}}));
    return state_->propose({Update{frozen}}, authenticated_data, random, std::move(keys));
}

Result<Bytes> Group::propose_add(const VerifiedKeyPackage& package,
                                 BytesView authenticated_data,
                                 Random& random) {
    if (package.package()->suite != suite().id) {
        return fail(Code::suite_unsupported, "a key package for another suite");
    }
    return state_->propose({Add{package.package()}}, authenticated_data, random);
}

Result<Bytes> Group::propose_remove(LeafIndex index, BytesView authenticated_data, Random& random) {
    if (state_->current.tree.leaf(index) == nullptr) {
        return fail(Code::leaf_not_a_member, "a removal of nobody");
    }
    return state_->propose({Remove{index}}, authenticated_data, random);
}

Result<Bytes> Group::propose_psk(PskId psk, BytesView authenticated_data, Random& random) {
    psk = with_fresh_nonce(suite(), std::move(psk), random);
    return state_->propose({PreSharedKey{std::move(psk)}}, authenticated_data, random);
}

Result<Bytes> Group::propose_reinit(ReInit reinit, BytesView authenticated_data, Random& random) {
    TRY_VOID(check_unique(reinit.extensions));
    return state_->propose({std::move(reinit)}, authenticated_data, random);
}

Result<Bytes> Group::propose_context_extensions(Extensions extensions,
                                                BytesView authenticated_data,
                                                Random& random) {
    TRY_VOID(check_unique(extensions));
    return state_->propose(
        {GroupContextExtensions{std::move(extensions)}}, authenticated_data, random);
}

}  // namespace cercle::mls
