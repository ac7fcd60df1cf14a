// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/xwing.h"

#include "crypto/hash.h"
#include "crypto/ml_kem.h"
#include "crypto/raw_key.h"

namespace cercle::crypto::xwing {
namespace {

/// SHA3-256(ss_M || ss_X || ct_X || pk_X || XWingLabel)
Secret combine(const Secret& lattice,
               const Secret& curve,
               BytesView x25519_ciphertext,
               BytesView x25519_public_key) {
    constexpr std::string_view label = R"(\./)"
                                       R"(/^\)";
    return sha3_256(
        {lattice.reveal(), curve.reveal(), x25519_ciphertext, x25519_public_key, view_of(label)});
}

}  // namespace

KeyPair expand(BytesView seed) {
    Secret expanded = shake256({seed}, ml_kem::seed_size + 32);
    KeyPair pair;
    pair.lattice = ml_kem::from_seed(expanded.expose().first(ml_kem::seed_size));
    pair.curve = import_private("X25519", expanded.reveal().subspan(ml_kem::seed_size));
    pair.public_key = export_public(pair.lattice.get());
    append(pair.public_key, export_public(pair.curve.get()));
    return pair;
}

Result<Encapsulated> encapsulate(BytesView public_key, Random& random) {
    const BytesView x25519_public_key = public_key.subspan(ml_kem::public_key_size);
    TRY(const Pkey lattice, ml_kem::import_public(public_key.first(ml_kem::public_key_size)));
    TRY(const Pkey peer, import_public("X25519", x25519_public_key));

    // The order of EncapsulateDerand's randomness: ML-KEM's message, then the X25519 key.
    Secret randomness(64);
    random.fill(randomness.expose());
    const Pkey ephemeral = import_private("X25519", randomness.reveal().subspan(32));
    TRY(const Secret agreed, agree(ephemeral.get(), peer.get()));

    Bytes ciphertext;
    const Secret encapsulated =
        ml_kem::encapsulate(lattice.get(), randomness.expose().first(32), ciphertext);
    append(ciphertext, export_public(ephemeral.get()));
    Secret shared = combine(encapsulated,
                            agreed,
                            BytesView(ciphertext).subspan(ml_kem::ciphertext_size),
                            x25519_public_key);
    return Encapsulated{std::move(shared), std::move(ciphertext)};
}

Result<Secret> decapsulate(evp_pkey_st* lattice,
                           evp_pkey_st* curve,
                           BytesView public_key,
                           BytesView ciphertext) {
    const BytesView x25519_ciphertext = ciphertext.subspan(ml_kem::ciphertext_size);
    TRY(const Pkey peer, import_public("X25519", x25519_ciphertext));
    TRY(const Secret agreed, agree(curve, peer.get()));
    const Secret decapsulated =
        ml_kem::decapsulate(lattice, ciphertext.first(ml_kem::ciphertext_size));
    return combine(
        decapsulated, agreed, x25519_ciphertext, public_key.subspan(ml_kem::public_key_size));
}

}  // namespace cercle::crypto::xwing
