// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/ml_kem.h"

#include <openssl/core_names.h>

#include "crypto/openssl.h"
#include "crypto/raw_key.h"

namespace cercle::crypto::ml_kem {
namespace {

constexpr const char* type = "ML-KEM-768";

}  // namespace

Result<Pkey> import_public(BytesView bytes) {
    return crypto::import_public(type, bytes);
}

Pkey from_seed(std::span<std::uint8_t> seed) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
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

Secret encapsulate(evp_pkey_st* key, std::span<std::uint8_t> message, Bytes& ciphertext) {
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

Secret decapsulate(evp_pkey_st* key, BytesView ciphertext) {
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

}  // namespace cercle::crypto::ml_kem
