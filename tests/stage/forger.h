// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Forger: who can forge Ed25519 and nothing else, as with a quantum computer: he has found a
// circle's private key of that kind in its root certificate. For tests of several folders: no
// Catch2.

#include <algorithm>

#include "crypto/certificate.h"
#include "crypto/sign.h"
#include "identity/passport.h"
#include "tests/must.h"

namespace cercle::stage {

/// Signs as the genuine authority does, with a second key of his own in the other's place; and
/// certifies as it does, since certificates are of Ed25519 alone. His own root, which nobody asked
/// for, has both keys.
inline identity::Authority forger_of(const identity::Authority& genuine, Random& random) {
    constexpr std::size_t key_size = 32;
    const Secret both = genuine.secret();
    const auto found = must(crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                                            both.reveal().first(key_size)));
    const auto own = crypto::SigningKey::generate(crypto::SignatureAlgorithm::MlDsa65, random);
    const Bytes root = must(crypto::make_root_certificate(
        found, "Cercle root", genuine.root().certificate().validity, random, own.public_key()));
    Secret secret(2 * key_size);
    std::ranges::copy(found.secret().reveal(), secret.expose().begin());
    std::ranges::copy(own.secret().reveal(), secret.expose().subspan(key_size).begin());
    return must(identity::Authority::from(root, secret.reveal()));
}

}  // namespace cercle::stage
