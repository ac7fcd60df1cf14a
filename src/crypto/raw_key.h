// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: from raw key bytes to OpenSSL's handles and back. Points of NIST's curves
// take another way: crypto/curve.h.

#include <span>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

/// A type by OpenSSL's name, such as "X25519" or "ML-KEM-768". Errors: invalid_key.
[[nodiscard]] Result<Pkey> import_public(const char* type, BytesView bytes);
/// Of X25519, X448, ED25519 and ED448, where any bytes of the right size are a private key.
/// A key in another form may be none. Errors: invalid_key.
[[nodiscard]] Result<Pkey> import_private(const char* type, BytesView bytes);
/// Of ML-KEM (64 bytes, d || z) and ML-DSA (32 bytes). Generating with a given seed costs half of
/// importing the same key.
[[nodiscard]] Pkey from_seed(const char* type, std::span<std::uint8_t> seed);
[[nodiscard]] Bytes export_public(evp_pkey_st* key);

/// The same key under another owner.
[[nodiscard]] Pkey share(const Pkey& key);

}  // namespace cercle::crypto
