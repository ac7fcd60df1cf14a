// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/kem.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "crypto/raw_key.h"
#include "tests/vectors/scripted_random.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

constexpr KemAlgorithm every_algorithm[] = {
    KemAlgorithm::DhkemP256, KemAlgorithm::DhkemX25519, KemAlgorithm::XWing};

Code refusal(KemAlgorithm algorithm, BytesView public_key) {
    SystemRandom random;
    const auto sent = encapsulate(algorithm, public_key, random);
    REQUIRE(!sent.has_value());
    return sent.error().code;
}

}  // namespace

TEST_CASE("X-Wing agrees with the vectors of its draft") {
    int ran = 0;
    for (const auto& test : vectors::load("xwing/draft-connolly-xwing-kem.json")) {
        const auto key = KemKey::from_secret(KemAlgorithm::XWing, vectors::bytes(test["seed"]));
        REQUIRE(key.has_value());
        CHECK(key->public_key() == vectors::bytes(test["pk"]));
        CHECK(to_bytes(key->secret().reveal()) == vectors::bytes(test["sk"]));
        vectors::ScriptedRandom random(vectors::bytes(test["eseed"]));
        const auto sent = encapsulate(KemAlgorithm::XWing, key->public_key(), random);
        REQUIRE(sent.has_value());
        CHECK(random.used_up());
        CHECK(sent->encapsulation == vectors::bytes(test["ct"]));
        CHECK(to_bytes(sent->shared.reveal()) == vectors::bytes(test["ss"]));
        const auto received = key->decapsulate(sent->encapsulation);
        REQUIRE(received.has_value());
        CHECK(*received == sent->shared);
        ++ran;
    }
    CHECK(ran == 3);
}

TEST_CASE("X-Wing derives keys as the HPKE draft says, not as the older X-Wing draft did") {
    int ran = 0;
    for (const auto& test : vectors::load("hpke/draft-ietf-hpke-pq.json")) {
        if (test["kem_id"] != 0x647a) continue;
        const KemKey key = KemKey::derive(KemAlgorithm::XWing, vectors::bytes(test["ikmR"]));
        CHECK(to_bytes(key.secret().reveal()) == vectors::bytes(test["skRm"]));
        CHECK(key.public_key() == vectors::bytes(test["pkRm"]));
        vectors::ScriptedRandom random(vectors::bytes(test["ikmE"]));
        const auto sent = encapsulate(KemAlgorithm::XWing, key.public_key(), random);
        REQUIRE(sent.has_value());
        CHECK(sent->encapsulation == vectors::bytes(test["enc"]));
        CHECK(to_bytes(sent->shared.reveal()) == vectors::bytes(test["shared_secret"]));
        ++ran;
    }
    CHECK(ran == 2);
}

TEST_CASE("X25519 agrees with wycheproof and refuses an all-zero result") {
    int ran = 0;
    int refused = 0;
    for (const auto& group : vectors::groups("wycheproof/x25519_test.json")) {
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            const Bytes shared = vectors::bytes(test["shared"]);
            const Pkey own = import_private("X25519", vectors::bytes(test["private"]));
            const auto peer = import_public("X25519", vectors::bytes(test["public"]));
            REQUIRE(peer.has_value());
            const auto agreed = agree(own.get(), peer->get());
            const bool all_zero = shared == Bytes(32);
            CHECK(agreed.has_value() == !all_zero);
            if (agreed) CHECK(to_bytes(agreed->reveal()) == shared);
            if (all_zero) ++refused;
            ++ran;
        }
    }
    CHECK(ran == 518);
    CHECK(refused > 0);
}

TEST_CASE("P-256 agrees with wycheproof and refuses what is no uncompressed point") {
    int ran = 0;
    for (const auto& group : vectors::groups("wycheproof/ecdh_secp256r1_ecpoint_test.json")) {
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            // Written as a number there: with a zero in front, or without some.
            Bytes scalar = vectors::bytes(test["private"]);
            if (scalar.size() > p256_scalar_size) scalar.erase(scalar.begin());
            scalar.insert(scalar.begin(), p256_scalar_size - scalar.size(), 0);
            const Bytes point = vectors::bytes(test["public"]);
            const auto peer = import_p256_public(point);
            ++ran;
            if (test["result"] != "valid") {
                CHECK(!peer.has_value());
                continue;
            }
            REQUIRE(peer.has_value());
            REQUIRE(is_p256_scalar(scalar));
            const Pkey own = import_p256_private(scalar, p256_public_of(scalar));
            const auto agreed = agree(own.get(), peer->get());
            REQUIRE(agreed.has_value());
            CHECK(to_bytes(agreed->reveal()) == vectors::bytes(test["shared"]));
        }
    }
    CHECK(ran == 355);
}

TEST_CASE("what is encapsulated to a key, that key decapsulates, and no other does") {
    vectors::SeededRandom random(1);
    for (const KemAlgorithm algorithm : every_algorithm) {
        const KemKey key = KemKey::generate(algorithm, random);
        const KemKey other = KemKey::generate(algorithm, random);
        CHECK(key.public_key().size() == kem_public_key_size(algorithm));
        CHECK(key.secret().size() == kem_private_key_size(algorithm));
        const auto sent = encapsulate(algorithm, key.public_key(), random);
        REQUIRE(sent.has_value());
        CHECK(sent->encapsulation.size() == kem_encapsulation_size(algorithm));
        const auto received = key.decapsulate(sent->encapsulation);
        REQUIRE(received.has_value());
        CHECK(*received == sent->shared);
        const auto stolen = other.decapsulate(sent->encapsulation);
        CHECK((!stolen.has_value() || *stolen != sent->shared));
    }
}

TEST_CASE("a copied and a restored key are the same key") {
    vectors::SeededRandom random(2);
    for (const KemAlgorithm algorithm : every_algorithm) {
        const KemKey key = KemKey::generate(algorithm, random);
        const KemKey copied = key.copy();
        const auto restored = KemKey::from_secret(algorithm, key.secret().reveal());
        REQUIRE(restored.has_value());
        CHECK(restored->public_key() == key.public_key());
        const auto sent = encapsulate(algorithm, key.public_key(), random);
        REQUIRE(sent.has_value());
        CHECK(*copied.decapsulate(sent->encapsulation) == sent->shared);
        CHECK(*restored->decapsulate(sent->encapsulation) == sent->shared);
    }
}

TEST_CASE("keys and encapsulations of every wrong size are refused") {
    vectors::SeededRandom random(3);
    for (const KemAlgorithm algorithm : every_algorithm) {
        const KemKey key = KemKey::generate(algorithm, random);
        for (std::size_t size = 0; size < 1300; ++size) {
            if (size != kem_public_key_size(algorithm)) {
                CHECK(refusal(algorithm, Bytes(size, 4)) == Code::invalid_key);
            }
            if (size != kem_encapsulation_size(algorithm)) {
                CHECK(!key.decapsulate(Bytes(size, 4)).has_value());
            }
            if (size != kem_private_key_size(algorithm)) {
                CHECK(!KemKey::from_secret(algorithm, Bytes(size, 4)).has_value());
            }
        }
    }
}

TEST_CASE("public keys that give no secret are refused") {
    CHECK(refusal(KemAlgorithm::DhkemX25519, Bytes(32)) == Code::invalid_key);
    CHECK(refusal(KemAlgorithm::DhkemP256, Bytes(65, 4)) == Code::invalid_key);
    vectors::SeededRandom random(4);
    const KemKey key = KemKey::generate(KemAlgorithm::XWing, random);
    Bytes without_curve = key.public_key();
    std::ranges::fill(std::span(without_curve).last(32), std::uint8_t{0});
    CHECK(refusal(KemAlgorithm::XWing, without_curve) == Code::invalid_key);
    // FIPS 203 section 7.2, modulus check: 0xfff is no coefficient modulo 3329.
    Bytes beyond_modulus = key.public_key();
    beyond_modulus[0] = 0xff;
    beyond_modulus[1] |= 0x0fU;
    CHECK(refusal(KemAlgorithm::XWing, beyond_modulus) == Code::invalid_key);
}

TEST_CASE("a P-256 private key lies between 1 and the order of the group") {
    const auto taken = [](const std::string& hex) {
        return KemKey::from_secret(KemAlgorithm::DhkemP256, *from_hex(hex)).has_value();
    };
    CHECK(!taken("0000000000000000000000000000000000000000000000000000000000000000"));
    CHECK(taken("0000000000000000000000000000000000000000000000000000000000000001"));
    CHECK(taken("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"));
    CHECK(!taken("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));
    CHECK(!taken("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
}

}  // namespace cercle::crypto
