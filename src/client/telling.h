// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Telling: what a person hears of beside whatever he has asked for: alarms, each new one once, by
// the first command that comes. And the lists of alarms and of resets, for who asks.

#include "client/api_events.h"
#include "client/core.h"

namespace cercle::client {

/// All there ever were; those that were new are told by that.
[[nodiscard]] Result<void> list_alarms(Core& core, const EventSink& sink);

[[nodiscard]] Result<void> tell_of_alarms(Core& core, const EventSink& sink);

/// Devices and names that wait for a person's word (resets.h).
[[nodiscard]] Result<void> list_resets(Core& core, const EventSink& sink);

/// What others compare this device by, when it is new to them.
void tell_own_words(const Core& core, const EventSink& sink);

}  // namespace cercle::client
