// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/padding.h"

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

}  // namespace cercle::envelope
