// SPDX-License-Identifier: AGPL-3.0-or-later
#include "merkle/tree.h"

#include <bit>

#include "crypto/hash.h"
#include "merkle/range.h"

namespace cercle::merkle {
namespace {

constexpr std::array<std::uint8_t, 1> leaf_prefix{0x00};
constexpr std::array<std::uint8_t, 1> node_prefix{0x01};

}  // namespace

Hash leaf_hash(BytesView entry) {
    return {crypto::sha256({leaf_prefix, entry})};
}

Hash node_hash(const Hash& left, const Hash& right) {
    return {crypto::sha256({node_prefix, left.view(), right.view()})};
}

Hash empty_root() {
    return {crypto::sha256(BytesView{})};
}

Result<std::vector<StoredNode>> grow(TreeSize size, const Hash& leaf, const Lookup& lookup) {
    std::vector<StoredNode> complete{{{0, size.value}, leaf}};
    // As long as it is the right child of its parent, that is complete, too.
    while (complete.back().node.number % 2 == 1) {
        const auto [node, hash] = complete.back();
        TRY(const Hash left, lookup({node.level, node.number - 1}));
        complete.push_back(
            {{static_cast<std::uint8_t>(node.level + 1), node.number / 2}, node_hash(left, hash)});
    }
    return complete;
}

Result<Hash> hash_of(Range range, const Lookup& lookup) {
    const std::uint64_t size = range.end - range.begin;
    if (std::has_single_bit(size) && range.begin % size == 0) {
        return lookup({static_cast<std::uint8_t>(std::countr_zero(size)), range.begin / size});
    }
    const std::uint64_t middle = range.begin + left_part(size);
    TRY(const Hash left, hash_of({range.begin, middle}, lookup));
    TRY(const Hash right, hash_of({middle, range.end}, lookup));
    return node_hash(left, right);
}

Result<Hash> root_of(TreeSize size, const Lookup& lookup) {
    if (size.value == 0) return empty_root();
    return hash_of({0, size.value}, lookup);
}

}  // namespace cercle::merkle
