// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests only: messages from outside of a group, changed in one place and signed again.

#include "mls/forge/member.h"

namespace cercle::mls {

/// What somebody outside says, as it travels: a PublicMessage.
struct OpenedOutside {
    FramedContent framed;
    ContentAuth auth;

    [[nodiscard]] static OpenedOutside open(BytesView mls_message) {
        const auto decoded = codec::decode<MlsMessage>(mls_message);
        REQUIRE(decoded.has_value());
        const auto& message = std::get<PublicMessage>(decoded->content);
        return {*message.content, message.auth};
    }

    [[nodiscard]] Commit& commit() { return std::get<Commit>(framed.content); }

    [[nodiscard]] Proposal& proposal() { return std::get<Proposal>(framed.content); }

    /// With a signature over what it is now. `inside` has the group's context.
    [[nodiscard]] Bytes signed_by(const crypto::SigningKey& key, const Forge& inside) const {
        const auto content = VerifiedContent::sign(
            WireFormat::PublicMessage, framed, inside.state.context.bytes(), key);
        ContentAuth made = content.authenticated().auth;
        made.confirmation_tag = auth.confirmation_tag;
        return codec::encode(
            MlsMessage{PublicMessage{content.authenticated().content, made, std::nullopt}});
    }
};

}  // namespace cercle::mls
