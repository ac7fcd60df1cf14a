// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Lost letters: what the officer says of lost devices to each inbox, beside the directory's
// conversation, and what devices report back to him: counts, never which conversations. The end of
// lost.h that talks to others (docs/spec/revocation.md).

#include "client/dispatch.h"
#include "client/lost.h"

namespace cercle::client::lost {

/// A letter in our inbox that is no Welcome: a revocation, or, at the officer's, a report. Errors:
/// it is neither.
[[nodiscard]] Result<void> take_word(Core& core,
                                     store::Transaction& transaction,
                                     const protocol::Entry& entry);

/// Puts the revocation among the letters to every device that is not revoked, our own aside.
[[nodiscard]] Result<void> write_to_all(Core& core,
                                        store::Transaction& transaction,
                                        const identity::SignedRevocation& revocation);

/// Puts what has changed since the last report among the letters to the officer. Idle: nothing has.
[[nodiscard]] Result<Progress> report(Core& core);

/// What one device has reported last, at the officer's.
struct Reported {
    identity::DeviceId device;
    identity::RevocationNumber held;
    std::uint32_t done = 0;
    std::uint32_t pending = 0;
};

[[nodiscard]] Result<std::vector<Reported>> reports(store::Database& database);

}  // namespace cercle::client::lost
