// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Letters: the Welcomes that our commits owe to the devices they took in. A letter waits in the
// vault from the moment the commit is ours in the log, and leaves it when the relay has called it
// durable in the device's inbox.
//
// The relay's no ends none of them: whoever stands in a group and has no Welcome is in it and
// hears nothing. A refused letter stays, is tried again later, and keeps no other from going.

#include <optional>

#include "client/dispatch.h"

namespace cercle::client {

/// Puts the next waiting letter into its inbox. Moved as well when the relay refuses it, which
/// core.refused_letters says from then on.
[[nodiscard]] net::Task<Progress> deposit_next(Core& core, Session& session);

/// Whether none waits any more, of one conversation or of any. Errors: why the relay refuses all
/// that still wait.
[[nodiscard]] Result<bool> are_letters_delivered(Core& core, std::optional<protocol::LogId> log);

}  // namespace cercle::client
