// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hpke.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "tests/vectors/damage.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

constexpr HpkeSuite default_suite{
    .kem = KemAlgorithm::XWing, .kdf = HashAlgorithm::Sha384, .aead = AeadAlgorithm::Aes256Gcm};

}  // namespace

TEST_CASE("an HPKE message opens only whole, unchanged, in its own context") {
    vectors::SeededRandom random(5);
    for (const KemAlgorithm kem : {KemAlgorithm::DhkemX25519, KemAlgorithm::DhkemP256}) {
        const HpkeSuite suite{
            .kem = kem, .kdf = HashAlgorithm::Sha256, .aead = AeadAlgorithm::Aes128Gcm};
        const KemKey key = KemKey::generate(suite.kem, random);
        const Bytes info = to_bytes("info");
        const Bytes associated = to_bytes("associated");
        const auto sent =
            hpke_encrypt(suite, key.public_key(), info, associated, view_of("path secret"), random);
        REQUIRE(sent.has_value());
        const auto opens = [&](BytesView in, BytesView with, BytesView sealed, BytesView text) {
            const auto opened = hpke_decrypt(suite, key, in, with, sealed, text);
            if (!opened && opened.error().code != Code::forged) FAIL("another refusal");
            return opened.has_value();
        };
        vectors::require_damage_refused(info, [&](const Bytes& damaged) {
            return opens(damaged, associated, sent->encapsulation, sent->ciphertext);
        });
        vectors::require_damage_refused(associated, [&](const Bytes& damaged) {
            return opens(info, damaged, sent->encapsulation, sent->ciphertext);
        });
        vectors::require_damage_refused(sent->encapsulation, [&](const Bytes& damaged) {
            return opens(info, associated, damaged, sent->ciphertext);
        });
        vectors::require_damage_refused(sent->ciphertext, [&](const Bytes& damaged) {
            return opens(info, associated, sent->encapsulation, damaged);
        });
    }
}

TEST_CASE("an X-Wing encapsulation with any bit changed opens nothing") {
    vectors::SeededRandom random(6);
    const KemKey key = KemKey::generate(default_suite.kem, random);
    const auto sent =
        hpke_encrypt(default_suite, key.public_key(), {}, {}, view_of("init secret"), random);
    REQUIRE(sent.has_value());
    vectors::require_damage_refused(sent->encapsulation, [&](const Bytes& damaged) {
        return hpke_decrypt(default_suite, key, {}, {}, damaged, sent->ciphertext).has_value();
    });
}

TEST_CASE("an export depends on its context, and its receiver gets the same") {
    vectors::SeededRandom random(7);
    const KemKey key = KemKey::generate(default_suite.kem, random);
    const auto sent =
        hpke_send_export(default_suite, key.public_key(), {}, view_of("one"), 48, random);
    REQUIRE(sent.has_value());
    const auto same =
        hpke_receive_export(default_suite, key, {}, sent->encapsulation, view_of("one"), 48);
    const auto other =
        hpke_receive_export(default_suite, key, {}, sent->encapsulation, view_of("two"), 48);
    REQUIRE(same.has_value());
    REQUIRE(other.has_value());
    CHECK(*same == sent->exported);
    CHECK(*other != sent->exported);
}

}  // namespace cercle::crypto
