// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/parent_node.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::mls {
namespace {

// A node is only made of what decodes.
BytesView next_in(codec::Reader& head) {
    const Result<BytesView> found = head.opaque();
    CHECK(found.has_value(), "a kept parent node that does not decode");
    return *found;
}

}  // namespace

ParentNode::ParentNode(BytesView encryption_key, BytesView parent_hash) {
    codec::Writer writer;
    writer.opaque(encryption_key);
    writer.opaque(parent_hash);
    head_ = to_bytes(writer.bytes());
}

BytesView ParentNode::encryption_key() const {
    codec::Reader reader(head_);
    return next_in(reader);
}

BytesView ParentNode::parent_hash() const {
    codec::Reader reader(head_);
    static_cast<void>(next_in(reader));
    return next_in(reader);
}

ParentNode ParentNode::with_unmerged(LeafIndex leaf) const {
    ParentNode changed = *this;
    changed.unmerged_leaves_.insert(std::ranges::lower_bound(changed.unmerged_leaves_, leaf), leaf);
    return changed;
}

void ParentNode::encode_to(codec::Writer& writer) const {
    writer.raw(head_);
    codec::write(writer, unmerged_leaves_);
}

Result<ParentNode> ParentNode::decode_from(codec::Reader& reader) {
    const BytesView before = reader.rest();
    TRY_VOID(reader.opaque());
    TRY_VOID(reader.opaque());
    ParentNode node;
    node.head_ = to_bytes(reader.read_since(before));
    TRY(node.unmerged_leaves_, codec::read<std::vector<LeafIndex>>(reader));
    return node;
}

}  // namespace cercle::mls
