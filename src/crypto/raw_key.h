// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: from raw key bytes to OpenSSL's handles and back.

#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

inline constexpr std::size_t p256_scalar_size = 32;
inline constexpr std::size_t p256_point_size = 65;

/// "X25519", "ED25519" or "ML-KEM-768", as in the next three. Errors: invalid_key.
[[nodiscard]] Result<Pkey> import_public(const char* type, BytesView bytes);
/// Any 32 bytes are a private key of the first two.
[[nodiscard]] Pkey import_private(const char* type, BytesView bytes);
[[nodiscard]] Bytes export_public(evp_pkey_st* key);

/// Between 1 and the order of the group less one, found out in constant time.
[[nodiscard]] bool is_p256_scalar(BytesView scalar);
/// Of a scalar that is one: the uncompressed point.
[[nodiscard]] Bytes p256_public_of(BytesView scalar);
[[nodiscard]] Pkey import_p256_private(BytesView scalar, BytesView point);
/// Uncompressed points only. Errors: invalid_key.
[[nodiscard]] Result<Pkey> import_p256_public(BytesView point);

/// Diffie-Hellman: 32 bytes for both of our curves. Errors: invalid_key, for a peer whose result
/// is the neutral element (X25519's all-zero one).
[[nodiscard]] Result<Secret> agree(evp_pkey_st* own, evp_pkey_st* peer);

/// The same key under another owner.
[[nodiscard]] Pkey share(const Pkey& key);

}  // namespace cercle::crypto
