// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/disk.h"

#include "store/private_file.h"

namespace cercle::store {

bool SystemDisk::has(const std::filesystem::path& path) const {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

Result<void> SystemDisk::write(const std::filesystem::path& path, BytesView content) {
    return write_private_file(path, content);
}

Result<Secret> SystemDisk::read(const std::filesystem::path& path, std::size_t most) const {
    return read_private_file(path, most);
}

Result<Bytes> SystemDisk::read_bytes(const std::filesystem::path& path, std::size_t most) const {
    return read_private_bytes(path, most);
}

void SystemDisk::remove(const std::filesystem::path& path) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
}

}  // namespace cercle::store
