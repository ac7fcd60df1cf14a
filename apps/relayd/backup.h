// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Backup and restore, as an operator asks for them (decision 26; docs/spec/relay-store.md).

#include <filesystem>

#include "apps/relayd/outcome.h"
#include "apps/relayd/settings.h"

namespace cercle::relayd {

/// Of a relay that serves, or of one that does not. `target` is missing or empty.
[[nodiscard]] Exit back_up(const Settings& settings, const std::filesystem::path& target);

/// Into a data directory that is missing or empty.
[[nodiscard]] Exit restore(const Settings& settings, const std::filesystem::path& backup);

}  // namespace cercle::relayd
