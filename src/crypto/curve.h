// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: the curves on which two keys agree on a secret, one row each. X25519 and
// X448 take any bytes of the right size for a key (RFC 7748); of NIST's three a private key is a
// number below the order, and a public one an uncompressed point (RFC 9180 section 7.1.1).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

struct Curve {
    const char* name;        // OpenSSL's, as in the next line
    int identifier;          // 0 for a curve of RFC 7748
    std::string_view order;  // big-endian, of as many bytes as a scalar; empty likewise
    std::size_t scalar_size;
    std::size_t element_size;
    std::size_t shared_size;
    std::uint8_t top_mask;  // cuts the first byte of a random candidate to the order's bits

    [[nodiscard]] bool is_prime_curve() const { return identifier != 0; }

    /// Of the right size: between 1 and the order less one, found out in constant time.
    [[nodiscard]] bool is_scalar(BytesView scalar) const;
    /// Of a scalar that is one.
    [[nodiscard]] Pkey import_scalar(BytesView scalar) const;
    [[nodiscard]] Bytes element_of(evp_pkey_st* key) const;
    /// Errors: invalid_key.
    [[nodiscard]] Result<Pkey> import_element(BytesView element) const;
    /// Diffie-Hellman: `shared_size` bytes. Errors: invalid_key, for a peer whose result is the
    /// neutral element (X25519's all-zero one).
    [[nodiscard]] Result<Secret> agree(evp_pkey_st* own, evp_pkey_st* peer) const;
};

extern const Curve x25519;
extern const Curve x448;
extern const Curve p256;
extern const Curve p384;
extern const Curve p521;

}  // namespace cercle::crypto
