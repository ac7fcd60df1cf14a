// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// CircleStatus: what the officer's device says every day in the directory's conversation, so that
// whoever hears nothing for two days knows that something is kept from him
// (docs/spec/revocation.md). The leaf that signs the message is what vouches for it.

#include <cstdint>
#include <tuple>

#include "identity/directory.h"

namespace cercle::identity {

inline constexpr std::uint8_t circle_status_version = 1;

struct CircleStatus {
    std::uint8_t version = circle_status_version;
    protocol::Stamp time;         // by the officer's clock
    RevocationNumber revocation;  // the newest; 0: none yet
    PageNumber page;              // the newest

    auto fields(this auto& self) {
        return std::tie(self.version, self.time, self.revocation, self.page);
    }

    friend bool operator==(const CircleStatus&, const CircleStatus&) = default;
};

/// Errors: malformed and its kin (also a time that no clock shows), unsupported.
[[nodiscard]] Result<CircleStatus> open_circle_status(BytesView encoded);

}  // namespace cercle::identity
