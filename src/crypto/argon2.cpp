// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/argon2.h"

#include <algorithm>

#include <openssl/core_names.h>

#include "crypto/openssl.h"

namespace cercle::crypto {

Secret argon2id(BytesView passphrase, BytesView salt, Argon2Cost cost, std::size_t size) {
    // RFC 9106 section 4, second recommended option: 4 lanes. They are computed one after the
    // other here; an attacker with four cores gains nothing that more memory would not give him.
    std::uint32_t lanes = 4;
    CHECK(salt.size() >= 8 && size >= 4 && cost.passes >= 1 && cost.memory_kib >= 8 * lanes,
          "Argon2 parameters below what RFC 9106 allows");
    static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "ARGON2ID", nullptr);
    const KdfContext context(EVP_KDF_CTX_new(algorithm));
    CHECK(context, "OpenSSL lacks Argon2id");
    // OSSL_PARAM knows no const: it gets copies. One byte more, as it takes no null for nothing.
    Secret own_passphrase(passphrase.size() + 1);
    std::ranges::copy(passphrase, own_passphrase.expose().begin());
    Bytes own_salt = to_bytes(salt);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(
            OSSL_KDF_PARAM_PASSWORD, own_passphrase.expose().data(), passphrase.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, own_salt.data(), own_salt.size()),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &cost.passes),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &cost.memory_kib),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &lanes),
        OSSL_PARAM_construct_end(),
    };
    Secret key(size);
    CHECK(EVP_KDF_derive(context.get(), key.expose().data(), size, parameters) == 1,
          "Argon2id failed; its memory could not be had");
    return key;
}

}  // namespace cercle::crypto
