// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Commands: what api.h offers, done on an opened device. All but Join, which makes one.

#include "client/owner.h"

namespace cercle::client {

[[nodiscard]] net::Task<Outcome> perform_command(Device& device,
                                                 Command command,
                                                 Waiting waiting,
                                                 const EventSink& sink);

}  // namespace cercle::client
