// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// ServerIdentity: the key by which a relay is known. An Ed25519 key in a certificate that it signed
// itself, without names: devices pin the key, and nothing else is ever looked at.

#include "base/random.h"
#include "base/secret.h"
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

    /// DER; made anew from the key at each load, always the same.
    [[nodiscard]] const Bytes& certificate() const { return certificate_; }

    [[nodiscard]] ServerIdentity copy() const;

    /// The raw private key, for this folder.
    [[nodiscard]] const Secret& seed() const { return seed_; }

  private:
    ServerIdentity(Secret seed, Bytes certificate, RelayKey key);

    [[nodiscard]] static ServerIdentity from_seed(Secret seed);

    Secret seed_;
    Bytes certificate_;
    RelayKey key_;
};

}  // namespace cercle::net
