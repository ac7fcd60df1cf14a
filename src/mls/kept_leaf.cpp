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

}  // namespace

// struct { HPKEPublicKey encryption_key; SignaturePublicKey signature_key; Credential credential;
// ... } LeafNode; a Credential begins with its type (RFC 9420 sections 5.3 and 7.2).

BytesView KeptLeaf::encryption_key() const {
    codec::Reader reader(bytes_);
    return known_to_decode(reader.opaque());
}

BytesView KeptLeaf::signature_key() const {
    codec::Reader reader(bytes_);
    static_cast<void>(known_to_decode(reader.opaque()));
    return known_to_decode(reader.opaque());
}

CredentialType KeptLeaf::credential_type() const {
    codec::Reader reader(bytes_);
    static_cast<void>(known_to_decode(reader.opaque()));
    static_cast<void>(known_to_decode(reader.opaque()));
    return known_to_decode(codec::read<CredentialType>(reader));
}

Leaf KeptLeaf::open() const {
    return known_to_decode(codec::decode<Leaf>(bytes_));
}

}  // namespace cercle::mls
