// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/xwing.h"

#include <openssl/core_names.h>

#include "crypto/hash.h"
#include "crypto/raw_key.h"

namespace cercle::crypto::xwing {
namespace {

constexpr const char* ml_kem_name = "ML-KEM-768";
constexpr std::size_t ml_kem_public_key_size = 1184;
constexpr std::size_t ml_kem_ciphertext_size = 1088;
constexpr std::size_t ml_kem_seed_size = 64;

/// From d || z. Generating with a given seed costs half of importing the same key.
Pkey ml_kem_from_seed(std::span<std::uint8_t> seed) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, ml_kem_name, nullptr));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_KEM_SEED, seed.data(), seed.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* key = nullptr;
    CHECK(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_params(context.get(), parameters) == 1 &&
              EVP_PKEY_generate(context.get(), &key) == 1,
          "OpenSSL makes no ML-KEM key from a seed");
    return Pkey(key);
}

/// ML-KEM.Encaps_internal of FIPS 203 with the message given; writes the ciphertext.
Secret ml_kem_encapsulate(evp_pkey_st* key,
                          std::span<std::uint8_t> message,
                          std::span<std::uint8_t> ciphertext) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, message.data(), message.size()),
        OSSL_PARAM_construct_end(),
    };
    Secret shared(32);
    std::size_t size = shared.size();
    std::size_t ciphertext_length = ciphertext.size();
    CHECK(context && EVP_PKEY_encapsulate_init(context.get(), parameters) == 1 &&
              EVP_PKEY_encapsulate(context.get(),
                                   ciphertext.data(),
                                   &ciphertext_length,
                                   shared.expose().data(),
                                   &size) == 1 &&
              ciphertext_length == ciphertext.size() && size == shared.size(),
          "ML-KEM cannot encapsulate to a key that it took");
    return shared;
}

Secret ml_kem_decapsulate(evp_pkey_st* key, BytesView ciphertext) {
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

/// SHA3-256(ss_M || ss_X || ct_X || pk_X || XWingLabel)
Secret combine(const Secret& ml_kem,
               const Secret& x25519,
               BytesView x25519_ciphertext,
               BytesView x25519_public_key) {
    constexpr std::string_view label = R"(\./)"
                                       R"(/^\)";
    return sha3_256(
        {ml_kem.reveal(), x25519.reveal(), x25519_ciphertext, x25519_public_key, view_of(label)});
}

}  // namespace

KeyPair expand(BytesView seed) {
    Secret expanded = shake256({seed}, ml_kem_seed_size + 32);
    KeyPair pair;
    pair.ml_kem = ml_kem_from_seed(expanded.expose().first(ml_kem_seed_size));
    pair.x25519 = import_private("X25519", expanded.reveal().subspan(ml_kem_seed_size));
    pair.public_key = export_public(pair.ml_kem.get());
    append(pair.public_key, export_public(pair.x25519.get()));
    return pair;
}

Result<Encapsulated> encapsulate(BytesView public_key, Random& random) {
    const BytesView x25519_public_key = public_key.subspan(ml_kem_public_key_size);
    TRY(const Pkey ml_kem, import_public(ml_kem_name, public_key.first(ml_kem_public_key_size)));
    TRY(const Pkey peer, import_public("X25519", x25519_public_key));

    // The order of EncapsulateDerand's randomness: ML-KEM's message, then the X25519 key.
    Secret randomness(64);
    random.fill(randomness.expose());
    const Pkey ephemeral = import_private("X25519", randomness.reveal().subspan(32));
    TRY(const Secret agreed, agree(ephemeral.get(), peer.get()));

    Bytes ciphertext(ml_kem_ciphertext_size);
    const Secret encapsulated =
        ml_kem_encapsulate(ml_kem.get(), randomness.expose().first(32), ciphertext);
    append(ciphertext, export_public(ephemeral.get()));
    Secret shared = combine(encapsulated,
                            agreed,
                            BytesView(ciphertext).subspan(ml_kem_ciphertext_size),
                            x25519_public_key);
    return Encapsulated{std::move(shared), std::move(ciphertext)};
}

Result<Secret> decapsulate(evp_pkey_st* ml_kem,
                           evp_pkey_st* x25519,
                           BytesView public_key,
                           BytesView ciphertext) {
    const BytesView x25519_ciphertext = ciphertext.subspan(ml_kem_ciphertext_size);
    TRY(const Pkey peer, import_public("X25519", x25519_ciphertext));
    TRY(const Secret agreed, agree(x25519, peer.get()));
    const Secret decapsulated =
        ml_kem_decapsulate(ml_kem, ciphertext.first(ml_kem_ciphertext_size));
    return combine(
        decapsulated, agreed, x25519_ciphertext, public_key.subspan(ml_kem_public_key_size));
}

}  // namespace cercle::crypto::xwing
