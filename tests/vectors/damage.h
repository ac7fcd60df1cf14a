// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What is authentic as a whole must be refused in every damaged form.

#include <algorithm>
#include <cstddef>

#include <catch2/catch_test_macros.hpp>

#include "base/bytes.h"

namespace cercle::vectors {

/// Cuts at every length, flips every bit, adds a byte at the end; `accepts(bytes)` tells whether
/// what is tested would believe the result.
template <class Accepts>
void require_damage_refused(const Bytes& original, const Accepts& accepts) {
    REQUIRE(accepts(original));
    for (std::size_t size = 0; size < original.size(); ++size) {
        if (accepts(to_bytes(BytesView(original).first(size)))) {
            FAIL_CHECK("accepted when cut to " << size << " of " << original.size() << " bytes");
        }
    }
    for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
        Bytes damaged = original;
        damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
        if (accepts(damaged)) FAIL_CHECK("accepted with bit " << bit << " flipped");
    }
    Bytes longer(original.size() + 1);
    std::ranges::copy(original, longer.begin());
    if (accepts(longer)) FAIL_CHECK("accepted with a byte more");
}

}  // namespace cercle::vectors
