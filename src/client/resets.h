// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Resets: devices of members who had one before, and devices with another key than before, which
// the officer alone vouches for. It is what
// becomes of a lost phone, and what an officer would do who wants to read along. So nothing goes to
// such a device before a person here has accepted its member again.

#include <vector>

#include "client/core.h"

namespace cercle::client::resets {

struct Reset {
    identity::DeviceId device;
    identity::MemberId member;
    WallTime at;
};

/// Before a page is taken: notes whoever comes by it and had another device. Our own member's
/// devices are no resets here; they are alarms (alarms.h).
[[nodiscard]] Result<void> note(Core& core,
                                store::Transaction& transaction,
                                const identity::DirectoryPage& page,
                                WallTime at);

/// Those that nobody has accepted here, of devices that are not lost again.
[[nodiscard]] Result<std::vector<Reset>> waiting(store::Database& database);

/// Whether such a device stands in a conversation: then nothing is closed in it.
[[nodiscard]] Result<bool> stands_in(Core& core, const Conversation& conversation);

[[nodiscard]] Result<bool> holds(Core& core, protocol::LogId log);

/// All of a member's devices so far are his. Errors: unknown (none waits).
[[nodiscard]] Result<void> accept(Core& core, identity::MemberId member);

}  // namespace cercle::client::resets
