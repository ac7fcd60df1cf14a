// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/kem.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "crypto/curve.h"
#include "crypto/random.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

Code refusal(KemAlgorithm algorithm, BytesView public_key) {
    SystemRandom random;
    const auto sent = encapsulate(algorithm, public_key, random);
    REQUIRE(!sent.has_value());
    return sent.error().code;
}

}  // namespace

TEST_CASE("what is encapsulated to a key, that key decapsulates, and no other does") {
    vectors::SeededRandom random(1);
    for (const KemAlgorithm algorithm : all_kems()) {
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
    for (const KemAlgorithm algorithm : all_kems()) {
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
    for (const KemAlgorithm algorithm : all_kems()) {
        const KemKey key = KemKey::generate(algorithm, random);
        for (std::size_t size = 0; size < 1700; ++size) {
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
    CHECK(refusal(KemAlgorithm::DhkemX448, Bytes(56)) == Code::invalid_key);
    vectors::SeededRandom random(4);
    const KemKey key = KemKey::generate(KemAlgorithm::XWing, random);
    Bytes without_curve = key.public_key();
    std::ranges::fill(std::span(without_curve).last(32), std::uint8_t{0});
    CHECK(refusal(KemAlgorithm::XWing, without_curve) == Code::invalid_key);
    for (const KemAlgorithm algorithm : {KemAlgorithm::DhkemP256,
                                         KemAlgorithm::DhkemP384,
                                         KemAlgorithm::DhkemP521,
                                         KemAlgorithm::MlKem768P256,
                                         KemAlgorithm::MlKem1024P384}) {
        // In the form of a point, and not on the curve.
        CHECK(refusal(algorithm, Bytes(kem_public_key_size(algorithm), 4)) == Code::invalid_key);
    }
}

TEST_CASE("a key whose coefficients are beyond ML-KEM's modulus is refused") {
    vectors::SeededRandom random(4);
    for (const KemAlgorithm algorithm : {KemAlgorithm::XWing,
                                         KemAlgorithm::MlKem768,
                                         KemAlgorithm::MlKem1024,
                                         KemAlgorithm::MlKem768P256,
                                         KemAlgorithm::MlKem1024P384}) {
        // FIPS 203 section 7.2, modulus check: 0xfff is no coefficient modulo 3329.
        Bytes beyond_modulus = KemKey::generate(algorithm, random).public_key();
        beyond_modulus[0] = 0xff;
        beyond_modulus[1] |= 0x0fU;
        CHECK(refusal(algorithm, beyond_modulus) == Code::invalid_key);
    }
}

TEST_CASE("a private key of NIST's curves lies between 1 and the order of the group") {
    for (const auto& [algorithm, curve] : {std::pair{KemAlgorithm::DhkemP256, &p256},
                                           std::pair{KemAlgorithm::DhkemP384, &p384},
                                           std::pair{KemAlgorithm::DhkemP521, &p521}}) {
        const auto taken = [&](const Bytes& secret) {
            return KemKey::from_secret(algorithm, secret).has_value();
        };
        const Bytes order = to_bytes(view_of(curve->order));
        REQUIRE(order.size() == curve->scalar_size);
        Bytes number(order.size());
        CHECK(!taken(number));
        number.back() = 1;
        CHECK(taken(number));
        CHECK(!taken(order));
        // Which it is, since one less than it gives the generator's negative: the same x.
        Bytes least(order.size());
        least.back() = 1;
        number = order;
        --number.back();
        const auto first = KemKey::from_secret(algorithm, least);
        const auto last = KemKey::from_secret(algorithm, number);
        REQUIRE(first.has_value());
        REQUIRE(last.has_value());
        CHECK(std::ranges::equal(BytesView(first->public_key()).first(1 + order.size()),
                                 BytesView(last->public_key()).first(1 + order.size())));
        number.back() += 2;
        CHECK(!taken(number));
        CHECK(!taken(Bytes(order.size(), 0xff)));
    }
}

}  // namespace cercle::crypto
