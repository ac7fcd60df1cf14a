// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/raw_key.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include <openssl/core_names.h>

#include "crypto/openssl.h"

namespace cercle::crypto {
namespace {

constexpr std::array<std::uint8_t, p256_scalar_size> p256_order = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/// OpenSSL's parameters take integers in the machine's own byte order.
Secret in_machine_order(BytesView number) {
    Secret turned = Secret::copy_of(number);
    if constexpr (std::endian::native == std::endian::little) {
        std::ranges::reverse(turned.expose());
    }
    return turned;
}

/// Null where the key is not one.
Pkey p256_from(OSSL_PARAM* parameters, int selection) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    CHECK(context && EVP_PKEY_fromdata_init(context.get()) == 1, "OpenSSL lacks P-256");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1) return {};
    return Pkey(key);
}

}  // namespace

Result<Pkey> import_public(const char* type, BytesView bytes) {
    const ErrorMark mark;
    Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytes.data(), bytes.size()));
    if (!key) return fail(Code::invalid_key, "not a public key of its kind");
    return key;
}

Pkey import_private(const char* type, BytesView bytes) {
    Pkey key(EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, bytes.data(), bytes.size()));
    CHECK(key, "OpenSSL refuses a private key of the right size");
    return key;
}

Bytes export_public(evp_pkey_st* key) {
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_raw_public_key(key, nullptr, &size) == 1, "a key without a public half");
    Bytes bytes(size);
    CHECK(EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size(),
          "a key without a public half");
    return bytes;
}

bool is_p256_scalar(BytesView scalar) {
    CHECK(scalar.size() == p256_scalar_size, "a P-256 private key has 32 bytes");
    // scalar - order borrows exactly when scalar is the smaller one.
    unsigned borrow = 0;
    unsigned any = 0;
    for (std::size_t at = p256_scalar_size; at-- > 0;) {
        borrow = ((scalar[at] - p256_order[at] - borrow) >> 8U) & 1U;
        any |= scalar[at];
    }
    return borrow == 1 && any != 0;
}

Bytes p256_public_of(BytesView scalar) {
    static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    CHECK(group != nullptr, "OpenSSL lacks P-256");
    const BigNumber number(BN_secure_new());
    CHECK(number &&
              BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), number.get()) != nullptr,
          "a private key cannot be read");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    const CurvePoint point(EC_POINT_new(group));
    CHECK(point && EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr) == 1,
          "a public key cannot be computed");
    Bytes bytes(p256_point_size);
    CHECK(EC_POINT_point2oct(group,
                             point.get(),
                             POINT_CONVERSION_UNCOMPRESSED,
                             bytes.data(),
                             bytes.size(),
                             nullptr) == bytes.size(),
          "a public key cannot be computed");
    return bytes;
}

Pkey import_p256_private(BytesView scalar, BytesView point) {
    Secret number = in_machine_order(scalar);
    Bytes own_point = to_bytes(point);
    std::string group = "P-256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(
            OSSL_PKEY_PARAM_PUB_KEY, own_point.data(), own_point.size()),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.expose().data(), number.size()),
        OSSL_PARAM_construct_end(),
    };
    Pkey key = p256_from(parameters, EVP_PKEY_KEYPAIR);
    CHECK(key, "OpenSSL refuses a private key in range");
    return key;
}

Result<Pkey> import_p256_public(BytesView point) {
    // RFC 9180 section 7.1.1: "For P-256 ... SerializePublicKey ... uncompressed". OpenSSL would
    // also take the compressed and hybrid forms.
    if (point.size() != p256_point_size || point.front() != POINT_CONVERSION_UNCOMPRESSED) {
        return fail(Code::invalid_key, "not an uncompressed point of P-256");
    }
    const ErrorMark mark;
    Bytes own_point = to_bytes(point);
    std::string group = "P-256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(
            OSSL_PKEY_PARAM_PUB_KEY, own_point.data(), own_point.size()),
        OSSL_PARAM_construct_end(),
    };
    Pkey key = p256_from(parameters, EVP_PKEY_PUBLIC_KEY);
    if (!key) return fail(Code::invalid_key, "not a point of P-256");
    return key;
}

Result<Secret> agree(evp_pkey_st* own, evp_pkey_st* peer) {
    const ErrorMark mark;
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
    CHECK(context && EVP_PKEY_derive_init(context.get()) == 1, "a key that cannot agree");
    Secret shared(32);
    std::size_t size = shared.size();
    if (EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
        EVP_PKEY_derive(context.get(), shared.expose().data(), &size) != 1 ||
        size != shared.size()) {
        return fail(Code::invalid_key, "a public key that gives no secret");
    }
    return shared;
}

Pkey share(const Pkey& key) {
    if (!key) return {};
    CHECK(EVP_PKEY_up_ref(key.get()) == 1, "a key cannot be shared");
    return Pkey(key.get());
}

}  // namespace cercle::crypto
