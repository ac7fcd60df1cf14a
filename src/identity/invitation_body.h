// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What an invitation's text says, before its checksum and base32 (docs/spec/invitation.md).
// Private to this folder.

#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "identity/invitation.h"

namespace cercle::identity {

struct InvitationBody {
    std::uint8_t version = invitation_version;
    CodeKind kind = CodeKind::Invitation;
    std::string relay;
    RelayFingerprint relay_key;
    CircleId circle;
    std::array<std::uint8_t, invitation_secret_size> secret{};
    std::uint64_t expires = 0;  // seconds since 1970
    SecondCode second_code = SecondCode::None;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.kind,
                        self.relay,
                        self.relay_key,
                        self.circle,
                        self.secret,
                        self.expires,
                        self.second_code);
    }
};

}  // namespace cercle::identity
