// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Strong types for names and positions: a member's id cannot be passed where a device's is
// wanted, nor an epoch where a sequence number is.

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace cercle {

/// `size` opaque bytes, printed as lowercase hex: `using MemberId = Id<struct MemberTag>;`
template <class Tag, std::size_t Size = 16>
struct Id {
    static constexpr std::size_t size = Size;
    std::array<std::uint8_t, Size> bytes{};

    friend auto operator<=>(const Id&, const Id&) = default;

    [[nodiscard]] BytesView view() const { return bytes; }

    [[nodiscard]] std::string hex() const { return to_hex(bytes); }

    [[nodiscard]] static Id random(Random& source) {
        Id id;
        source.fill(id.bytes);
        return id;
    }

    /// Nothing unless `view` has exactly the id's size.
    [[nodiscard]] static std::optional<Id> from(BytesView view) {
        if (view.size() != Size) return std::nullopt;
        Id id;
        std::ranges::copy(view, id.bytes.begin());
        return id;
    }

    [[nodiscard]] static std::optional<Id> from_hex(std::string_view text) {
        const auto bytes = cercle::from_hex(text);
        return bytes ? from(*bytes) : std::nullopt;
    }
};

/// A count or position with a meaning: `using Epoch = Number<struct EpochTag>;`
template <class Tag, class Representation = std::uint64_t>
struct Number {
    using representation = Representation;
    Representation value = 0;

    friend auto operator<=>(const Number&, const Number&) = default;

    [[nodiscard]] Number next() const { return {static_cast<Representation>(value + 1)}; }

    /// Of what is not the first.
    [[nodiscard]] Number before() const { return {static_cast<Representation>(value - 1)}; }
};

}  // namespace cercle

template <class Tag, std::size_t Size>
struct std::hash<cercle::Id<Tag, Size>> {
    std::size_t operator()(const cercle::Id<Tag, Size>& id) const {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(id.bytes.data()), Size});
    }
};
