// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "crypto/curve.h"
#include "tests/differential/second.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

struct Pairing {
    const Curve& ours;
    const char* theirs;
};

const Pairing pairings[] = {{x25519, "X25519"},
                            {x448, "X448"},
                            {p256, "secp256r1"},
                            {p384, "secp384r1"},
                            {p521, "secp521r1"}};

Bytes scalar(const Curve& curve, vectors::SeededRandom& random) {
    for (;;) {
        Bytes drawn = random.bytes(curve.scalar_size);
        drawn.front() &= curve.top_mask;
        if (curve.is_scalar(drawn)) return drawn;
    }
}

}  // namespace

TEST_CASE("two keys agree on the same secret, whoever of two providers computes it") {
    vectors::SeededRandom random(41);
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        for (int round = 0; round < 200; ++round) {
            const Bytes first = scalar(ours, random);
            const Bytes second = scalar(ours, random);
            const Pkey own = ours.import_scalar(first);
            const Bytes public_key = ours.element_of(own.get());
            REQUIRE(public_key == second::public_key(theirs, first));
            const Bytes peer = second::public_key(theirs, second);
            const auto imported = ours.import_element(peer);
            REQUIRE(imported.has_value());
            const auto agreed = ours.agree(own.get(), imported->get());
            REQUIRE(agreed.has_value());
            REQUIRE(to_bytes(agreed->reveal()) == second::agree(theirs, second, public_key));
        }
    }
}

TEST_CASE("what one provider refuses for a public key, the other refuses, too") {
    vectors::SeededRandom random(42);
    int refused = 0;
    for (const auto& [ours, theirs] : pairings) {
        INFO(theirs);
        const Bytes secret = scalar(ours, random);
        const Pkey own = ours.import_scalar(secret);
        for (int round = 0; round < 200; ++round) {
            // A key with one bit flipped, no key at all, or nothing but zeros.
            Bytes peer = ours.element_of(ours.import_scalar(scalar(ours, random)).get());
            const std::size_t bit =
                8 * (peer.size() > 100 ? 1U : 0U) + random.below(peer.size() * 8 - 8);
            peer[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            if (round % 10 == 1) peer = random.bytes(peer.size());
            if (round % 10 == 2) std::ranges::fill(peer, std::uint8_t{0});
            std::optional<Bytes> agreed;
            if (const auto imported = ours.import_element(peer)) {
                if (const auto shared = ours.agree(own.get(), imported->get())) {
                    agreed = to_bytes(shared->reveal());
                }
            }
            // Botan takes points in more forms than we do, so for those only one way is asked.
            const bool other_form = ours.is_prime_curve() && peer.front() != 4;
            if (!other_form) REQUIRE(agreed == second::agree(theirs, secret, peer));
            if (other_form) REQUIRE(!agreed);
            if (!agreed) ++refused;
        }
    }
    CHECK(refused > 300);
}

}  // namespace cercle::crypto
