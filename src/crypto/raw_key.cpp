// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/raw_key.h"

#include <string_view>

#include <openssl/core_names.h>

#include "crypto/openssl.h"

namespace cercle::crypto {

static_assert(std::string_view(OSSL_PKEY_PARAM_ML_KEM_SEED) == OSSL_PKEY_PARAM_ML_DSA_SEED);

Result<Pkey> import_public(const char* type, BytesView bytes) {
    const ErrorMark mark;
    Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytes.data(), bytes.size()));
    if (!key) return fail(Code::invalid_key, "not a public key of its kind");
    return key;
}

Result<Pkey> import_private(const char* type, BytesView bytes) {
    const ErrorMark mark;
    Pkey key(EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, bytes.data(), bytes.size()));
    if (!key) return fail(Code::invalid_key, "not a private key of its kind");
    return key;
}

Pkey from_seed(const char* type, std::span<std::uint8_t> seed) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_KEM_SEED, seed.data(), seed.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* key = nullptr;
    CHECK(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_params(context.get(), parameters) == 1 &&
              EVP_PKEY_generate(context.get(), &key) == 1,
          "OpenSSL makes no key from a seed");
    return Pkey(key);
}

Bytes export_public(evp_pkey_st* key) {
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_raw_public_key(key, nullptr, &size) == 1, "a key without a public half");
    Bytes bytes(size);
    CHECK(EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size(),
          "a key without a public half");
    return bytes;
}

Pkey share(const Pkey& key) {
    if (!key) return {};
    CHECK(EVP_PKEY_up_ref(key.get()) == 1, "a key cannot be shared");
    return Pkey(key.get());
}

}  // namespace cercle::crypto
