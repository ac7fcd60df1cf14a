// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/aead.h"

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/damage.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

constexpr AeadAlgorithm every_algorithm[] = {
    AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305};

/// `choose` tells the algorithm for a size of keys, where we have one.
template <class Choose>
void try_wycheproof(const std::string& file, const Choose& choose) {
    vectors::try_groups(file, [&](const auto& group, const auto& test, vectors::Trial& trial) {
        const std::optional<AeadAlgorithm> algorithm = choose(group["keySize"].template get<int>());
        if (!algorithm) return trial.not_covered("a key of another size");
        if (group["ivSize"] != 96) return trial.not_covered("a nonce of another size");
        if (group["tagSize"] != 128) return trial.not_covered("a tag of another size");
        const Bytes key = vectors::bytes(test["key"]);
        const Bytes nonce = vectors::bytes(test["iv"]);
        const Bytes associated = vectors::bytes(test["aad"]);
        const Bytes plaintext = vectors::bytes(test["msg"]);
        Bytes ciphertext = vectors::bytes(test["ct"]);
        append(ciphertext, vectors::bytes(test["tag"]));
        const auto opened = aead_decrypt(*algorithm, key, nonce, associated, ciphertext);
        const auto secret = aead_decrypt_secret(*algorithm, key, nonce, associated, ciphertext);
        if (test["result"] == "valid") {
            trial.expect(aead_encrypt(*algorithm, key, nonce, associated, plaintext) == ciphertext,
                         "encrypting");
            trial.expect(opened && *opened == plaintext, "decrypting");
            trial.expect(secret && to_bytes(secret->reveal()) == plaintext, "decrypting a secret");
        } else {
            trial.expect(!opened && opened.error().code == Code::forged, "taken");
            trial.expect(!secret, "taken as a secret");
        }
    });
}

}  // namespace

TEST_CASE("AES-GCM agrees with wycheproof") {
    try_wycheproof("wycheproof/aes_gcm_test.json", [](int bits) -> std::optional<AeadAlgorithm> {
        if (bits == 128) return AeadAlgorithm::Aes128Gcm;
        if (bits == 256) return AeadAlgorithm::Aes256Gcm;
        return std::nullopt;
    });
}

TEST_CASE("ChaCha20-Poly1305 agrees with wycheproof") {
    try_wycheproof("wycheproof/chacha20_poly1305_test.json", [](int bits) {
        return bits == 256 ? std::optional(AeadAlgorithm::ChaCha20Poly1305) : std::nullopt;
    });
}

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
