// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Disk: where a device's files lie: the operating system's, or a simulator's (simulated_disk.h).
// Databases reach it through SQLite, by the name that vfs() gives; the few other files by the
// calls here. All files are nobody else's business, as private_file.h says.

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/database.h"

namespace cercle::store {

class Disk {
  public:
    Disk() = default;
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;
    virtual ~Disk() = default;

    /// SQLite's name for it; empty: the operating system's.
    [[nodiscard]] virtual std::string vfs() const = 0;

    [[nodiscard]] virtual bool has(const std::filesystem::path& path) const = 0;

    /// Whole or not at all, and on disk when it returns; replaces an earlier one.
    /// Errors: permissions, disk_full, disk_fault.
    virtual Result<void> write(const std::filesystem::path& path, BytesView content) = 0;

    /// Errors: not_found, permissions, too_large (over `most` bytes), disk_fault.
    [[nodiscard]] virtual Result<Secret> read(const std::filesystem::path& path,
                                              std::size_t most) const = 0;

    /// The same for what is no secret, such as a file that is sealed: into ordinary memory.
    [[nodiscard]] virtual Result<Bytes> read_bytes(const std::filesystem::path& path,
                                                   std::size_t most) const = 0;

    /// Harmless if it is not there.
    virtual void remove(const std::filesystem::path& path) = 0;

    [[nodiscard]] Place place(std::filesystem::path path) const { return {std::move(path), vfs()}; }
};

class SystemDisk final : public Disk {
  public:
    [[nodiscard]] std::string vfs() const override { return {}; }

    [[nodiscard]] bool has(const std::filesystem::path& path) const override;
    Result<void> write(const std::filesystem::path& path, BytesView content) override;
    [[nodiscard]] Result<Secret> read(const std::filesystem::path& path,
                                      std::size_t most) const override;
    [[nodiscard]] Result<Bytes> read_bytes(const std::filesystem::path& path,
                                           std::size_t most) const override;
    void remove(const std::filesystem::path& path) override;
};

}  // namespace cercle::store
