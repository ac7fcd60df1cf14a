// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// KeptLeaf: a leaf as a tree keeps it, which is the bytes it came in and nothing else.
//
// A tree of a thousand is mostly hashed and counted; what a leaf says in full is asked of few. What
// is asked of all is found in the bytes, the rest is decoded when somebody asks.

#include "mls/leaf_node.h"

namespace cercle::mls {

class KeptLeaf {
  public:
    explicit KeptLeaf(const Leaf& leaf)
        : bytes_(leaf.bytes()) {}

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

    [[nodiscard]] BytesView encryption_key() const;
    [[nodiscard]] BytesView signature_key() const;
    [[nodiscard]] CredentialType credential_type() const;
    [[nodiscard]] Capabilities capabilities() const;
    [[nodiscard]] LeafOrigin origin() const;

    /// All of it.
    [[nodiscard]] Leaf open() const;

    void encode_to(codec::Writer& writer) const { writer.raw(bytes_); }

    /// Of what decodes as a LeafNode, and with its errors.
    [[nodiscard]] static Result<KeptLeaf> decode_from(codec::Reader& reader);

  private:
    explicit KeptLeaf(Bytes bytes)
        : bytes_(std::move(bytes)) {}

    Bytes bytes_;
};

}  // namespace cercle::mls
