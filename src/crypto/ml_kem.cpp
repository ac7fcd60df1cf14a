// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/ml_kem.h"

#include <openssl/core_names.h>

#include "crypto/labeled.h"
#include "crypto/openssl.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {

Pkey Lattice::from_seed(std::span<std::uint8_t> seed) const {
    return crypto::from_seed(name, seed);
}

Result<Pkey> Lattice::import_public(BytesView bytes) const {
    return crypto::import_public(name, bytes);
}

Secret Lattice::encapsulate(evp_pkey_st* key,
                            std::span<std::uint8_t> message,
                            Bytes& ciphertext) const {
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, message.data(), message.size()),
        OSSL_PARAM_construct_end(),
    };
    Secret shared(32);
    std::size_t size = shared.size();
    ciphertext.resize(ciphertext_size);
    std::size_t written = ciphertext.size();
    CHECK(context && EVP_PKEY_encapsulate_init(context.get(), parameters) == 1 &&
              EVP_PKEY_encapsulate(
                  context.get(), ciphertext.data(), &written, shared.expose().data(), &size) == 1 &&
              written == ciphertext.size() && size == shared.size(),
          "ML-KEM cannot encapsulate to a key that it took");
    return shared;
}

Secret Lattice::decapsulate(evp_pkey_st* key, BytesView ciphertext) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    Secret shared(32);
    std::size_t size = shared.size();
    CHECK(context && EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1 &&
              EVP_PKEY_decapsulate(context.get(),
                                   shared.expose().data(),
                                   &size,
                                   ciphertext.data(),
                                   ciphertext.size()) == 1 &&
              size == shared.size(),
          "ML-KEM cannot decapsulate a ciphertext of the right size");
    return shared;
}

Secret MlKem::derive(BytesView input) const {
    return labeled_derive(kem_suite_id(id), input, "DeriveKeyPair", Lattice::seed_size);
}

Result<ExpandedKey> MlKem::expand(BytesView secret) const {
    Secret seed = Secret::copy_of(secret);
    ExpandedKey key;
    key.lattice = lattice.from_seed(seed.expose());
    key.public_key = export_public(key.lattice.get());
    return key;
}

Result<Encapsulated> MlKem::encapsulate(BytesView public_key, Random& random) const {
    TRY(const Pkey peer, lattice.import_public(public_key));
    Secret message(Lattice::message_size);
    random.fill(message.expose());
    Bytes ciphertext;
    Secret shared = lattice.encapsulate(peer.get(), message.expose(), ciphertext);
    return Encapsulated{std::move(shared), std::move(ciphertext)};
}

Result<Secret> MlKem::decapsulate(const ExpandedKey& key, BytesView encapsulation) const {
    return Lattice::decapsulate(key.lattice.get(), encapsulation);
}

}  // namespace cercle::crypto
