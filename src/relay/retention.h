// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Retention: how long a relay keeps what it took, if nobody acknowledges it. Announced by the
// operator, who may set it; by the stamps that the relay itself gave.

#include <optional>

#include "relay/bounds.h"

namespace cercle::relay {

struct Retention {
    /// Of conversations and inboxes. Acknowledged by all, entries go earlier.
    Duration entries = bounds::entry_retention;
    /// Of recorded logs; nothing: for ever.
    std::optional<Duration> records{};
};

}  // namespace cercle::relay
