// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card post: what the relay has still to be told of this device's cards, and what it tells of them.
// Beside client/dispatch; each step may be interrupted anywhere, and done again.

#include "client/dispatch.h"

namespace cercle::client {

/// Does the next thing. The relay's no ends nothing: core.refused_cards says so until everything
/// is looked at again.
[[nodiscard]] net::Task<Progress> post_for_cards(Core& core, Session& session);

/// Whether all that there is to tell of that card is told. Errors: why it is refused.
[[nodiscard]] Result<bool> is_card_told(Core& core, const protocol::CardId& card);

/// How often cards are looked at because of misuse, however often it is told.
inline constexpr Duration pause_between_looks = std::chrono::hours{1};

/// The person wants to see the counts now.
void look_at_cards_again(Core& core);

}  // namespace cercle::client
