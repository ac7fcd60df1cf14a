// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "crypto/kem.h"
#include "tests/differential/second.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

struct Pairing {
    KemAlgorithm ours;
    const char* theirs;
};

constexpr Pairing pairings[] = {{KemAlgorithm::MlKem768, "ML-KEM-768"},
                                {KemAlgorithm::MlKem1024, "ML-KEM-1024"}};

}  // namespace

TEST_CASE("what one provider encapsulates with ML-KEM, the other decapsulates") {
    vectors::SeededRandom random(45);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        for (int round = 0; round < 200; ++round) {
            const KemKey key = KemKey::generate(ours, random);
            const BytesView seed = key.secret().reveal();
            REQUIRE(key.public_key() == second::lattice_public_key(theirs, seed));

            const auto sent = encapsulate(ours, key.public_key(), random);
            REQUIRE(sent.has_value());
            REQUIRE(to_bytes(sent->shared.reveal()) ==
                    second::decapsulate(theirs, seed, sent->encapsulation));

            const auto came = second::encapsulate(theirs, key.public_key(), random.bytes(32));
            REQUIRE(came.has_value());
            const auto received = key.decapsulate(came->ciphertext);
            REQUIRE(received.has_value());
            REQUIRE(to_bytes(received->reveal()) == came->shared);
        }
    }
}

TEST_CASE("both providers give the same wrong secret for a forged ciphertext of ML-KEM") {
    vectors::SeededRandom random(46);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        const KemKey key = KemKey::generate(ours, random);
        for (int round = 0; round < 200; ++round) {
            auto sent = encapsulate(ours, key.public_key(), random);
            REQUIRE(sent.has_value());
            Bytes forged = sent->encapsulation;
            forged[random.below(forged.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
            const auto rejected = key.decapsulate(forged);
            REQUIRE(rejected.has_value());
            REQUIRE(*rejected != sent->shared);
            REQUIRE(to_bytes(rejected->reveal()) ==
                    second::decapsulate(theirs, key.secret().reveal(), forged));
        }
    }
}

TEST_CASE("what one provider refuses for a key of ML-KEM, the other refuses, too") {
    vectors::SeededRandom random(47);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        int refused = 0;
        for (int round = 0; round < 400; ++round) {
            Bytes public_key = KemKey::generate(ours, random).public_key();
            // A coefficient has 12 bits; above 3328 it is none.
            const std::size_t at = 3 * random.below((public_key.size() - 32) / 3);
            public_key[at] = static_cast<std::uint8_t>(random.below(256));
            public_key[at + 1] = static_cast<std::uint8_t>((public_key[at + 1] & 0xf0U) | 0x0dU);
            const bool taken = encapsulate(ours, public_key, random).has_value();
            REQUIRE(taken == second::encapsulate(theirs, public_key, random.bytes(32)).has_value());
            if (!taken) ++refused;
        }
        // 0xd00 is a coefficient and 0xd01 is not.
        CHECK(refused > 300);
    }
}

}  // namespace cercle::crypto
