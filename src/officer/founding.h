// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Founding: a circle comes into being in a vault. What the relay has to know of it follows as
// orders, like everything later.

#include "client/world.h"
#include "officer/register.h"

namespace cercle::officer {

/// A new authority, and the officer's own device as the circle's first. Errors: invalid_text (the
/// name), and those of the disk.
[[nodiscard]] Result<void> found_circle(client::World& world,
                                        store::Database& vault,
                                        const std::string& name,
                                        const std::string& relay,
                                        const identity::RelayFingerprint& relay_key);

}  // namespace cercle::officer
