// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/resources.h"

#include <fstream>
#include <system_error>

#include <unistd.h>

namespace cercle::relayd {

std::uint64_t free_bytes(const std::filesystem::path& directory) {
    std::error_code error;
    const auto space = std::filesystem::space(directory, error);
    return error ? 0 : space.available;
}

std::uint64_t bytes_in(const std::filesystem::path& directory) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error);
         !error && at != std::filesystem::directory_iterator();
         at.increment(error)) {
        std::error_code gone;
        const auto size = at->file_size(gone);
        if (!gone) bytes += size;
    }
    return bytes;
}

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    file >> pages >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace cercle::relayd
