// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Identity: which key a relay shows, and how it is replaced (decision 29). Its own, in `relay.key`
// of the data directory, or the one of the settings `key` and `certificate`.

#include <filesystem>

#include "apps/relayd/settings.h"
#include "net/server_identity.h"

namespace cercle::relayd {

/// The relay's own. Errors: not_found, permissions, invalid_key (none, or one that everybody has),
/// certificate_invalid, disk_fault.
[[nodiscard]] Result<net::ServerIdentity> own_identity(const std::filesystem::path& data);

/// What the settings say. Errors: the same.
[[nodiscard]] Result<net::ServerIdentity> identity_of(const Settings& settings);

/// The relay's own key makes a new one its successor, which takes its place in one step. The
/// directory is the caller's. Errors: unsupported (the settings give the key), and the same.
[[nodiscard]] Result<net::RelayKey> rotate_key(const Settings& settings);

}  // namespace cercle::relayd
