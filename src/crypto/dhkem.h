// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: DHKEM, Diffie-Hellman as a KEM (RFC 9180 section 4.1).

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/kem_concept.h"

namespace cercle::crypto {

struct Dhkem {
    KemAlgorithm id;
    const Curve& curve;
    HashAlgorithm hash;  // of its own HKDF; as long as a digest is what it shares (Nsecret)

    [[nodiscard]] std::size_t public_key_size() const { return curve.element_size; }

    [[nodiscard]] std::size_t secret_size() const { return curve.scalar_size; }

    [[nodiscard]] std::size_t encapsulation_size() const { return curve.element_size; }

    [[nodiscard]] Secret derive(BytesView input) const;
    [[nodiscard]] Result<ExpandedKey> expand(BytesView secret) const;
    [[nodiscard]] Result<Encapsulated> encapsulate(BytesView public_key, Random& random) const;
    [[nodiscard]] Result<Secret> decapsulate(const ExpandedKey& key, BytesView encapsulation) const;
};

static_assert(Kem<Dhkem>);

}  // namespace cercle::crypto
