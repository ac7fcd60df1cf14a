// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/private_file.h"

#include <cerrno>
#include <utility>
#include <vector>

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

Result<Descriptor> open_private_file(const fs::path& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) return refusal_of_errno();
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return refusal_of_errno();
    TRY_VOID(judge(status, S_IFREG));
    return file;
}

/// How much memory its content needs. Errors: too_large.
Result<std::size_t> size_within(const Descriptor& file, std::size_t most) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return refusal_of_errno();
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > most) return fail(Code::too_large, "a file is larger than it may be");
    return size;
}

Result<void> fill(const Descriptor& file, std::span<std::uint8_t> content) {
    TRY(const std::size_t got, read_up_to(file.number(), content));
    if (got != content.size()) return fail(Code::disk_fault, "a file shrank while it was read");
    return {};
}

/// Reads a file to its end, and gives each piece to `take`.
template <class Take>
Result<FileContent> read_through(const Descriptor& file, Take take) {
    constexpr std::size_t piece_size = std::size_t{1} << 18U;
    std::vector<std::uint8_t> piece(piece_size);
    crypto::RunningSha256 hash;
    FileContent content;
    while (true) {
        TRY(const std::size_t got, read_up_to(file.number(), piece));
        const BytesView read = BytesView(piece).first(got);
        hash.add(read);
        content.size += got;
        TRY_VOID(take(read));
        if (got < piece.size()) break;
    }
    content.digest = hash.digest();
    return content;
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
    TRY(const Descriptor file, open_private_file(path));
    TRY(const std::size_t size, size_within(file, most));
    Secret content(size);
    TRY_VOID(fill(file, content.expose()));
    return content;
}

Result<Bytes> read_private_bytes(const fs::path& path, std::size_t most) {
    TRY(const Descriptor file, open_private_file(path));
    TRY(const std::size_t size, size_within(file, most));
    Bytes content(size);
    TRY_VOID(fill(file, content));
    return content;
}

Result<FileContent> content_of_private_file(const fs::path& path) {
    TRY(const Descriptor file, open_private_file(path));
    return read_through(file, [](BytesView /*piece*/) -> Result<void> { return {}; });
}

Result<FileContent> copy_private_file(const fs::path& from, const fs::path& to) {
    TRY(const Descriptor source, open_private_file(from));
    const Descriptor target(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!target.is_open()) return refusal_of_errno();
    const auto copied = [&]() -> Result<FileContent> {
        TRY(const FileContent content, read_through(source, [&target](BytesView piece) {
                return write_all(target.number(), piece);
            }));
        if (::fsync(target.number()) != 0) return refusal_of_errno();
        TRY_VOID(sync_directory(directory_of(to)));
        return content;
    }();
    if (!copied.has_value()) static_cast<void>(::unlink(to.c_str()));
    return copied;
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
