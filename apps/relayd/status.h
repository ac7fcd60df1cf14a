// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Status and verify: what can be said of a relay that is not serving at the moment.

#include <filesystem>

#include "apps/relayd/outcome.h"

namespace cercle::relayd {

/// A JSON object with counts; while the relay serves, only that it does.
[[nodiscard]] Exit print_status(const std::filesystem::path& path);

/// Reads everything; Exit::Done only if all of it can be true.
[[nodiscard]] Exit verify_all(const std::filesystem::path& path);

}  // namespace cercle::relayd
