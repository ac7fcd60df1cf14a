// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/sign.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/damage.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {

// RFC 8032 section 7.1, TEST 2, and RFC 6979 section A.2.5, "sample".
TEST_CASE("signatures are the ones that the RFCs print") {
    const auto ed25519 = SigningKey::from_secret(
        SignatureAlgorithm::Ed25519,
        *from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    REQUIRE(ed25519.has_value());
    CHECK(to_hex(ed25519->public_key()) ==
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    CHECK(to_hex(ed25519->sign(Bytes{0x72})) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    const auto p256 = SigningKey::from_secret(
        SignatureAlgorithm::EcdsaP256Sha256,
        *from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"));
    REQUIRE(p256.has_value());
    CHECK(to_hex(p256->public_key()) ==
          "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    CHECK(to_hex(p256->sign(view_of("sample"))) ==
          "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
}

TEST_CASE("a signature verifies only whole, unchanged, over its own message, under its own key") {
    vectors::SeededRandom random(8);
    // Of the others tests/tampering tries each bit of a signature; these have more bits than time.
    for (const SignatureAlgorithm algorithm :
         {SignatureAlgorithm::Ed25519, SignatureAlgorithm::EcdsaP256Sha256}) {
        const SigningKey key = SigningKey::generate(algorithm, random);
        const SigningKey other = SigningKey::generate(algorithm, random);
        const Bytes message = to_bytes("this and nothing else");
        const Bytes signature = key.sign(message);
        vectors::require_damage_refused(signature, [&](const Bytes& damaged) {
            return verify(algorithm, key.public_key(), message, damaged).has_value();
        });
        vectors::require_damage_refused(message, [&](const Bytes& damaged) {
            return verify(algorithm, key.public_key(), damaged, signature).has_value();
        });
        vectors::require_damage_refused(key.public_key(), [&](const Bytes& damaged) {
            return verify(algorithm, damaged, message, signature).has_value();
        });
        CHECK(!verify(algorithm, other.public_key(), message, signature));
    }
}

TEST_CASE("a signature holds for no other message, key or algorithm") {
    vectors::SeededRandom random(8);
    for (const SignatureAlgorithm algorithm : all_signatures()) {
        const SigningKey key = SigningKey::generate(algorithm, random);
        const SigningKey other = SigningKey::generate(algorithm, random);
        const Bytes signature = key.sign(view_of("this"));
        CHECK(verify(algorithm, key.public_key(), view_of("this"), signature));
        CHECK(!verify(algorithm, key.public_key(), view_of("that"), signature));
        CHECK(!verify(algorithm, other.public_key(), view_of("this"), signature));
        for (const SignatureAlgorithm another : all_signatures()) {
            if (another == algorithm) continue;
            CHECK(!verify(another, key.public_key(), view_of("this"), signature));
        }
    }
}

TEST_CASE("signing keys of every wrong size are refused") {
    vectors::SeededRandom random(8);
    for (const SignatureAlgorithm algorithm : all_signatures()) {
        const std::size_t public_size = SigningKey::generate(algorithm, random).public_key().size();
        for (std::size_t size = 0; size < 2700; ++size) {
            if (size != public_size) CHECK(!VerifyingKey::from(algorithm, Bytes(size, 4)));
            if (size != signing_secret_size(algorithm)) {
                CHECK(!SigningKey::from_secret(algorithm, Bytes(size, 4)));
            }
        }
    }
}

TEST_CASE("an empty message can be signed") {
    vectors::SeededRandom random(9);
    for (const SignatureAlgorithm algorithm : all_signatures()) {
        const SigningKey key = SigningKey::generate(algorithm, random);
        CHECK(verify(algorithm, key.public_key(), {}, key.sign({})));
        CHECK(!verify(algorithm, key.public_key(), Bytes{0}, key.sign({})));
    }
}

TEST_CASE("a copied and a restored signing key sign alike") {
    vectors::SeededRandom random(10);
    for (const SignatureAlgorithm algorithm : all_signatures()) {
        const SigningKey key = SigningKey::generate(algorithm, random);
        const auto restored = SigningKey::from_secret(algorithm, key.secret().reveal());
        REQUIRE(restored.has_value());
        CHECK(restored->public_key() == key.public_key());
        const Bytes signature = key.sign(view_of("m"));
        CHECK(restored->sign(view_of("m")) == signature);
        CHECK(key.copy().sign(view_of("m")) == signature);
    }
}

TEST_CASE("Ed25519 keys of small order are refused") {
    const auto refused = [](const std::string& hex) {
        const auto key = VerifyingKey::from(SignatureAlgorithm::Ed25519, *from_hex(hex));
        return !key.has_value() && key.error().code == Code::invalid_key;
    };
    CHECK(refused("0100000000000000000000000000000000000000000000000000000000000000"));
    CHECK(refused("0100000000000000000000000000000000000000000000000000000000000080"));
    CHECK(refused("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"));
    CHECK(refused("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
}

TEST_CASE("Ed448 keys of small order are refused") {
    const auto refused = [](const std::string& hex) {
        const auto key = VerifyingKey::from(SignatureAlgorithm::Ed448, *from_hex(hex));
        return !key.has_value() && key.error().code == Code::invalid_key;
    };
    const std::string zeros(56, '0');
    const std::string ones(56, 'f');
    CHECK(refused(zeros + zeros + "00"));
    CHECK(refused("01" + zeros.substr(2) + zeros + "80"));
    // p - 1, p and p + 1, of p = 2^448 - 2^224 - 1
    CHECK(refused("fe" + ones.substr(2) + "fe" + ones.substr(2) + "00"));
    CHECK(refused(ones + "fe" + ones.substr(2) + "00"));
    CHECK(refused(zeros + ones + "00"));
}

TEST_CASE("nothing verifies under 32 bytes that are no point of Ed25519's curve") {
    vectors::SeededRandom random(11);
    const Bytes no_point = *from_hex("02" + std::string(62, '0'));
    const SigningKey key = SigningKey::generate(SignatureAlgorithm::Ed25519, random);
    CHECK(!verify(SignatureAlgorithm::Ed25519, no_point, {}, key.sign({})));
    CHECK(!verify(SignatureAlgorithm::Ed25519, no_point, {}, Bytes(64)));
}

}  // namespace cercle::crypto
