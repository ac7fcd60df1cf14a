// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Resources: what the process and its disk have at the moment, as the system tells it.

#include <cstdint>
#include <filesystem>

namespace cercle::relayd {

/// On the disk of this directory, for this user; 0 if it cannot be told.
[[nodiscard]] std::uint64_t free_bytes(const std::filesystem::path& directory);

/// Of all files in it.
[[nodiscard]] std::uint64_t bytes_in(const std::filesystem::path& directory);

/// Of this process; 0 if it cannot be told.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace cercle::relayd
