// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What the house knows that a group does not, and lends it for one call.

#include "base/clock.h"
#include "mls/credential.h"
#include "mls/psk.h"

namespace cercle::mls {

struct Surroundings {
    /// Who is believed.
    const CredentialJudge& judge;
    /// What time it is; for what is read from a log, the time at which the log stamped it.
    WallTime now;
    /// Null where there are none.
    const PskSource* psks = nullptr;
};

}  // namespace cercle::mls
