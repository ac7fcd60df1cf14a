// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// ParentNode: a node of the ratchet tree above its leaves (RFC 9420 section 7.1).
//
// Its key and its parent hash are kept as they travel and are hashed, in one piece: a tree of a
// thousand has a thousand of them, and reads them seldom.

#include <vector>

#include "codec/tls.h"
#include "mls/tree_math.h"

namespace cercle::mls {

/// struct { HPKEPublicKey encryption_key; opaque parent_hash<V>; uint32 unmerged_leaves<V>; }
/// ParentNode;
class ParentNode {
  public:
    /// Without unmerged leaves.
    ParentNode(BytesView encryption_key, BytesView parent_hash);

    [[nodiscard]] BytesView encryption_key() const;
    [[nodiscard]] BytesView parent_hash() const;

    /// Both as they are encoded: what ParentNode and ParentHashInput begin with.
    [[nodiscard]] BytesView encoded_head() const { return head_; }

    [[nodiscard]] const std::vector<LeafIndex>& unmerged_leaves() const { return unmerged_leaves_; }

    /// The same with one more unmerged leaf, in its place.
    [[nodiscard]] ParentNode with_unmerged(LeafIndex leaf) const;

    void encode_to(codec::Writer& writer) const;
    /// Errors: malformed, not_canonical.
    [[nodiscard]] static Result<ParentNode> decode_from(codec::Reader& reader);

  private:
    ParentNode() = default;

    Bytes head_;
    std::vector<LeafIndex> unmerged_leaves_;
};

}  // namespace cercle::mls
