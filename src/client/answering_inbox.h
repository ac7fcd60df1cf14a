// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Answering inbox: what comes in a direct conversation about an answered card, of whichever side.
// On the trip of client/receive.

#include "client/core.h"

namespace cercle::client {

/// Errors: policy_violated (it is said elsewhere), revoked and held (by a device that is not to be
/// listened to), malformed and its kin, and those of the disk.
[[nodiscard]] Result<void> take_answering_word(Core& core,
                                               store::Transaction& transaction,
                                               const Conversation& conversation,
                                               const identity::Passport& author,
                                               BytesView body);

}  // namespace cercle::client
