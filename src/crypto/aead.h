// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Authenticated encryption (RFC 5116): ciphertext is plaintext || 16-byte tag.

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace cercle::crypto {

enum class AeadAlgorithm : std::uint8_t { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };

inline constexpr std::size_t aead_nonce_size = 12;
inline constexpr std::size_t aead_tag_size = 16;

[[nodiscard]] std::size_t aead_key_size(AeadAlgorithm algorithm);

/// `key` and `nonce` of the algorithm's sizes; a (key, nonce) pair is used once, ever.
[[nodiscard]] Bytes aead_encrypt(AeadAlgorithm algorithm,
                                 BytesView key,
                                 BytesView nonce,
                                 BytesView associated,
                                 BytesView plaintext);

/// Errors: forged, whatever was wrong (a short ciphertext too).
[[nodiscard]] Result<Bytes> aead_decrypt(AeadAlgorithm algorithm,
                                         BytesView key,
                                         BytesView nonce,
                                         BytesView associated,
                                         BytesView ciphertext);

/// The same in the ciphertext's own memory: for what is long.
[[nodiscard]] Result<Bytes> aead_decrypt_in_place(AeadAlgorithm algorithm,
                                                  BytesView key,
                                                  BytesView nonce,
                                                  BytesView associated,
                                                  Bytes ciphertext);

/// The same for a plaintext that is a secret: it never touches ordinary memory.
[[nodiscard]] Result<Secret> aead_decrypt_secret(AeadAlgorithm algorithm,
                                                 BytesView key,
                                                 BytesView nonce,
                                                 BytesView associated,
                                                 BytesView ciphertext);

}  // namespace cercle::crypto
