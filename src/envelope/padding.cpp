// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/padding.h"

#include <bit>

namespace cercle::envelope {

std::size_t size_class(std::size_t size) {
    constexpr std::size_t smallest = 256;
    constexpr std::size_t largest = std::size_t{64} << 10U;
    std::size_t padded = smallest;
    while (padded < size && padded < largest)
        padded *= 4;
    if (padded >= size) return padded;
    return (size + largest - 1) / largest * largest;
}

std::uint64_t padme(std::uint64_t count) {
    if (count < 2) return count;
    const auto exponent = static_cast<std::uint64_t>(std::bit_width(count)) - 1;
    const auto kept = static_cast<std::uint64_t>(std::bit_width(exponent));
    const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept)) - 1;
    return (count + mask) & ~mask;
}

}  // namespace cercle::envelope
