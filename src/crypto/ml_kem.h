// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: ML-KEM (FIPS 203) and, over it alone, the KEMs of draft-ietf-hpke-pq
// section 3. A private key is the 64-byte seed d || z.

#include <cstddef>
#include <span>

#include "crypto/kem_concept.h"

namespace cercle::crypto {

/// A parameter set of FIPS 203.
struct Lattice {
    static constexpr std::size_t seed_size = 64;
    static constexpr std::size_t message_size = 32;

    const char* name;  // OpenSSL's
    std::size_t public_key_size;
    std::size_t ciphertext_size;

    /// From d || z.
    [[nodiscard]] Pkey from_seed(std::span<std::uint8_t> seed) const;

    /// With the modulus check of FIPS 203 section 7.2. Errors: invalid_key.
    [[nodiscard]] Result<Pkey> import_public(BytesView bytes) const;

    /// ML-KEM.Encaps_internal: what is encapsulated follows from `message`, which is random and
    /// used once. Fills `ciphertext`.
    [[nodiscard]] Secret encapsulate(evp_pkey_st* key,
                                     std::span<std::uint8_t> message,
                                     Bytes& ciphertext) const;

    /// Of a ciphertext of the right size; a wrong one gives another secret (section 6.3, implicit
    /// rejection).
    [[nodiscard]] static Secret decapsulate(evp_pkey_st* key, BytesView ciphertext);
};

inline constexpr Lattice ml_kem_768{
    .name = "ML-KEM-768", .public_key_size = 1184, .ciphertext_size = 1088};
inline constexpr Lattice ml_kem_1024{
    .name = "ML-KEM-1024", .public_key_size = 1568, .ciphertext_size = 1568};

struct MlKem {
    KemAlgorithm id;
    Lattice lattice;

    [[nodiscard]] std::size_t public_key_size() const { return lattice.public_key_size; }

    [[nodiscard]] std::size_t secret_size() const { return Lattice::seed_size; }

    [[nodiscard]] std::size_t encapsulation_size() const { return lattice.ciphertext_size; }

    [[nodiscard]] Secret derive(BytesView input) const;
    [[nodiscard]] Result<ExpandedKey> expand(BytesView secret) const;
    [[nodiscard]] Result<Encapsulated> encapsulate(BytesView public_key, Random& random) const;
    [[nodiscard]] Result<Secret> decapsulate(const ExpandedKey& key, BytesView encapsulation) const;
};

static_assert(Kem<MlKem>);

}  // namespace cercle::crypto
