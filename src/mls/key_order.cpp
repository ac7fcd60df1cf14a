// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/key_order.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::mls {
namespace {

std::uint32_t prefix_of(BytesView key) {
    std::uint32_t prefix = 0;
    for (std::size_t at = 0; at < sizeof(prefix); ++at) {
        prefix = prefix << 8U | (at < key.size() ? key[at] : 0U);
    }
    return prefix;
}

}  // namespace

std::size_t KeyOrder::first_not_before(const RatchetTree& tree,
                                       BytesView key,
                                       NodeIndex node) const {
    const std::uint32_t prefix = prefix_of(key);
    const auto is_before = [&](const Place& place) {
        if (place.prefix != prefix) return place.prefix < prefix;
        const BytesView other = key_of_(tree, place.node);
        if (!std::ranges::equal(other, key)) {
            return std::ranges::lexicographical_compare(other, key);
        }
        return place.node < node;
    };
    const auto found = std::ranges::partition_point(places_, is_before);
    return static_cast<std::size_t>(found - places_.begin());
}

bool KeyOrder::is_at(const RatchetTree& tree, std::size_t at, BytesView key) const {
    return at < places_.size() && places_[at].prefix == prefix_of(key) &&
           std::ranges::equal(key_of_(tree, places_[at].node), key);
}

bool KeyOrder::is_beside(const RatchetTree& tree, std::size_t at, BytesView key) const {
    return is_at(tree, at, key) || (at > 0 && is_at(tree, at - 1, key));
}

void KeyOrder::insert(const RatchetTree& tree, NodeIndex node) {
    const BytesView key = key_of_(tree, node);
    const std::size_t at = first_not_before(tree, key, node);
    if (is_beside(tree, at, key)) ++repeats_;
    places_.insert(places_.begin() + static_cast<std::ptrdiff_t>(at), {prefix_of(key), node});
}

void KeyOrder::erase(const RatchetTree& tree, NodeIndex node) {
    const BytesView key = key_of_(tree, node);
    const std::size_t at = first_not_before(tree, key, node);
    CHECK(at < places_.size() && places_[at].node == node, "a node that is not in the order");
    places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(at));
    if (is_beside(tree, at, key)) --repeats_;
}

bool KeyOrder::contains(const RatchetTree& tree, BytesView key) const {
    return is_at(tree, first_not_before(tree, key, NodeIndex{0}), key);
}

}  // namespace cercle::mls
