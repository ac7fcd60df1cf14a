// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Joining: the newcomer's way from an invitation to a device of the circle (identity/enrolment.h
// draws the five steps). Each step's bytes are stored before they are sent, so that joining
// again with the same invitation, after a crash or a long wait, goes on where it was.

#include <functional>
#include <string>

#include "client/api_events.h"
#include "client/core.h"
#include "client/owner.h"
#include "client/session.h"
#include "identity/invitation.h"

namespace cercle::client {

/// Where an attended invitation needs a person: what this device's person reads out.
using ShowRequest = std::function<void(const RequestShown&)>;

/// Steps 0 to 3: afterwards the vault knows who this device is, and its contact list is full.
/// Until `waiting`'s deadline; but if no time was asked for, as soon as the words are shown, for as
/// long as the invitation lives, and then a relay that goes away is waited for.
/// Errors: invitation_*, code_needed, invitation_spent (whatever the relay refuses),
/// home_taken, unreachable_peer, deadline_passed (nobody has answered yet), certificate_*.
[[nodiscard]] net::Task<void> join_circle(World& world,
                                          store::Database& database,
                                          std::string invitation,
                                          std::string code,
                                          Waiting waiting,
                                          ShowRequest show);

/// Whether a vault's device has joined by this invitation: then joining again is harmless.
/// Errors: home_taken.
[[nodiscard]] Result<void> check_joined_by(store::Database& database,
                                           const std::string& invitation);

/// Step 4, if it has not been done: what lets the officer add this device to the directory's
/// conversation. Harmless when there is nothing to do.
[[nodiscard]] net::Task<void> finish_joining(Core& core, net::Deadline deadline);

}  // namespace cercle::client
