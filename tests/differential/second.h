// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A second provider of the primitives, written by others than OpenSSL's: Botan 3. Tests only. What
// both compute from the same input must be the same, and what one makes the other must take
// (docs/decisions/0020-a-second-provider.md). Names of algorithms are Botan's.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace cercle::second {

[[nodiscard]] Bytes hash(const std::string& algorithm, BytesView message);
[[nodiscard]] Bytes hmac(const std::string& hash, BytesView key, BytesView message);
[[nodiscard]] Bytes hkdf_extract(const std::string& hash, BytesView salt, BytesView input);
[[nodiscard]] Bytes hkdf_expand(const std::string& hash,
                                BytesView key,
                                BytesView info,
                                std::size_t size);

/// "AES-128/GCM", "AES-256/GCM" or "ChaCha20Poly1305".
[[nodiscard]] Bytes aead_encrypt(const std::string& algorithm,
                                 BytesView key,
                                 BytesView nonce,
                                 BytesView associated,
                                 BytesView plaintext);
[[nodiscard]] std::optional<Bytes> aead_decrypt(const std::string& algorithm,
                                                BytesView key,
                                                BytesView nonce,
                                                BytesView associated,
                                                BytesView ciphertext);

/// "X25519", "X448", or a curve as "secp256r1". Public keys of the latter are uncompressed.
[[nodiscard]] Bytes public_key(const std::string& curve, BytesView secret);
/// Nothing where the peer's key is refused.
[[nodiscard]] std::optional<Bytes> agree(const std::string& curve,
                                         BytesView secret,
                                         BytesView peer);

/// "Ed25519", "Ed448", "ML-DSA-4x4" to "ML-DSA-8x7" (secrets are seeds), or ECDSA by its curve,
/// with the hash that belongs to it. All of them deterministic.
[[nodiscard]] Bytes signing_public_key(const std::string& algorithm, BytesView secret);
[[nodiscard]] Bytes sign(const std::string& algorithm, BytesView secret, BytesView message);
[[nodiscard]] bool verify(const std::string& algorithm,
                          BytesView public_key,
                          BytesView message,
                          BytesView signature);

/// "ML-KEM-512" to "ML-KEM-1024"; a secret is a seed, d || z.
struct Encapsulated {
    Bytes shared;
    Bytes ciphertext;
};

[[nodiscard]] Bytes lattice_public_key(const std::string& parameters, BytesView seed);
/// Nothing where the key is refused. Its randomness follows from `seed`.
[[nodiscard]] std::optional<Encapsulated> encapsulate(const std::string& parameters,
                                                      BytesView public_key,
                                                      BytesView seed);
[[nodiscard]] Bytes decapsulate(const std::string& parameters,
                                BytesView seed,
                                BytesView ciphertext);

}  // namespace cercle::second
