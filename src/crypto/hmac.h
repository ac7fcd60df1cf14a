// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: HMAC (RFC 2104) over several parts, so that a secret part need not be
// copied next to the others.

#include "crypto/hash.h"
#include "crypto/openssl.h"

namespace cercle::crypto {

class Hmac {
  public:
    Hmac(HashAlgorithm algorithm, BytesView key);
    /// One that goes on from here by itself: the key was taken in for both.
    Hmac(const Hmac& other);
    Hmac(Hmac&&) noexcept = default;
    Hmac& operator=(const Hmac&) = delete;
    Hmac& operator=(Hmac&&) = delete;
    ~Hmac() = default;

    Hmac& add(BytesView part);

    /// Writes the tag; `target` has the digest's size. The last call.
    void finish(std::span<std::uint8_t> target);

  private:
    MacContext context_;
};

}  // namespace cercle::crypto
