// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Renewal: before a device's certificate ends, the officer makes another one for the same key and
// spreads it in a page of the directory. Here the device takes it as its own: its next commits
// carry it into its leaves, and its key packages at the relay make way for new ones. Nobody
// notices; it only has to be there once in the sixty days before the old one ends.

#include "client/core.h"
#include "client/session.h"

namespace cercle::client {

/// A certificate for this device, from a page of the officer's. One that is not newer changes
/// nothing. Everything that has to follow is put into the vault with it. Errors:
/// certificate_invalid (it is for another key, or makes somebody else of this device).
[[nodiscard]] Result<void> take_certificate(Core& core,
                                            store::Transaction& transaction,
                                            BytesView certificate);

/// Whether this device's leaf still shows another certificate than its newest.
[[nodiscard]] bool shows_old_certificate(const Core& core, const mls::Group& group);

/// This device's next commit there shows its newest certificate, and there will be one.
[[nodiscard]] Result<void> show_certificate(Core& core,
                                            store::Transaction& transaction,
                                            protocol::LogId log);

/// Takes back from the relay the key packages that show an older certificate. Nothing, mostly.
[[nodiscard]] net::Task<void> take_back_packages(Core& core, Session& session);

/// When this device's certificate ends. Errors: certificate_invalid.
[[nodiscard]] Result<WallTime> certified_until(const Self& self);

}  // namespace cercle::client
