// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/kept_leaf.h"

#include "base/check.h"

namespace cercle::mls {
namespace {

// What is kept was decoded before, so it decodes.
template <class T>
T known_to_decode(Result<T> result) {
    CHECK(result.has_value(), "a leaf that was decoded once does not decode");
    return *std::move(result);
}

void skip_vectors(codec::Reader& reader, int count) {
    for (; count > 0; --count)
        static_cast<void>(known_to_decode(reader.opaque()));
}

// struct { HPKEPublicKey encryption_key; SignaturePublicKey signature_key; Credential credential;
// Capabilities capabilities; LeafNodeSource leaf_node_source; ... } LeafNode;
// (RFC 9420 section 7.2), where a Credential is its type and a vector (section 5.3) and
// Capabilities are five vectors.

codec::Reader at_credential(BytesView leaf) {
    codec::Reader reader(leaf);
    skip_vectors(reader, 2);
    return reader;
}

codec::Reader at_capabilities(BytesView leaf) {
    codec::Reader reader = at_credential(leaf);
    static_cast<void>(known_to_decode(codec::read<CredentialType>(reader)));
    skip_vectors(reader, 1);
    return reader;
}

}  // namespace

BytesView KeptLeaf::encryption_key() const {
    codec::Reader reader(bytes_);
    return known_to_decode(reader.opaque());
}

BytesView KeptLeaf::signature_key() const {
    codec::Reader reader(bytes_);
    skip_vectors(reader, 1);
    return known_to_decode(reader.opaque());
}

CredentialType KeptLeaf::credential_type() const {
    codec::Reader reader = at_credential(bytes_);
    return known_to_decode(codec::read<CredentialType>(reader));
}

Capabilities KeptLeaf::capabilities() const {
    codec::Reader reader = at_capabilities(bytes_);
    return known_to_decode(codec::read<Capabilities>(reader));
}

LeafOrigin KeptLeaf::origin() const {
    codec::Reader reader = at_capabilities(bytes_);
    skip_vectors(reader, 5);
    return known_to_decode(codec::read<LeafOrigin>(reader));
}

Leaf KeptLeaf::open() const {
    return known_to_decode(codec::decode<Leaf>(bytes_));
}

Result<KeptLeaf> KeptLeaf::decode_from(codec::Reader& reader) {
    const BytesView before = reader.rest();
    TRY_VOID(codec::read<LeafNode>(reader));
    return KeptLeaf(to_bytes(reader.read_since(before)));
}

}  // namespace cercle::mls
