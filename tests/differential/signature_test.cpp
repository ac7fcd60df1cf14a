// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "crypto/sign.h"
#include "tests/differential/second.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

struct Pairing {
    SignatureAlgorithm ours;
    const char* theirs;
};

constexpr Pairing pairings[] = {{SignatureAlgorithm::Ed25519, "Ed25519"},
                                {SignatureAlgorithm::Ed448, "Ed448"},
                                {SignatureAlgorithm::EcdsaP256Sha256, "secp256r1"},
                                {SignatureAlgorithm::EcdsaP384Sha384, "secp384r1"},
                                {SignatureAlgorithm::EcdsaP521Sha512, "secp521r1"},
                                {SignatureAlgorithm::MlDsa44, "ML-DSA-4x4"},
                                {SignatureAlgorithm::MlDsa65, "ML-DSA-6x5"},
                                {SignatureAlgorithm::MlDsa87, "ML-DSA-8x7"}};

}  // namespace

TEST_CASE("every algorithm of signatures has a second provider") {
    for (const SignatureAlgorithm algorithm : all_signatures()) {
        CHECK(std::ranges::contains(pairings, algorithm, &Pairing::ours));
    }
}

TEST_CASE("two providers sign alike, and each takes what the other has signed") {
    vectors::SeededRandom random(43);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        for (int round = 0; round < 40; ++round) {
            const SigningKey key = SigningKey::generate(ours, random);
            const BytesView secret = key.secret().reveal();
            const Bytes message = random.bytes(random.below(300));
            REQUIRE(key.public_key() == second::signing_public_key(theirs, secret));
            const Bytes signature = key.sign(message);
            // All of these are deterministic, so it is the very same signature.
            REQUIRE(signature == second::sign(theirs, secret, message));
            REQUIRE(second::verify(theirs, key.public_key(), message, signature));
            REQUIRE(verify(ours, key.public_key(), message, signature));
        }
    }
}

TEST_CASE("what one provider refuses for a signature, the other refuses, too") {
    vectors::SeededRandom random(44);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        const SigningKey key = SigningKey::generate(ours, random);
        const Bytes message = random.bytes(50);
        const Bytes signature = key.sign(message);
        for (int round = 0; round < 200; ++round) {
            Bytes changed = signature;
            if (round % 4 == 0) {
                changed.resize(random.below(signature.size()));
            } else {
                changed[random.below(changed.size())] ^=
                    static_cast<std::uint8_t>(1U << random.below(8));
            }
            REQUIRE(!verify(ours, key.public_key(), message, changed));
            REQUIRE(!second::verify(theirs, key.public_key(), message, changed));
        }
    }
}

}  // namespace cercle::crypto
