// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: a file descriptor with an owner, and what errno says as an error.

#include <filesystem>
#include <source_location>
#include <utility>

#include <unistd.h>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::store {

class Descriptor {
  public:
    explicit Descriptor(int number)
        : number_(number) {}

    Descriptor(Descriptor&& other) noexcept
        : number_(other.release()) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) Descriptor(std::move(other)).swap(*this);
        return *this;
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    [[nodiscard]] int number() const { return number_; }

    [[nodiscard]] bool is_open() const { return number_ >= 0; }

    [[nodiscard]] int release() { return std::exchange(number_, -1); }

  private:
    void swap(Descriptor& other) { std::swap(number_, other.number_); }

    int number_;
};

/// What the system call that has just failed means.
[[nodiscard]] std::unexpected<Error> refusal_of_errno(
    std::source_location where = std::source_location::current());

Result<void> sync_directory(const std::filesystem::path& path);

Result<void> write_all(int file, BytesView content);

/// Fills `target`, or less of it at the end of the file; how much.
[[nodiscard]] Result<std::size_t> read_up_to(int file, std::span<std::uint8_t> target);

/// Where a file lies; "." for a bare name.
[[nodiscard]] std::filesystem::path directory_of(const std::filesystem::path& path);

}  // namespace cercle::store
