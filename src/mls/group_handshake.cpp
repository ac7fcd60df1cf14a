// SPDX-License-Identifier: AGPL-3.0-or-later
//
// How a proposal or commit of ours travels (RFC 9420 sections 6.2 and 6.3): encrypted, or in the
// open with a tag that only members can make. It is signed for the one way and does not verify on
// the other.
#include "mls/group_state.h"

namespace cercle::mls {
namespace {

WireFormat format_of(HandshakeFraming framing) {
    return framing == HandshakeFraming::Public ? WireFormat::PublicMessage
                                               : WireFormat::PrivateMessage;
}

}  // namespace

VerifiedContent Group::State::sign_handshake(Content content, BytesView authenticated_data) const {
    FramedContent framed;
    framed.group_id = current.context->group_id;
    framed.epoch = current.context->epoch;
    framed.sender.leaf = current.own();
    framed.authenticated_data = to_bytes(authenticated_data);
    framed.content = std::move(content);
    return VerifiedContent::sign(
        format_of(framing), std::move(framed), current.context.bytes(), signing_key);
}

Result<Group::State::Handshake> Group::State::frame_handshake(const VerifiedContent& content,
                                                              std::size_t padding,
                                                              Random& random) const {
    const Suite& suite = *current.suite;
    if (framing == HandshakeFraming::Public) {
        // "For messages sent by members, it MUST be set to the following value: [...]
        // membership_tag = MAC(membership_key, AuthenticatedContentTBM)" (section 6.2).
        return Handshake{codec::encode(MlsMessage{protect_publicly(
                             suite, content, current.context.bytes(), current.secrets.membership)}),
                         std::nullopt};
    }
    TRY(auto key, current.secret_tree.look_up_next(suite, current.own(), RatchetKind::Handshake));
    Bytes message = codec::encode(MlsMessage{
        protect_privately(suite, content, current.secrets.sender_data, key, padding, random)});
    return Handshake{std::move(message), std::move(key)};
}

}  // namespace cercle::mls
