// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: hybrids of ML-KEM and a curve, whose secret stays one as long as either
// of the two holds (draft-irtf-cfrg-concrete-hybrid-kems, as draft-ietf-hpke-pq section 4 takes
// them into HPKE). The one with X25519 is X-Wing (draft-connolly-cfrg-xwing-kem). A private key is
// a 32-byte seed of both halves.

#include <string_view>

#include "crypto/curve.h"
#include "crypto/ml_kem.h"

namespace cercle::crypto {

struct HybridKem {
    KemAlgorithm id;
    const Lattice& lattice;
    const Curve& curve;
    std::string_view label;
    std::size_t scalar_seed_size;  // Nseed of the curve: candidates for a scalar, side by side

    [[nodiscard]] std::size_t public_key_size() const {
        return lattice.public_key_size + curve.element_size;
    }

    [[nodiscard]] std::size_t secret_size() const { return 32; }

    [[nodiscard]] std::size_t encapsulation_size() const {
        return lattice.ciphertext_size + curve.element_size;
    }

    [[nodiscard]] Secret derive(BytesView input) const;
    [[nodiscard]] Result<ExpandedKey> expand(BytesView secret) const;
    [[nodiscard]] Result<Encapsulated> encapsulate(BytesView public_key, Random& random) const;
    /// A wrong ML-KEM half is not an error: it gives another secret (FIPS 203 section 6.3, implicit
    /// rejection).
    [[nodiscard]] Result<Secret> decapsulate(const ExpandedKey& key, BytesView encapsulation) const;
};

static_assert(Kem<HybridKem>);

}  // namespace cercle::crypto
