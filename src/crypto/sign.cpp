// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/sign.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/core_names.h>

#include "crypto/openssl.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {
namespace {

constexpr std::size_t ed25519_key_size = 32;
constexpr std::size_t ed25519_signature_size = 64;

/// Null for Ed25519, which hashes on its own.
const char* digest_name(SignatureAlgorithm algorithm) {
    return algorithm == SignatureAlgorithm::Ed25519 ? nullptr : "SHA2-256";
}

/// The y coordinates of the eight points whose order divides 8, and their forms above the field's
/// prime. Under such a key one signature would verify for many messages.
constexpr std::array<std::string_view, 7> small_order = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

bool has_small_order(BytesView point) {
    Bytes y = to_bytes(point);
    y.back() &= 0x7fU;  // the top bit is the sign of x
    return std::ranges::contains(small_order, to_hex(y));
}

Result<Pkey> import_verifying(SignatureAlgorithm algorithm, BytesView bytes) {
    if (algorithm == SignatureAlgorithm::EcdsaP256Sha256) return import_p256_public(bytes);
    if (bytes.size() != ed25519_key_size) {
        return fail(Code::invalid_key, "an Ed25519 key has 32 bytes");
    }
    if (has_small_order(bytes)) return fail(Code::invalid_key, "an Ed25519 key of small order");
    // Whether it is a point at all shows at the first signature, none of which verifies then.
    return import_public("ED25519", bytes);
}

}  // namespace

VerifyingKey::VerifyingKey(SignatureAlgorithm algorithm, Bytes bytes, Pkey key)
    : algorithm_(algorithm),
      bytes_(std::move(bytes)),
      key_(std::move(key)) {}

Result<VerifyingKey> VerifyingKey::from(SignatureAlgorithm algorithm, BytesView bytes) {
    TRY(Pkey key, import_verifying(algorithm, bytes));
    return VerifyingKey(algorithm, to_bytes(bytes), std::move(key));
}

Result<void> VerifyingKey::verify(BytesView message, BytesView signature) const {
    const ErrorMark mark;
    const DigestContext context(EVP_MD_CTX_new());
    CHECK(context && EVP_DigestVerifyInit_ex(context.get(),
                                             nullptr,
                                             digest_name(algorithm_),
                                             nullptr,
                                             nullptr,
                                             key_.get(),
                                             nullptr) == 1,
          "a verification cannot start");
    if (EVP_DigestVerify(
            context.get(), signature.data(), signature.size(), message.data(), message.size()) !=
        1) {
        return fail(Code::forged, "a signature does not verify");
    }
    return {};
}

SigningKey::SigningKey(SignatureAlgorithm algorithm, Secret secret, Bytes public_key, Pkey key)
    : algorithm_(algorithm),
      secret_(std::move(secret)),
      public_key_(std::move(public_key)),
      key_(std::move(key)) {}

SigningKey SigningKey::generate(SignatureAlgorithm algorithm, Random& random) {
    // Ed25519 takes any 32 bytes; of P-256's candidates one in 2^32 is refused.
    for (int candidate = 0; candidate < 64; ++candidate) {
        Secret secret(32);
        random.fill(secret.expose());
        Result<SigningKey> key = from_secret(algorithm, secret.reveal());
        if (key.has_value()) return *std::move(key);
    }
    end_on_bug("a source of randomness that is none");
}

Result<SigningKey> SigningKey::from_secret(SignatureAlgorithm algorithm, BytesView secret) {
    if (secret.size() != 32) return fail(Code::invalid_key, "a private key of the wrong size");
    if (algorithm == SignatureAlgorithm::Ed25519) {
        Pkey handle = import_private("ED25519", secret);
        Bytes public_key = export_public(handle.get());
        return SigningKey(
            algorithm, Secret::copy_of(secret), std::move(public_key), std::move(handle));
    }
    if (!is_p256_scalar(secret)) return fail(Code::invalid_key, "a private key out of range");
    Bytes point = p256_public_of(secret);
    Pkey handle = import_p256_private(secret, point);
    return SigningKey(algorithm, Secret::copy_of(secret), std::move(point), std::move(handle));
}

Bytes SigningKey::sign(BytesView message) const {
    const DigestContext context(EVP_MD_CTX_new());
    // RFC 6979: the nonce comes from key and message, so a bad or replayed source of randomness
    // cannot give the key away, and a simulation replays byte for byte. Ed25519 is born so.
    unsigned deterministic = 1;
    const OSSL_PARAM parameters[] = {
        algorithm_ == SignatureAlgorithm::Ed25519
            ? OSSL_PARAM_construct_end()
            : OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &deterministic),
        OSSL_PARAM_construct_end(),
    };
    CHECK(context && EVP_DigestSignInit_ex(context.get(),
                                           nullptr,
                                           digest_name(algorithm_),
                                           nullptr,
                                           nullptr,
                                           key_.get(),
                                           parameters) == 1,
          "a signature cannot start");
    Bytes signature(std::max<std::size_t>(ed25519_signature_size,
                                          static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))));
    std::size_t size = signature.size();
    CHECK(
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1,
        "a key cannot sign");
    signature.resize(size);
    return signature;
}

SigningKey SigningKey::copy() const {
    return {algorithm_, secret_.copy(), public_key_, share(key_)};
}

Result<void> verify(SignatureAlgorithm algorithm,
                    BytesView public_key,
                    BytesView message,
                    BytesView signature) {
    TRY(const VerifyingKey key, VerifyingKey::from(algorithm, public_key));
    return key.verify(message, signature);
}

}  // namespace cercle::crypto
