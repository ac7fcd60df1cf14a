// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/private_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/descriptor.h"

namespace cercle::store {
namespace {

namespace fs = std::filesystem;

Result<void> judge(const struct stat& status, mode_t kind) {
    if ((status.st_mode & S_IFMT) != kind) {
        return fail(Code::permissions, "something else stands where a file or directory should");
    }
    if (status.st_uid != ::geteuid()) {
        return fail(Code::permissions, "a file or directory belongs to another user");
    }
    if ((status.st_mode & 077U) != 0) {
        return fail(Code::permissions,
                    "a file or directory is open to other users; mode 0700 or 0600 is needed");
    }
    return {};
}

}  // namespace

Result<void> make_private_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(directory_of(path));
    if (errno != EEXIST) return refusal_of_errno();
    close_empty_directory(path);
    return check_private_directory(path);
}

void close_empty_directory(const fs::path& path) {
    std::error_code error;
    if (fs::is_empty(path, error) && !error) static_cast<void>(::chmod(path.c_str(), 0700));
}

Result<void> check_private_directory(const fs::path& path) {
    struct stat status{};
    if (::stat(path.empty() ? "." : path.c_str(), &status) != 0) return refusal_of_errno();
    return judge(status, S_IFDIR);
}

Result<void> check_private_file(const fs::path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return refusal_of_errno();
    }
    return judge(status, S_IFREG);
}

Result<void> make_private_file(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return refusal_of_errno();
    return sync_directory(directory_of(path));
}

Result<void> write_private_file(const fs::path& path, BytesView content) {
    TRY_VOID(check_private_file(path));
    fs::path fresh = path;
    fresh += ".new";
    {
        const Descriptor file(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file.is_open()) return refusal_of_errno();
        TRY_VOID(write_all(file.number(), content));
        if (::fsync(file.number()) != 0) return refusal_of_errno();
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) return refusal_of_errno();
    return sync_directory(directory_of(path));
}

Result<Secret> read_private_file(const fs::path& path, std::size_t most) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) return refusal_of_errno();
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return refusal_of_errno();
    TRY_VOID(judge(status, S_IFREG));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > most) return fail(Code::too_large, "a file is larger than it may be");
    Secret content(size);
    TRY(const std::size_t got, read_up_to(file.number(), content.expose()));
    if (got != content.size()) return fail(Code::disk_fault, "a file shrank while it was read");
    return content;
}

Result<DirectoryLock> DirectoryLock::take(const fs::path& directory) {
    const fs::path path = directory / "lock";
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return refusal_of_errno();
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(Code::busy, "another process is using this directory");
        }
        return refusal_of_errno();
    }
    return DirectoryLock(file.release());
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace cercle::store
