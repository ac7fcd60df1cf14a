// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What the house knows that a group does not, and lends it for one call.

#include "base/clock.h"
#include "mls/credential.h"

namespace cercle::mls {

/// Keys that members share by other means (RFC 9420 section 8.4).
class PskSource {
  public:
    PskSource() = default;
    PskSource(const PskSource&) = delete;
    PskSource& operator=(const PskSource&) = delete;
    virtual ~PskSource() = default;

    /// Errors: psk_unknown.
    [[nodiscard]] virtual Result<Secret> external_psk(BytesView id) const = 0;
};

struct Surroundings {
    /// Who is believed.
    const CredentialJudge& judge;
    /// What time it is; for what is read from a log, the time at which the log stamped it.
    WallTime now;
    /// Null where there are none.
    const PskSource* psks = nullptr;
};

}  // namespace cercle::mls
