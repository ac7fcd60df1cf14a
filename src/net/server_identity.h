// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// ServerIdentity: the key by which a relay is known. An Ed25519 key in a certificate that it signed
// itself, without names: devices pin the key, and nothing else is ever looked at.

#include "base/random.h"
#include "base/secret.h"
#include "crypto/sign.h"
#include "net/address.h"

namespace cercle::net {

class ServerIdentity {
  public:
    [[nodiscard]] static ServerIdentity generate(Random& random);

    /// From the PEM of a PKCS #8 Ed25519 private key, as save() gives it. Errors: invalid_key.
    [[nodiscard]] static Result<ServerIdentity> load(BytesView pem);

    /// PEM, for a file of mode 0600 that the caller writes.
    [[nodiscard]] Secret save() const;

    [[nodiscard]] const RelayKey& key() const { return key_; }

    /// DER; made anew at each load: nobody looks at more of it than the key.
    [[nodiscard]] const Bytes& certificate() const { return certificate_; }

    [[nodiscard]] ServerIdentity copy() const;

    /// For this folder.
    [[nodiscard]] const crypto::SigningKey& signing_key() const { return signing_key_; }

  private:
    explicit ServerIdentity(crypto::SigningKey signing_key);

    crypto::SigningKey signing_key_;
    Bytes certificate_;
    RelayKey key_;
};

}  // namespace cercle::net
