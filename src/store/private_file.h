// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Files that are nobody else's business: directories of mode 0700, files of mode 0600, owned by
// this user, never reached through a symbolic link. What is open to others is refused, not
// repaired: somebody may have read it already.

#include <cstddef>
#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/hash.h"

namespace cercle::store {

/// Makes the directory (its parent must exist), or checks the one that is there; an empty one is
/// closed to others first.
/// Errors: permissions, disk_full, disk_fault.
Result<void> make_private_directory(const std::filesystem::path& path);

/// Closes a directory to others if nothing lies in it: nobody can have read anything there.
void close_empty_directory(const std::filesystem::path& path);

/// Errors: permissions, not_found, disk_fault.
[[nodiscard]] Result<void> check_private_directory(const std::filesystem::path& path);

/// A file in a private directory; harmless if it is missing. Errors: permissions, disk_fault.
[[nodiscard]] Result<void> check_private_file(const std::filesystem::path& path);

/// Makes an empty file of mode 0600 where there is none.
Result<void> make_private_file(const std::filesystem::path& path);

/// Whole or not at all, and on disk when it returns; replaces an earlier one.
Result<void> write_private_file(const std::filesystem::path& path, BytesView content);

/// Errors: not_found, permissions, too_large (over `most` bytes), disk_fault.
[[nodiscard]] Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t most);

/// The same into ordinary memory: for what is no secret, or longer than locked memory has room for.
[[nodiscard]] Result<Bytes> read_private_bytes(const std::filesystem::path& path, std::size_t most);

/// What a file held when it was read from end to end.
struct FileContent {
    std::uint64_t size = 0;
    crypto::Digest digest{};  // SHA-256

    friend bool operator==(const FileContent&, const FileContent&) = default;
};

/// Errors: not_found, permissions, disk_fault.
[[nodiscard]] Result<FileContent> content_of_private_file(const std::filesystem::path& path);

/// Into a new file (mode 0600), on disk when it returns; says what was copied. A copy that fails
/// half-way goes away. Errors: not_found, already_exists, permissions, disk_full, disk_fault.
[[nodiscard]] Result<FileContent> copy_private_file(const std::filesystem::path& from,
                                                    const std::filesystem::path& to);

/// One process owns a directory: held until destroyed, or until the process ends, however.
class DirectoryLock {
  public:
    /// Through the file `lock` in it. Errors: busy, permissions, disk_fault.
    [[nodiscard]] static Result<DirectoryLock> take(const std::filesystem::path& directory);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;
    ~DirectoryLock();

  private:
    explicit DirectoryLock(int descriptor)
        : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace cercle::store
