// SPDX-License-Identifier: AGPL-3.0-or-later
#include "merkle/proof.h"

#include <algorithm>
#include <bit>

#include "merkle/range.h"

namespace cercle::merkle {
namespace {

std::unexpected<Error> refuse(std::source_location where = std::source_location::current()) {
    return fail(Code::forged, "a path that does not lead to the tree's root", where);
}

}  // namespace

// "PATH(m, D_n) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k; and
//  PATH(m, D_n) = PATH(m - k, D[k:n]) : MTH(D[0:k]) for m >= k"
Result<Path> prove_inclusion(LeafNumber leaf, TreeSize size, const Lookup& lookup) {
    if (leaf.value >= size.value) return fail(Code::invalid_argument, "a leaf beyond the tree");
    Path path;
    Range range{0, size.value};
    while (range.end - range.begin > 1) {
        const std::uint64_t middle = range.begin + left_part(range.end - range.begin);
        const bool left = leaf.value < middle;
        TRY(const Hash beside,
            hash_of(left ? Range{middle, range.end} : Range{range.begin, middle}, lookup));
        path.push_back(beside);
        (left ? range.end : range.begin) = middle;
    }
    std::ranges::reverse(path);
    return path;
}

// "SUBPROOF(m, D_m, true) = {}; SUBPROOF(m, D_m, false) = {MTH(D_m)};
//  for m <= k: SUBPROOF(m, D_n, b) = SUBPROOF(m, D[0:k], b) : MTH(D[k:n]);
//  for m > k: SUBPROOF(m, D_n, b) = SUBPROOF(m - k, D[k:n], false) : MTH(D[0:k])"
Result<Path> prove_consistency(TreeSize earlier, TreeSize later, const Lookup& lookup) {
    if (earlier > later) return fail(Code::invalid_argument, "a tree that is not the earlier one");
    Path path;
    if (earlier.value == 0) return path;
    Range range{0, later.value};
    while (range.end != earlier.value) {
        const std::uint64_t middle = range.begin + left_part(range.end - range.begin);
        const bool left = earlier.value <= middle;
        TRY(const Hash beside,
            hash_of(left ? Range{middle, range.end} : Range{range.begin, middle}, lookup));
        path.push_back(beside);
        (left ? range.end : range.begin) = middle;
    }
    if (range.begin != 0) {
        TRY(const Hash whole, hash_of(range, lookup));
        path.push_back(whole);
    }
    std::ranges::reverse(path);
    return path;
}

// 2.1.3.2, step by step.
Result<void> check_inclusion(const Hash& leaf,
                             LeafNumber number,
                             const Sight& tree,
                             const Path& path) {
    if (number.value >= tree.size.value) return refuse();
    std::uint64_t first = number.value;
    std::uint64_t second = tree.size.value - 1;
    Hash running = leaf;
    for (const Hash& beside : path) {
        if (second == 0) return refuse();
        if (first % 2 == 1 || first == second) {
            running = node_hash(beside, running);
            while (first % 2 == 0 && first != 0) {
                first >>= 1U;
                second >>= 1U;
            }
        } else {
            running = node_hash(running, beside);
        }
        first >>= 1U;
        second >>= 1U;
    }
    if (second != 0 || running != tree.root) return refuse();
    return {};
}

// 2.1.4.2, step by step; a tree of no leaves is the beginning of each.
Result<void> check_consistency(const Sight& earlier, const Sight& later, const Path& path) {
    if (earlier.size > later.size) return refuse();
    if (earlier.size == later.size || earlier.size.value == 0) {
        const Hash expected = earlier.size == later.size ? later.root : empty_root();
        if (!path.empty() || earlier.root != expected) return refuse();
        return {};
    }
    Path whole = path;
    if (std::has_single_bit(earlier.size.value)) whole.insert(whole.begin(), earlier.root);
    if (whole.empty()) return refuse();
    std::uint64_t first = earlier.size.value - 1;
    std::uint64_t second = later.size.value - 1;
    while (first % 2 == 1) {
        first >>= 1U;
        second >>= 1U;
    }
    Hash of_earlier = whole.front();
    Hash of_later = whole.front();
    for (std::size_t at = 1; at < whole.size(); ++at) {
        if (second == 0) return refuse();
        if (first % 2 == 1 || first == second) {
            of_earlier = node_hash(whole[at], of_earlier);
            of_later = node_hash(whole[at], of_later);
            while (first % 2 == 0 && first != 0) {
                first >>= 1U;
                second >>= 1U;
            }
        } else {
            of_later = node_hash(of_later, whole[at]);
        }
        first >>= 1U;
        second >>= 1U;
    }
    if (of_earlier != earlier.root || of_later != later.root || second != 0) return refuse();
    return {};
}

}  // namespace cercle::merkle
