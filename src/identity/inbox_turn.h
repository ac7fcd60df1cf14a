// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// InboxTurn: a device's inbox secret is drawn anew whenever a lost device may know it, and told to
// all others in the directory's conversation (docs/spec/revocation.md). Turns are counted, so that
// no earlier secret ever stands over a later one.

#include <cstdint>
#include <tuple>

#include "base/secret.h"
#include "codec/tls.h"
#include "identity/words.h"

namespace cercle::identity {

inline constexpr std::uint8_t inbox_announcement_version = 1;

/// 0: the secret that a device is born with.
using InboxTurn = Number<struct InboxTurnTag>;

/// As a directory page says it.
struct TurnOfDevice {
    DeviceId device;
    InboxTurn turn;

    auto fields(this auto& self) { return std::tie(self.device, self.turn); }

    friend bool operator==(const TurnOfDevice&, const TurnOfDevice&) = default;
};

/// As a device says it of itself: whose it is, the leaf tells that has signed the message.
struct InboxAnnouncement {
    std::uint8_t version = inbox_announcement_version;
    InboxTurn turn;
    Secret secret;

    auto fields(this auto& self) { return std::tie(self.version, self.turn, self.secret); }
};

/// Errors: malformed and its kin (also of turn 0, or another size), unsupported.
[[nodiscard]] Result<InboxAnnouncement> open_inbox_announcement(BytesView encoded);

}  // namespace cercle::identity
