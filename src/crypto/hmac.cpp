// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hmac.h"

#include <string>

#include <openssl/core_names.h>

namespace cercle::crypto {
namespace {

constexpr std::uint8_t no_key = 0;

/// A context that knows its digest; looking that up by name for every tag would cost more than
/// the tag. It holds a public dummy key, since a context without one cannot be duplicated.
EVP_MAC_CTX* prepare(std::string digest) {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(algorithm);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end(),
    };
    CHECK(context != nullptr && EVP_MAC_init(context, &no_key, 1, parameters) == 1,
          "OpenSSL lacks an HMAC that this program needs");
    return context;
}

const EVP_MAC_CTX* prepared(HashAlgorithm algorithm) {
    static const EVP_MAC_CTX* const with_sha256 = prepare("SHA2-256");
    static const EVP_MAC_CTX* const with_sha384 = prepare("SHA2-384");
    static const EVP_MAC_CTX* const with_sha512 = prepare("SHA2-512");
    switch (algorithm) {
        case HashAlgorithm::Sha256:
            return with_sha256;
        case HashAlgorithm::Sha384:
            return with_sha384;
        case HashAlgorithm::Sha512:
            return with_sha512;
    }
    end_on_bug("a hash algorithm that does not exist");
}

}  // namespace

Hmac::Hmac(HashAlgorithm algorithm, BytesView key)
    : context_(EVP_MAC_CTX_dup(prepared(algorithm))) {
    // A null key would mean "keep the one you have".
    const std::uint8_t* const start = key.empty() ? &no_key : key.data();
    CHECK(context_ && EVP_MAC_init(context_.get(), start, key.size(), nullptr) == 1,
          "an HMAC cannot start");
}

Hmac& Hmac::add(BytesView part) {
    CHECK(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1, "an HMAC failed");
    return *this;
}

void Hmac::finish(std::span<std::uint8_t> target) {
    std::size_t written = 0;
    CHECK(EVP_MAC_final(context_.get(), target.data(), &written, target.size()) == 1 &&
              written == target.size(),
          "an HMAC failed");
}

Hmac& Hmac::restart() {
    CHECK(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1, "an HMAC cannot start again");
    return *this;
}

}  // namespace cercle::crypto
