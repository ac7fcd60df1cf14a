// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Status and verify: what can be said of a relay. While it serves, status is what it answers, and
// verify waits for another time.

#include <filesystem>

#include <nlohmann/json.hpp>

#include "apps/relayd/data_directory.h"
#include "apps/relayd/outcome.h"
#include "relay/log.h"

namespace cercle::relayd {

/// Incarnation, whether a circle has claimed it, and counts. Errors: those of the disk.
[[nodiscard]] Result<nlohmann::ordered_json> status_of(relay::LogTables& tables);

/// A JSON object with all of it.
[[nodiscard]] Exit print_status(const std::filesystem::path& path, const AnchorPath& anchor);

/// Reads everything; Exit::Done only if all of it can be true.
[[nodiscard]] Exit verify_all(const std::filesystem::path& path, const AnchorPath& anchor);

}  // namespace cercle::relayd
