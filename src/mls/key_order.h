// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// KeyOrder: the nodes of a tree in the order of one of their keys, so that whether a key appears
// twice (RFC 9420 sections 7.3 and 12.4.2) costs a look and not a walk.
//
// Sorted rather than hashed: members choose their keys, and could choose those that collide.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "mls/tree_math.h"

namespace cercle::mls {

class RatchetTree;

/// Holds no keys: it asks the tree, where a node must have the key it came in with for as long as
/// it is in the order.
class KeyOrder {
  public:
    using KeyOf = BytesView (*)(const RatchetTree&, NodeIndex);

    explicit KeyOrder(KeyOf key_of)
        : key_of_(key_of) {}

    void insert(const RatchetTree& tree, NodeIndex node);
    void erase(const RatchetTree& tree, NodeIndex node);
    [[nodiscard]] bool contains(const RatchetTree& tree, BytesView key) const;

    /// Have two nodes the same key?
    [[nodiscard]] bool has_repeats() const { return repeats_ != 0; }

  private:
    // A key's first bytes nearly always decide, without a look at the node.
    struct Place {
        std::uint32_t prefix = 0;
        NodeIndex node;
    };

    [[nodiscard]] std::size_t first_not_before(const RatchetTree& tree,
                                               BytesView key,
                                               NodeIndex node) const;
    [[nodiscard]] bool is_at(const RatchetTree& tree, std::size_t at, BytesView key) const;
    // Given where it stands or would: one beside it.
    [[nodiscard]] bool is_beside(const RatchetTree& tree, std::size_t at, BytesView key) const;

    KeyOf key_of_;
    std::vector<Place> places_;
    std::size_t repeats_ = 0;
};

}  // namespace cercle::mls
