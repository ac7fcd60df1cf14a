// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Range: some leaves in a row, which the recursions of RFC 9162 2.1 go down along. Private to this
// folder.

#include <bit>

#include "merkle/tree.h"

namespace cercle::merkle {

/// From `begin` up to but without `end`; never empty.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// "the largest power of two smaller than n", for n > 1.
[[nodiscard]] inline std::uint64_t left_part(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

/// MTH(D[begin:end]).
[[nodiscard]] Result<Hash> hash_of(Range range, const Lookup& lookup);

}  // namespace cercle::merkle
