// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Unlock shares in a SQLite file of their own, `shares.db`.

#include <memory>

#include "base/random.h"
#include "relay/share_tables.h"
#include "store/database.h"

namespace cercle::relay {

/// What docs/spec/unlock-share.md says in its Version line.
inline constexpr std::uint32_t share_store_version = 1;

/// Opens the store, or makes a new one, whose life `random` decides.
/// Errors: as Database::open and Database::migrate.
[[nodiscard]] Result<std::unique_ptr<ShareStore>> open_sqlite_shares(const store::Place& place,
                                                                     Random& random);

}  // namespace cercle::relay
