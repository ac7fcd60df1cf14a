// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/invitation.h"

#include <algorithm>

#include "identity/code_text.h"

namespace cercle::identity {

std::string Invitation::to_text() const {
    InvitationBody body;
    body.relay = relay;
    body.relay_key = relay_key;
    body.circle = circle;
    std::ranges::copy(secret.reveal(), body.secret.begin());
    body.expires = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(expires).time_since_epoch().count());
    body.second_code = second_code;
    return write_code(body);
}

Result<Invitation> Invitation::parse(std::string_view text, WallTime now) {
    TRY(InvitationBody body, read_code(text, CodeKind::Invitation, invitation_version));
    const WallTime expires{std::chrono::seconds(body.expires)};
    if (now >= expires) {
        return fail(Code::invitation_expired, "the invitation has expired; ask for a new one");
    }
    return Invitation{body.relay,
                      body.relay_key,
                      body.circle,
                      Secret::absorb(body.secret),
                      expires,
                      body.second_code};
}

}  // namespace cercle::identity
