// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Changes: an intent to change who is in a conversation becomes a commit, and the commit a bundle
// at the relay.

#include "client/dispatch.h"

namespace cercle::client {

/// Plans the change against the group as it is, takes the key packages it needs, and stores the
/// staged commit beside the group before anybody sees it. A change that is done already, or that
/// cannot be done (no_key_package), leaves the outbox.
[[nodiscard]] net::Task<Progress> stage_change(Core& core,
                                               Session& session,
                                               protocol::LogId log,
                                               OutboxItem item);

/// Whose a key package is that was handed over. Errors: why it may not be added at present.
[[nodiscard]] Result<identity::Passport> owner_of_package(Core& core, BytesView message);

/// Stages a commit that changes nobody: it goes on from an epoch that garbage would have ended
/// (contest.h).
[[nodiscard]] Result<void> stage_renewal(Core& core, protocol::LogId log);

/// Stages a commit that takes out the leaves of devices that were reported lost (lost.h).
[[nodiscard]] Result<Progress> stage_eviction(Core& core, protocol::LogId log);

/// Gives up the staged commit for another: what it was to bring about is planned anew.
[[nodiscard]] Result<void> withdraw_pending(Core& core, protocol::LogId log);

/// Posts the stored bundle; reading the log then tells whether it won.
[[nodiscard]] net::Task<Progress> post_pending(Core& core, Session& session, protocol::LogId log);

}  // namespace cercle::client
