// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Watch: what a program that stays is told: everything there is, and from then on whatever
// changes. Beside the trip: it only looks at what the others have stored.

#include "client/owner.h"

namespace cercle::client {

/// Until cancelled. Errors: those of the disk, closing.
[[nodiscard]] net::Task<void> watch(Device& device, Watch command, const EventSink& sink);

/// Errors: unknown (no such conversation).
[[nodiscard]] Result<void> mark_read(Core& core, const MarkRead& command);

/// Errors: unknown (neither a conversation nor a member), invalid_text, too_large.
[[nodiscard]] Result<void> keep_draft(Core& core, const KeepDraft& command);

/// A person hears once that the officer's machine is not heard of (client/daily.h).
[[nodiscard]] Result<void> warn_if_late(Core& core, const EventSink& sink);

/// Who this device is, whether it is online, and how much waits.
[[nodiscard]] Result<Status> status_of(Device& device);

}  // namespace cercle::client
