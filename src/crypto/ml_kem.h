// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: ML-KEM-768 (FIPS 203).

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto::ml_kem {

inline constexpr std::size_t seed_size = 64;
inline constexpr std::size_t message_size = 32;
inline constexpr std::size_t public_key_size = 1184;
inline constexpr std::size_t ciphertext_size = 1088;

/// From d || z. Generating with a given seed costs half of importing the same key.
[[nodiscard]] Pkey from_seed(std::span<std::uint8_t> seed);

/// With the modulus check of FIPS 203 section 7.2. Errors: invalid_key.
[[nodiscard]] Result<Pkey> import_public(BytesView bytes);

/// ML-KEM.Encaps_internal: what is encapsulated follows from `message`, which is random and used
/// once. Fills `ciphertext`.
[[nodiscard]] Secret encapsulate(evp_pkey_st* key,
                                 std::span<std::uint8_t> message,
                                 Bytes& ciphertext);

/// Of a ciphertext of the right size; a wrong one gives another secret (section 6.3, implicit
/// rejection).
[[nodiscard]] Secret decapsulate(evp_pkey_st* key, BytesView ciphertext);

}  // namespace cercle::crypto::ml_kem
