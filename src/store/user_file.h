// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Files of the person's own, outside of any home: one that is sent, and one that is received. The
// first and the last station of an attachment's trip.
//
// A received file grows beside its place, under its name with ".part" behind it, and takes its name
// only when it is whole: what stands under the name is never half a file, and nothing that stood
// there before is written over.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::store {

/// A file that is read once, from its beginning to its end.
class SourceFile {
  public:
    /// Follows symbolic links. Errors: not_found, permissions, invalid_argument (a directory, or
    /// something else that is no file), disk_fault.
    [[nodiscard]] static Result<SourceFile> open(const std::filesystem::path& path);

    SourceFile(SourceFile&&) noexcept;
    SourceFile& operator=(SourceFile&&) noexcept;
    ~SourceFile();

    /// When it was opened.
    [[nodiscard]] std::uint64_t size() const;

    /// The next `most` bytes; fewer at the end, none behind it. Errors: disk_fault.
    [[nodiscard]] Result<Bytes> read(std::size_t most);

    /// Whether it has the size and the time of change that it had when it was opened.
    [[nodiscard]] Result<bool> is_unchanged() const;

  private:
    struct State;

    explicit SourceFile(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// Whether a file can get this name. Errors: already_exists, not_found (its directory is missing),
/// invalid_argument, permissions.
[[nodiscard]] Result<void> check_vacant(const std::filesystem::path& target);

/// A file on its way to `target`. Mode 0600.
class PartFile {
  public:
    enum class Found : std::uint8_t { Nothing, Part };

    /// Where it grows.
    [[nodiscard]] static std::filesystem::path place_of(const std::filesystem::path& target);

    /// The part that lies there, or a new one. Errors: busy (another process is at it), permissions
    /// (what lies there is open to others, or no file), not_found (no such directory), disk_*.
    [[nodiscard]] static Result<PartFile> open(const std::filesystem::path& target);

    PartFile(PartFile&&) noexcept;
    PartFile& operator=(PartFile&&) noexcept;
    ~PartFile();

    [[nodiscard]] Found found() const;

    /// Tells this file from whatever else comes to stand under its name: its number on the disk,
    /// and when it was made, since numbers are given out again. Who writes other words into this
    /// very file does not change it. Errors: disk_fault.
    [[nodiscard]] Result<Bytes> mark() const;

    [[nodiscard]] Result<std::uint64_t> size() const;
    /// Up to `most` bytes from `offset` on.
    [[nodiscard]] Result<Bytes> read(std::uint64_t offset, std::size_t most) const;
    /// Cuts off what lies behind `size`.
    Result<void> cut(std::uint64_t size);
    /// Errors: disk_full, disk_fault; part of it may be there then.
    Result<void> append(BytesView bytes);
    /// On disk when it returns.
    Result<void> sync();

    /// On disk and under its name. Errors: already_exists (the part stays; or another file has come
    /// to stand in its place, and stays too), disk_*.
    Result<void> publish() &&;
    /// Takes the part away, if it still stands in its place.
    void discard() &&;

  private:
    struct State;

    explicit PartFile(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::store
