// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Secret: bytes that nobody else may read.
//
// Fixed in size from birth (growing would leave copies behind), kept in locked memory, wiped at
// its end, compared in constant time, and unprintable. Moving leaves an empty one behind;
// copying and looking inside have names that grep finds: copy() and reveal().

#include <cstddef>
#include <format>
#include <span>

#include "base/bytes.h"

namespace cercle {

class Secret {
  public:
    /// An empty one.
    Secret() = default;
    /// Of `size` zero bytes, to be written through expose().
    explicit Secret(std::size_t size);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    /// Moves bytes in from ordinary memory, which is wiped.
    [[nodiscard]] static Secret absorb(std::span<std::uint8_t> source);
    /// A duplicate of bytes that stay where they are; for what lies in a store or a frame.
    [[nodiscard]] static Secret copy_of(BytesView source);

    [[nodiscard]] Secret copy() const { return copy_of(reveal()); }

    /// For reading, as long as this lives and is not moved.
    [[nodiscard]] BytesView reveal() const { return {memory_, size_}; }

    /// For writing, likewise.
    [[nodiscard]] std::span<std::uint8_t> expose() { return {memory_, size_}; }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// In constant time, lengths included.
    friend bool operator==(const Secret& left, const Secret& right) {
        return equal_in_constant_time(left.reveal(), right.reveal());
    }

  private:
    void release();

    std::uint8_t* memory_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace cercle

/// A Secret cannot be formatted, hence not printed.
template <>
struct std::formatter<cercle::Secret> {
    formatter() = delete;
};
