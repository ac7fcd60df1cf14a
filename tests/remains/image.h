// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The image of this process: all memory it can write to, heap, stacks, statics and the locked slab,
// read through /proc/self/mem as whoever holds a core image, or the running machine, reads it.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/remains/witness.h"

namespace cercle::remains {

/// The slab: the only memory that is locked.
inline constexpr std::string_view locked_memory = "locked memory";

/// Where a secret was found: its index among those looked for, and what kind of memory it was.
struct Find {
    std::size_t index;
    std::string place;

    friend auto operator<=>(const Find&, const Find&) = default;
};

struct Search {
    std::set<Find> finds;
    std::size_t bytes_read = 0;
};

/// Ends the test program if the memory cannot be read.
[[nodiscard]] Search search_memory(const std::vector<Masked>& secrets);

/// The indices of those that stand in `stored`.
[[nodiscard]] std::set<std::size_t> search_bytes(const std::vector<Masked>& secrets,
                                                 BytesView stored);

}  // namespace cercle::remains
