// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/inbox_turn.h"

namespace cercle::identity {

Result<InboxAnnouncement> open_inbox_announcement(BytesView encoded) {
    TRY(auto announcement, codec::decode<InboxAnnouncement>(encoded));
    if (announcement.version != inbox_announcement_version) {
        return fail(Code::unsupported, "an inbox announcement of another version");
    }
    if (announcement.turn.value == 0 || announcement.secret.size() != 32) {
        return fail(Code::malformed, "an inbox announcement of no turn, or with no secret");
    }
    return announcement;
}

}  // namespace cercle::identity
