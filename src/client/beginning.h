// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Beginning: what a device makes of a log that begins behind what it has read of it. The relay
// keeps entries for as long as it has announced; who comes later has missed them, and is told so,
// and goes on. No more is believed than that something is missing: a relay that only says so
// withholds it.

#include "client/core.h"
#include "protocol/frames.h"

namespace cercle::client {

/// Leaves a gap in the timeline, with its reason, and reads on from where the log begins: whatever
/// chain the next entry stands in is then the one that is gone on with. Nothing, if nothing is
/// missing. Errors: those of the disk.
Result<void> take_beginning(Core& core, protocol::LogId log, const protocol::Opened& opened);

/// The same of this device's inbox, where there is no timeline: its diary says it.
Result<void> take_beginning_of_inbox(Core& core, const protocol::Opened& opened);

}  // namespace cercle::client
