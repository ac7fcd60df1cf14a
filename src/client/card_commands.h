// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The owner's commands on cards, and on who claims them.

#include "client/owner.h"

namespace cercle::client {

[[nodiscard]] bool is_of_cards(const Command& command);

[[nodiscard]] net::Task<void> perform_card_command(Device& device,
                                                   Command command,
                                                   Waiting waiting,
                                                   const EventSink& sink);

/// "The card you gave to ... was used by someone else": once a card, however often that was, and
/// once more if it is still going on after a day.
[[nodiscard]] Result<void> tell_of_leaks(Core& core, const EventSink& sink);

}  // namespace cercle::client
