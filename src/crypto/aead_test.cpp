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
        vectors::require_damage_refused(ciphertext, [&](const Bytes& damaged) {
            return aead_decrypt_in_place(algorithm, key, nonce, associated, damaged).has_value();
        });
        vectors::require_damage_refused(associated, [&](const Bytes& damaged) {
            return aead_decrypt(algorithm, key, nonce, damaged, ciphertext).has_value();
        });
    }
}

TEST_CASE("what is opened in its ciphertext's place is what is opened beside it") {
    for (const AeadAlgorithm algorithm : every_algorithm) {
        const Bytes key(aead_key_size(algorithm), 1);
        const Bytes nonce(aead_nonce_size, 2);
        const Bytes plaintext(100'000, 3);
        const Bytes ciphertext = aead_encrypt(algorithm, key, nonce, key, plaintext);
        CHECK(aead_decrypt(algorithm, key, nonce, key, ciphertext).value() == plaintext);
        CHECK(aead_decrypt_in_place(algorithm, key, nonce, key, ciphertext).value() == plaintext);
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
        const auto in_place = aead_decrypt_in_place(algorithm, key, nonce, {}, ciphertext);
        REQUIRE(in_place.has_value());
        CHECK(in_place->empty());
    }
}

}  // namespace cercle::crypto
