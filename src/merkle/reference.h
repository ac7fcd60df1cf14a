// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Reference: RFC 9162 2.1 word by word, over a whole list, for comparing with. For tests.

#include <vector>

#include "merkle/proof.h"

namespace cercle::merkle::reference {

using Leaves = std::vector<Hash>;

inline Leaves part(const Leaves& all, std::size_t from, std::size_t to) {
    return {all.begin() + static_cast<std::ptrdiff_t>(from),
            all.begin() + static_cast<std::ptrdiff_t>(to)};
}

inline std::size_t split(std::size_t size) {
    std::size_t k = 1;
    while (2 * k < size)
        k *= 2;
    return k;
}

inline Hash mth(const Leaves& leaves) {
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves.front();
    const std::size_t k = split(leaves.size());
    return node_hash(mth(part(leaves, 0, k)), mth(part(leaves, k, leaves.size())));
}

inline Path path(std::size_t m, const Leaves& leaves) {
    if (leaves.size() == 1) return {};
    const std::size_t k = split(leaves.size());
    Path found = m < k ? path(m, part(leaves, 0, k)) : path(m - k, part(leaves, k, leaves.size()));
    found.push_back(m < k ? mth(part(leaves, k, leaves.size())) : mth(part(leaves, 0, k)));
    return found;
}

enum class Known : std::uint8_t { Yes, No };

inline Path subproof(std::size_t m, const Leaves& leaves, Known known) {
    if (m == leaves.size()) return known == Known::Yes ? Path{} : Path{mth(leaves)};
    const std::size_t k = split(leaves.size());
    Path found = m <= k ? subproof(m, part(leaves, 0, k), known)
                        : subproof(m - k, part(leaves, k, leaves.size()), Known::No);
    found.push_back(m <= k ? mth(part(leaves, k, leaves.size())) : mth(part(leaves, 0, k)));
    return found;
}

}  // namespace cercle::merkle::reference
