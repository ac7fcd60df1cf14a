// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The text of a code, of whatever kind (docs/spec/invitation.md). Private to this folder.

#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/invitation_body.h"

namespace cercle::identity {

/// "CERCLE:" and base32, with a checksum.
[[nodiscard]] std::string write_code(const InvitationBody& body);

/// Errors: malformed, invitation_checksum, unsupported, invitation_kind.
[[nodiscard]] Result<InvitationBody> read_code(std::string_view text,
                                               CodeKind wanted,
                                               std::uint8_t version);

}  // namespace cercle::identity
