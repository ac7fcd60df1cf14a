// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Lost: the officer's one act against a lost device, and what has come of it (decision 46).

#include <vector>

#include "client/core.h"
#include "officer/register.h"

namespace cercle::officer {

/// One revocation, with the relay's order and the letters, in the transaction of the caller. A
/// device that came after the backup of a restored office, and never told its key at the relay, is
/// dropped by nobody there: the diary says so. Errors: those of the disk.
[[nodiscard]] Result<void> revoke(client::Core& core,
                                  store::Transaction& transaction,
                                  const AuthorityRow& authority,
                                  const client::PersonDevice& device);

/// In one transaction: a numbered revocation of each device, the relay's order to drop it, a page
/// for each of the directory's conversations and a letter to every inbox: it reaches also those who
/// do not see the member. The caller wakes courier and
/// office. Errors: not_found (the relay was never told of a device), and those of the disk.
[[nodiscard]] Result<void> report_lost(client::Core& core,
                                       const AuthorityRow& authority,
                                       const std::vector<client::PersonDevice>& devices);

/// How far the circle has come with a revocation, by what its devices have reported.
struct Spread {
    std::uint32_t devices = 0;  // that are to learn of it: all that are not revoked
    std::uint32_t told = 0;     // of these: hold it
    std::uint32_t done = 0;     // of these: have no conversation that a lost device stands in
    std::uint32_t pending = 0;  // conversations in which one still stands, as each of these counts

    [[nodiscard]] bool over() const { return done == devices; }

    friend bool operator==(const Spread&, const Spread&) = default;
};

[[nodiscard]] Result<Spread> spread_of(client::Core& core, identity::RevocationNumber number);

/// The revocation of a device; nothing if there is none.
[[nodiscard]] Result<std::optional<identity::RevocationNumber>> revocation_of(
    store::Database& database, identity::DeviceId device);

/// So many conversations of the officer's own contain that device.
[[nodiscard]] Result<std::uint32_t> conversations_with(client::Core& core,
                                                       identity::DeviceId device);

}  // namespace cercle::officer
