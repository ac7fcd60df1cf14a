// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The command on quiet hours: what it changes, and what then holds.

#include "client/owner.h"

namespace cercle::client {

/// All of it or nothing. Errors: invalid_argument (hours), unknown, ambiguous (who breaks through).
[[nodiscard]] Result<void> keep_quiet(Core& core, const KeepQuiet& command, const EventSink& sink);

}  // namespace cercle::client
