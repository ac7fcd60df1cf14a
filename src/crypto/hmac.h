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

    Hmac& add(BytesView part);

    /// Writes the tag; `target` has the digest's size. Only restart() may follow.
    void finish(std::span<std::uint8_t> target);

    /// Begins another tag with the key that was taken in already: a quarter of the work of a new
    /// Hmac, most of which is OpenSSL's looking after its contexts.
    Hmac& restart();

  private:
    MacContext context_;
};

}  // namespace cercle::crypto
