// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a guest may do: be shown the card's owner, write to him, and read what he writes. Everything
// else is refused (unsupported).

#include "client/guest.h"
#include "client/owner.h"

namespace cercle::client {

[[nodiscard]] net::Task<Outcome> perform_guest_command(Guest& guest,
                                                       Command command,
                                                       Waiting waiting,
                                                       const EventSink& sink);

/// The claim is at the relay, and its words are shown. Errors: invitation_spent, and why the relay
/// cannot be reached.
[[nodiscard]] net::Task<void> finish_claim(Guest& guest, Waiting waiting, const EventSink& sink);

}  // namespace cercle::client
