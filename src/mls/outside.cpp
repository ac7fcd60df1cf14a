// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/outside.h"

#include "mls/group_state.h"

namespace cercle::mls {
namespace {

Bytes signed_proposal(const GroupPlace& group,
                      const Sender& sender,
                      Proposal proposal,
                      const crypto::SigningKey& key,
                      BytesView authenticated_data) {
    FramedContent framed;
    framed.group_id = group.group_id;
    framed.epoch = group.epoch;
    framed.sender = sender;
    framed.authenticated_data = to_bytes(authenticated_data);
    framed.content = std::move(proposal);
    // "external: new_member_proposal: struct{};": their signatures cover no GroupContext.
    const auto content =
        VerifiedContent::sign(WireFormat::PublicMessage, std::move(framed), {}, key);
    const AuthenticatedContent& made = content.authenticated();
    return codec::encode(MlsMessage{PublicMessage{made.content, made.auth, std::nullopt}});
}

struct AsProposal {
    const Suite& suite;
    Random& random;

    Proposal operator()(VerifiedKeyPackage& package) const { return {Add{package.package()}}; }

    Proposal operator()(OutsideRemoval& removal) const { return {Remove{removal.leaf}}; }

    Proposal operator()(PskId& psk) const {
        return {PreSharedKey{with_fresh_nonce(suite, std::move(psk), random)}};
    }

    Proposal operator()(ReInit& reinit) const { return {std::move(reinit)}; }

    Proposal operator()(Extensions& extensions) const {
        return {GroupContextExtensions{std::move(extensions)}};
    }
};

}  // namespace

Result<Bytes> ask_to_be_added(const GroupPlace& group,
                              const KeyPackage& package,
                              const crypto::SigningKey& key,
                              BytesView authenticated_data) {
    if (key.public_key() != package->leaf->signature_key) {
        return fail(Code::wrong_signature_key, "not the signature key of the key package");
    }
    return signed_proposal(
        group, {SenderType::NewMemberProposal, {}, 0}, {Add{package}}, key, authenticated_data);
}

Bytes propose_from_outside(const Suite& suite,
                           const GroupPlace& group,
                           const ExternalVoice& voice,
                           OutsideProposal proposal,
                           BytesView authenticated_data,
                           Random& random) {
    return signed_proposal(group,
                           {SenderType::External, {}, voice.index},
                           std::visit(AsProposal{suite, random}, proposal),
                           voice.key,
                           authenticated_data);
}

}  // namespace cercle::mls
