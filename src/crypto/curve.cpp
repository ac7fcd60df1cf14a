// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/curve.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include <openssl/core_names.h>

#include "crypto/openssl.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {
namespace {

using namespace std::string_view_literals;

/// OpenSSL's parameters take integers in the machine's own byte order.
Secret in_machine_order(BytesView number) {
    Secret turned = Secret::copy_of(number);
    if constexpr (std::endian::native == std::endian::little) {
        std::ranges::reverse(turned.expose());
    }
    return turned;
}

/// Null where the key is not one.
Pkey point_key_from(OSSL_PARAM* parameters, int selection) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    CHECK(context && EVP_PKEY_fromdata_init(context.get()) == 1, "OpenSSL lacks NIST's curves");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1) return {};
    return Pkey(key);
}

/// Looked up once a curve: making one takes longer than using it.
const EC_GROUP* group_of(const Curve& curve) {
    const auto look_up = [](const Curve& one) {
        const EC_GROUP* const group = EC_GROUP_new_by_curve_name(one.identifier);
        CHECK(group != nullptr, "OpenSSL lacks a curve that this program needs");
        return group;
    };
    static const std::array groups{look_up(p256), look_up(p384), look_up(p521)};
    if (&curve == &p256) return groups[0];
    return groups[&curve == &p384 ? 1 : 2];
}

/// scalar * generator, uncompressed.
Bytes multiply(const Curve& curve, BytesView scalar) {
    const EC_GROUP* const group = group_of(curve);
    const BigNumber number(BN_secure_new());
    CHECK(number &&
              BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), number.get()) != nullptr,
          "a private key cannot be read");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    const CurvePoint point(EC_POINT_new(group));
    CHECK(point && EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr) == 1,
          "a public key cannot be computed");
    Bytes bytes(curve.element_size);
    CHECK(EC_POINT_point2oct(group,
                             point.get(),
                             POINT_CONVERSION_UNCOMPRESSED,
                             bytes.data(),
                             bytes.size(),
                             nullptr) == bytes.size(),
          "a public key cannot be computed");
    return bytes;
}

}  // namespace

const Curve x25519{.name = "X25519",
                   .identifier = 0,
                   .order = {},
                   .scalar_size = 32,
                   .element_size = 32,
                   .shared_size = 32,
                   .top_mask = 0xff};
const Curve x448{.name = "X448",
                 .identifier = 0,
                 .order = {},
                 .scalar_size = 56,
                 .element_size = 56,
                 .shared_size = 56,
                 .top_mask = 0xff};
const Curve p256{.name = "P-256",
                 .identifier = NID_X9_62_prime256v1,
                 .order =
                     "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
                     "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv,
                 .scalar_size = 32,
                 .element_size = 65,
                 .shared_size = 32,
                 .top_mask = 0xff};
const Curve p384{.name = "P-384",
                 .identifier = NID_secp384r1,
                 .order =
                     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                     "\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf"
                     "\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73"sv,
                 .scalar_size = 48,
                 .element_size = 97,
                 .shared_size = 48,
                 .top_mask = 0xff};
const Curve p521{.name = "P-521",
                 .identifier = NID_secp521r1,
                 .order =
                     "\x01\xff"
                     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa"
                     "\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\x01\x48\xf7\x09\xa5\xd0"
                     "\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x09"sv,
                 .scalar_size = 66,
                 .element_size = 133,
                 .shared_size = 66,
                 .top_mask = 0x01};

bool Curve::is_scalar(BytesView scalar) const {
    CHECK(scalar.size() == scalar_size, "a scalar of the wrong size");
    if (!is_prime_curve()) return true;
    // scalar - order borrows exactly when scalar is the smaller one.
    unsigned borrow = 0;
    unsigned any = 0;
    for (std::size_t at = scalar_size; at-- > 0;) {
        borrow = ((scalar[at] - static_cast<std::uint8_t>(order[at]) - borrow) >> 8U) & 1U;
        any |= scalar[at];
    }
    return borrow == 1 && any != 0;
}

Pkey Curve::import_scalar(BytesView scalar) const {
    if (!is_prime_curve()) {
        Result<Pkey> key = import_private(name, scalar);
        CHECK(key.has_value(), "OpenSSL refuses a private key of the right size");
        return *std::move(key);
    }
    Secret number = in_machine_order(scalar);
    Bytes point = multiply(*this, scalar);
    std::string group = name;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.expose().data(), number.size()),
        OSSL_PARAM_construct_end(),
    };
    Pkey key = point_key_from(parameters, EVP_PKEY_KEYPAIR);
    CHECK(key, "OpenSSL refuses a private key in range");
    return key;
}

Bytes Curve::element_of(evp_pkey_st* key) const {
    if (!is_prime_curve()) return export_public(key);
    Bytes point(element_size);
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_octet_string_param(
              key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1 &&
              size == point.size() && point.front() == POINT_CONVERSION_UNCOMPRESSED,
          "a key without a public half");
    return point;
}

Result<Pkey> Curve::import_element(BytesView element) const {
    if (!is_prime_curve()) return import_public(name, element);
    // RFC 9180 section 7.1.1: "For P-256, P-384, and P-521, the SerializePublicKey() function ...
    // performs the uncompressed Elliptic-Curve-Point-to-Octet-String conversion". OpenSSL would
    // also take the compressed and hybrid forms.
    if (element.size() != element_size || element.front() != POINT_CONVERSION_UNCOMPRESSED) {
        return fail(Code::invalid_key, "not an uncompressed point");
    }
    const ErrorMark mark;
    Bytes point = to_bytes(element);
    std::string group = name;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    Pkey key = point_key_from(parameters, EVP_PKEY_PUBLIC_KEY);
    if (!key) return fail(Code::invalid_key, "not a point of its curve");
    return key;
}

Result<Secret> Curve::agree(evp_pkey_st* own, evp_pkey_st* peer) const {
    const ErrorMark mark;
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
    CHECK(context && EVP_PKEY_derive_init(context.get()) == 1, "a key that cannot agree");
    Secret shared(shared_size);
    std::size_t size = shared.size();
    if (EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
        EVP_PKEY_derive(context.get(), shared.expose().data(), &size) != 1 ||
        size != shared.size()) {
        return fail(Code::invalid_key, "a public key that gives no secret");
    }
    return shared;
}

}  // namespace cercle::crypto
