// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Policy commands: the circle's policy in sentences, and what was reported of this device.

#include "client/api_events.h"
#include "client/core.h"

namespace cercle::client {

[[nodiscard]] Result<PolicyShown> policy_shown(Core& core);

[[nodiscard]] Result<void> list_reports(Core& core, const EventSink& sink);

}  // namespace cercle::client
