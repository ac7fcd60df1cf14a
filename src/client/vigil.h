// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Vigil: what every directory page is asked before it is believed, and what a person is warned of
// by it. On the trip between identity/directory.h and client/people.h.

#include "client/core.h"

namespace cercle::client::vigil {

/// A newcomer's first page, with the whole log: later ones have to go on from it.
/// Errors: directory_forked (it says what is not in the log that it brings).
[[nodiscard]] Result<void> begin(store::Transaction& transaction,
                                 const identity::DirectoryPage& page);

/// Behind: it goes on from pages that were kept from this device, so that what it says of members
/// cannot be compared with the log.
enum class Belief : std::uint8_t { Believed, Behind, Refused };

/// The same of a further part of it: whether it is to be believed. If not, an alarm is raised. What
/// was said of this device's own member before it came in is no news to him.
[[nodiscard]] Result<Belief> judge_first(store::Transaction& transaction,
                                         const identity::DirectoryPage& page,
                                         WallTime at);

/// Whether a page is to be believed. If not, or if it says something of this device's own member
/// that he has not asked for, an alarm is raised; whose further device comes by it is noted.
[[nodiscard]] Result<Belief> judge(Core& core,
                                   store::Transaction& transaction,
                                   const identity::DirectoryPage& page,
                                   WallTime at);

/// A member's message says how he knows the circle. `at` is by this device's clock: for how long it
/// has been behind is no matter of what a relay says.
[[nodiscard]] Result<void> hear(store::Transaction& transaction,
                                identity::DeviceId device,
                                const envelope::CircleHead& circle,
                                WallTime at);

/// Now and then: raises an alarm if others have known more for days.
[[nodiscard]] Result<void> look(Core& core);

}  // namespace cercle::client::vigil
