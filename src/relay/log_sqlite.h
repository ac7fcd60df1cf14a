// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The store of logs in one SQLite file: the default, for one process and one data directory.

#include <memory>

#include "base/random.h"
#include "relay/log.h"
#include "store/database.h"

namespace cercle::relay {

/// What docs/spec/relay-store.md says in its Version line.
inline constexpr std::uint32_t store_version = 6;

/// Opens the store, or makes a new one, whose incarnation `random` decides. Unlock shares are kept
/// if there are any given, with which it does no more than pass them on. Errors: as Database::open
/// and Database::migrate.
[[nodiscard]] Result<std::unique_ptr<LogStore>> open_sqlite_store(
    const store::Place& place, Random& random, std::unique_ptr<UnlockShares> shares = nullptr);

}  // namespace cercle::relay
