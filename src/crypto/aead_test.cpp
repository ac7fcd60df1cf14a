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

/// Runs what our door can say of one wycheproof file: 12-byte nonces and full tags.
template <class Choose>
int run_wycheproof(const std::string& file, const Choose& choose) {
    int ran = 0;
    for (const auto& group : vectors::groups(file)) {
        const std::optional<AeadAlgorithm> algorithm = choose(group["keySize"].get<int>());
        if (!algorithm || group["ivSize"] != 96 || group["tagSize"] != 128) continue;
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            const Bytes key = vectors::bytes(test["key"]);
            const Bytes nonce = vectors::bytes(test["iv"]);
            const Bytes associated = vectors::bytes(test["aad"]);
            const Bytes plaintext = vectors::bytes(test["msg"]);
            Bytes ciphertext = vectors::bytes(test["ct"]);
            append(ciphertext, vectors::bytes(test["tag"]));
            const auto opened = aead_decrypt(*algorithm, key, nonce, associated, ciphertext);
            const auto secret = aead_decrypt_secret(*algorithm, key, nonce, associated, ciphertext);
            if (test["result"] == "valid") {
                CHECK(aead_encrypt(*algorithm, key, nonce, associated, plaintext) == ciphertext);
                REQUIRE(opened.has_value());
                CHECK(*opened == plaintext);
                REQUIRE(secret.has_value());
                CHECK(to_bytes(secret->reveal()) == plaintext);
            } else {
                REQUIRE(!opened.has_value());
                CHECK(opened.error().code == Code::forged);
                CHECK(!secret.has_value());
            }
            ++ran;
        }
    }
    return ran;
}

}  // namespace

TEST_CASE("AES-GCM agrees with wycheproof") {
    const int ran = run_wycheproof("wycheproof/aes_gcm_test.json",
                                   [](int bits) -> std::optional<AeadAlgorithm> {
                                       if (bits == 128) return AeadAlgorithm::Aes128Gcm;
                                       if (bits == 256) return AeadAlgorithm::Aes256Gcm;
                                       return std::nullopt;
                                   });
    CHECK(ran == 133);  // of 316: the others have keys, nonces or tags of other sizes
}

TEST_CASE("ChaCha20-Poly1305 agrees with wycheproof") {
    const int ran = run_wycheproof("wycheproof/chacha20_poly1305_test.json", [](int bits) {
        return bits == 256 ? std::optional(AeadAlgorithm::ChaCha20Poly1305) : std::nullopt;
    });
    CHECK(ran == 316);  // of 325, likewise
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
