// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// ServerIdentity: the key by which a relay is known, an Ed25519 key, and the certificates in which
// it shows it. Devices pin the key. The certificate is one that the key has signed itself, without
// names; or one that an operator was given; or those by which an older key made this one its
// successor (succession.h), so that those who know the older one follow.

#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/sign.h"
#include "net/address.h"

namespace cercle::net {

class ServerIdentity {
  public:
    [[nodiscard]] static ServerIdentity generate(Random& random);

    /// From the PEM of a PKCS #8 Ed25519 private key, and what save() puts behind it, or nothing.
    /// Errors: invalid_key, certificate_invalid.
    [[nodiscard]] static Result<ServerIdentity> load(BytesView file);

    /// PEM, and a line that says which public key it has, so that damage shows; for a file of mode
    /// 0600 that the caller writes. With the certificates in which the key is shown where they say
    /// more than that it is the relay's.
    [[nodiscard]] Secret save() const;

    [[nodiscard]] const RelayKey& key() const { return key_; }

    /// DER, the key's own first. Unless given, one that is made anew at each load: nobody looks at
    /// more of it than the key.
    [[nodiscard]] const std::vector<Bytes>& certificates() const { return certificates_; }

    /// The same key in other certificates (PEM), of which the first is for it. Errors:
    /// certificate_invalid, invalid_key (it is for another key).
    [[nodiscard]] Result<ServerIdentity> showing(BytesView certificates) const;

    /// A new key, and the certificates by which this one makes it its successor.
    [[nodiscard]] ServerIdentity successor(Random& random) const;

    [[nodiscard]] ServerIdentity copy() const;

    /// For this folder, and for what a relay signs as itself.
    [[nodiscard]] const crypto::SigningKey& signing_key() const { return signing_key_; }

  private:
    ServerIdentity(crypto::SigningKey signing_key, std::vector<Bytes> certificates);

    crypto::SigningKey signing_key_;
    std::vector<Bytes> certificates_;
    RelayKey key_;
};

}  // namespace cercle::net
