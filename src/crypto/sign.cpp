// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/sign.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/core_names.h>

#include "crypto/curve.h"
#include "crypto/openssl.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {
namespace {

/// Edwards' curves, of which any bytes are a private key; NIST's; lattices.
enum class Family : std::uint8_t { Edwards, Point, Lattice };

struct Row {
    SignatureAlgorithm id;
    Family family;
    const char* name;    // OpenSSL's
    const char* digest;  // null for those that hash on their own
    const Curve* curve;  // null for those that are none of NIST's
    std::size_t secret_size;
    std::size_t public_key_size;
};

constexpr std::array rows{
    Row{SignatureAlgorithm::Ed25519, Family::Edwards, "ED25519", nullptr, nullptr, 32, 32},
    Row{SignatureAlgorithm::EcdsaP256Sha256, Family::Point, "EC", "SHA2-256", &p256, 32, 65},
    Row{SignatureAlgorithm::Ed448, Family::Edwards, "ED448", nullptr, nullptr, 57, 57},
    Row{SignatureAlgorithm::EcdsaP384Sha384, Family::Point, "EC", "SHA2-384", &p384, 48, 97},
    Row{SignatureAlgorithm::EcdsaP521Sha512, Family::Point, "EC", "SHA2-512", &p521, 66, 133},
    Row{SignatureAlgorithm::MlDsa44, Family::Lattice, "ML-DSA-44", nullptr, nullptr, 32, 1312},
    Row{SignatureAlgorithm::MlDsa65, Family::Lattice, "ML-DSA-65", nullptr, nullptr, 32, 1952},
    Row{SignatureAlgorithm::MlDsa87, Family::Lattice, "ML-DSA-87", nullptr, nullptr, 32, 2592},
};

const Row& row_of(SignatureAlgorithm algorithm) {
    const auto* const row = std::ranges::find(rows, algorithm, &Row::id);
    CHECK(row != rows.end(), "a signature algorithm that does not exist");
    return *row;
}

/// The y coordinates of the points whose order divides the cofactor (8 and 4), and their forms
/// above the field's prime, without the bit that is the sign of x. Under such a key one signature
/// would verify for many messages.
constexpr std::array<std::string_view, 12> small_order = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00"
    "000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00"
    "000000000000000000",
    "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffff"
    "ff"
    "ffffffffffffffff00",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffff"
    "ff"
    "ffffffffffffffff00",
    "00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffff"
    "ff"
    "ffffffffffffffff00"};

bool has_small_order(BytesView point) {
    Bytes y = to_bytes(point);
    y.back() &= 0x7fU;  // the top bit is the sign of x
    return std::ranges::contains(small_order, to_hex(y));
}

Result<Pkey> import_verifying(const Row& row, BytesView bytes) {
    if (bytes.size() != row.public_key_size) {
        return fail(Code::invalid_key, "a public key of the wrong size");
    }
    switch (row.family) {
        case Family::Point:
            return row.curve->import_element(bytes);
        case Family::Edwards:
            if (has_small_order(bytes)) return fail(Code::invalid_key, "a key of small order");
            // Whether it is a point at all shows at the first signature, none of which verifies
            // then.
            return import_public(row.name, bytes);
        case Family::Lattice:
            return import_public(row.name, bytes);
    }
    end_on_bug("a family of signatures that does not exist");
}

}  // namespace

std::span<const SignatureAlgorithm> all_signatures() {
    static const auto all = [] {
        std::array<SignatureAlgorithm, rows.size()> ids{};
        std::ranges::transform(rows, ids.begin(), &Row::id);
        return ids;
    }();
    return all;
}

std::size_t signing_secret_size(SignatureAlgorithm algorithm) {
    return row_of(algorithm).secret_size;
}

VerifyingKey::VerifyingKey(SignatureAlgorithm algorithm, Bytes bytes, Pkey key)
    : algorithm_(algorithm),
      bytes_(std::move(bytes)),
      key_(std::move(key)) {}

Result<VerifyingKey> VerifyingKey::from(SignatureAlgorithm algorithm, BytesView bytes) {
    TRY(Pkey key, import_verifying(row_of(algorithm), bytes));
    return VerifyingKey(algorithm, to_bytes(bytes), std::move(key));
}

Result<void> VerifyingKey::verify(BytesView message, BytesView signature) const {
    const ErrorMark mark;
    const DigestContext context(EVP_MD_CTX_new());
    CHECK(context && EVP_DigestVerifyInit_ex(context.get(),
                                             nullptr,
                                             row_of(algorithm_).digest,
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
    const Row& row = row_of(algorithm);
    // Only a curve of NIST's refuses a candidate, once in 2^32 times.
    for (int candidate = 0; candidate < 64; ++candidate) {
        Secret secret(row.secret_size);
        random.fill(secret.expose());
        if (row.curve != nullptr) secret.expose().front() &= row.curve->top_mask;
        Result<SigningKey> key = from_secret(algorithm, secret.reveal());
        if (key.has_value()) return *std::move(key);
    }
    end_on_bug("a source of randomness that is none");
}

Result<SigningKey> SigningKey::from_secret(SignatureAlgorithm algorithm, BytesView secret) {
    const Row& row = row_of(algorithm);
    if (secret.size() != row.secret_size) {
        return fail(Code::invalid_key, "a private key of the wrong size");
    }
    if (row.curve != nullptr) {
        if (!row.curve->is_scalar(secret)) {
            return fail(Code::invalid_key, "a private key out of range");
        }
        Pkey handle = row.curve->import_scalar(secret);
        Bytes point = row.curve->element_of(handle.get());
        return SigningKey(algorithm, Secret::copy_of(secret), std::move(point), std::move(handle));
    }
    Secret own = Secret::copy_of(secret);
    TRY(Pkey handle,
        row.family == Family::Lattice ? from_seed(row.name, own.expose())
                                      : import_private(row.name, own.reveal()));
    Bytes public_key = export_public(handle.get());
    return SigningKey(algorithm, std::move(own), std::move(public_key), std::move(handle));
}

Bytes SigningKey::sign(BytesView message) const {
    const Row& row = row_of(algorithm_);
    const DigestContext context(EVP_MD_CTX_new());
    // RFC 6979, and FIPS 204's deterministic form: what is random in a signature comes from key and
    // message, so a bad or replayed source of randomness cannot give the key away, and a simulation
    // replays byte for byte. Edwards' curves are born so.
    unsigned nonce_type = 1;
    int deterministic = 1;
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    if (row.family == Family::Point) {
        parameters[0] = OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &nonce_type);
    } else if (row.family == Family::Lattice) {
        parameters[0] =
            OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &deterministic);
    }
    CHECK(
        context &&
            EVP_DigestSignInit_ex(
                context.get(), nullptr, row.digest, nullptr, nullptr, key_.get(), parameters) == 1,
        "a signature cannot start");
    Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
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
