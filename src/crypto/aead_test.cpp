// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/aead.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/damage.h"

namespace cercle::crypto {
namespace {

constexpr AeadAlgorithm every_algorithm[] = {
    AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305};

}  // namespace

TEST_CASE("a ciphertext opens only whole, unchanged, and with its own associated data") {
    for (const AeadAlgorithm algorithm : every_algorithm) {
        const Bytes key(aead_key_size(algorithm), 0x42);
        const Bytes nonce(aead_nonce_size, 0x24);
        const Bytes associated = to_bytes("who and when");
        const Bytes plaintext = to_bytes("a secret of forty-eight bytes, three blocks long");
        const Bytes ciphertext = aead_encrypt(algorithm, key, nonce, associated, plaintext);
        vectors::require_damage_refused(ciphertext, [&](const Bytes& damaged) {
            return aead_decrypt(algorithm, key, nonce, associated, damaged).has_value();
        });
        vectors::require_damage_refused(ciphertext, [&](const Bytes& damaged) {
            return aead_decrypt_secret(algorithm, key, nonce, associated, damaged).has_value();
        });
        vectors::require_damage_refused(associated, [&](const Bytes& damaged) {
            return aead_decrypt(algorithm, key, nonce, damaged, ciphertext).has_value();
        });
    }
}

TEST_CASE("an empty plaintext is sealed as well") {
    for (const AeadAlgorithm algorithm : every_algorithm) {
        const Bytes key(aead_key_size(algorithm), 1);
        const Bytes nonce(aead_nonce_size, 2);
        const Bytes ciphertext = aead_encrypt(algorithm, key, nonce, {}, {});
        CHECK(ciphertext.size() == aead_tag_size);
        const auto opened = aead_decrypt(algorithm, key, nonce, {}, ciphertext);
        REQUIRE(opened.has_value());
        CHECK(opened->empty());
        const auto secret = aead_decrypt_secret(algorithm, key, nonce, {}, ciphertext);
        REQUIRE(secret.has_value());
        CHECK(secret->empty());
    }
}

}  // namespace cercle::crypto
