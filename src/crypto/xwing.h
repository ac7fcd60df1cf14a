// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: X-Wing, the hybrid of ML-KEM-768 and X25519 whose secret stays one as
// long as either of the two holds (draft-connolly-cfrg-xwing-kem). What kem.h calls it through
// checks all sizes first.

#include "base/random.h"
#include "crypto/kem.h"
#include "crypto/ml_kem.h"

namespace cercle::crypto::xwing {

inline constexpr std::size_t seed_size = 32;
inline constexpr std::size_t public_key_size = ml_kem::public_key_size + 32;
inline constexpr std::size_t ciphertext_size = ml_kem::ciphertext_size + 32;

struct KeyPair {
    Pkey lattice;
    Pkey curve;
    Bytes public_key;
};

/// The key pair that a seed stands for.
[[nodiscard]] KeyPair expand(BytesView seed);

/// Errors: invalid_key.
[[nodiscard]] Result<Encapsulated> encapsulate(BytesView public_key, Random& random);

/// Errors: invalid_key, for an all-zero X25519 result. A wrong ML-KEM half is not an error: it
/// gives another secret (FIPS 203 section 6.3, implicit rejection).
[[nodiscard]] Result<Secret> decapsulate(evp_pkey_st* lattice,
                                         evp_pkey_st* curve,
                                         BytesView public_key,
                                         BytesView ciphertext);

}  // namespace cercle::crypto::xwing
