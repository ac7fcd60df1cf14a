// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/private_file.h"

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cercle::store {
namespace {

namespace fs = std::filesystem;

class Descriptor {
  public:
    explicit Descriptor(int number)
        : number_(number) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    [[nodiscard]] int number() const { return number_; }

    [[nodiscard]] bool is_open() const { return number_ >= 0; }

    [[nodiscard]] int release() { return std::exchange(number_, -1); }

  private:
    int number_;
};

std::unexpected<Error> refusal_of_errno(
    std::source_location where = std::source_location::current()) {
    switch (errno) {
        case ENOENT:
        case ENOTDIR:
            return fail(Code::not_found, "no such file or directory", where);
        case ENOSPC:
        case EDQUOT:
            return fail(Code::disk_full, "the disk is full", where);
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

Result<void> sync_directory(const fs::path& path) {
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

fs::path directory_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
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
    std::size_t at = 0;
    while (at < content.size()) {
        const ssize_t got =
            ::read(file.number(), content.expose().data() + at, content.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refusal_of_errno();
        if (got == 0) return fail(Code::disk_fault, "a file shrank while it was read");
        at += static_cast<std::size_t>(got);
    }
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
