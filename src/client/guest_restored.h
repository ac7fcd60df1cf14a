// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Guest restored: what restored.h is to a device, to who holds a card. A relay that was restored,
// and has said so under its key, may have forgotten a claim and answers that were read. Letters
// stand for themselves: nothing is given back, the claim alone is made once more.

#include "client/beside.h"
#include "client/guest_file.h"
#include "client/session.h"
#include "client/world.h"

namespace cercle::client::guest_restored {

/// At a session's start: takes a new incarnation that the relay's key has signed. One that is not
/// signed is left alone. Errors: those of the connection and of our disk.
[[nodiscard]] net::Task<void> look_at_incarnation(World& world,
                                                  store::Database& database,
                                                  Session& session);

/// The answers, as they were opened, are read on from where the former life's end is now, once in
/// each of the relay's lives.
[[nodiscard]] net::Task<void> rewind_answers(World& world,
                                             store::Database& database,
                                             Session& session,
                                             protocol::Opened opened);

}  // namespace cercle::client::guest_restored
