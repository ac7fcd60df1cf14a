// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Welcomes: letters in our inbox that take us into conversations. The end of the trip that begins
// in letters.h.
//
// Inbox and log are read one after the other. A letter that takes us in again may be found before
// the log has told that we were put out: it is kept until then, and what was said before we were
// put out is still read. So is one that is out of its time by this machine's clock.

#include "client/dispatch.h"

namespace cercle::client {

/// Becomes a conversation (Moved), is kept, or is known already. Errors: it is none that can be
/// followed.
[[nodiscard]] Result<Progress> take_welcome(Core& core,
                                            store::Transaction& transaction,
                                            const protocol::Entry& entry);

/// Tries those kept again to which no conversation is open here. Moved: one was taken.
[[nodiscard]] Result<Progress> take_kept_welcomes(Core& core);

/// Whether any is kept.
[[nodiscard]] Result<bool> are_welcomes_kept(Core& core);

}  // namespace cercle::client
