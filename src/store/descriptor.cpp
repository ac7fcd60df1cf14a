// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/descriptor.h"

#include <cerrno>

#include <fcntl.h>

namespace cercle::store {

std::unexpected<Error> refusal_of_errno(std::source_location where) {
    switch (errno) {
        case ENOENT:
        case ENOTDIR:
            return fail(Code::not_found, "no such file or directory", where);
        case ENOSPC:
        case EDQUOT:
            return fail(Code::disk_full, "the disk is full", where);
        case EFBIG:
            return fail(Code::disk_full, "a file would be larger than it may be here", where);
        case ENAMETOOLONG:
            return fail(Code::invalid_argument, "a file's name is too long", where);
        case EISDIR:
            return fail(Code::invalid_argument, "a directory stands where a file should", where);
        case EACCES:
        case EPERM:
        case EROFS:
            return fail(Code::permissions, "a file or directory may not be used", where);
        case ELOOP:
            return fail(Code::permissions, "a symbolic link stands where a file should", where);
        default:
            return fail(Code::disk_fault, "the disk failed", where);
    }
}

Result<void> sync_directory(const std::filesystem::path& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || ::fsync(directory.number()) != 0) return refusal_of_errno();
    return {};
}

Result<void> write_all(int file, BytesView content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return refusal_of_errno();
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::size_t> read_up_to(int file, std::span<std::uint8_t> target) {
    std::size_t at = 0;
    while (at < target.size()) {
        const ssize_t got = ::read(file, target.data() + at, target.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refusal_of_errno();
        if (got == 0) break;
        at += static_cast<std::size_t>(got);
    }
    return at;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace cercle::store
