// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "tests/differential/second.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

struct HashPairing {
    HashAlgorithm ours;
    const char* theirs;
};

constexpr HashPairing hashes[] = {{HashAlgorithm::Sha256, "SHA-256"},
                                  {HashAlgorithm::Sha384, "SHA-384"},
                                  {HashAlgorithm::Sha512, "SHA-512"}};

struct AeadPairing {
    AeadAlgorithm ours;
    const char* theirs;
};

constexpr AeadPairing aeads[] = {{AeadAlgorithm::Aes128Gcm, "AES-128/GCM"},
                                 {AeadAlgorithm::Aes256Gcm, "AES-256/GCM"},
                                 {AeadAlgorithm::ChaCha20Poly1305, "ChaCha20Poly1305"}};

}  // namespace

TEST_CASE("two providers hash alike") {
    vectors::SeededRandom random(48);
    for (int round = 0; round < 500; ++round) {
        const Bytes message = random.bytes(random.below(2000));
        for (const auto& [ours, theirs] : hashes) {
            REQUIRE(hash(ours, {message}) == second::hash(theirs, message));
        }
        const Digest digest = sha256(message);
        REQUIRE(Bytes(digest.begin(), digest.end()) == second::hash("SHA-256", message));
        REQUIRE(to_bytes(sha3_256({message}).reveal()) == second::hash("SHA-3(256)", message));
        const std::size_t size = 1 + random.below(600);
        REQUIRE(to_bytes(shake256({message}, size).reveal()) ==
                second::hash("SHAKE-256(" + std::to_string(size * 8) + ")", message));
    }
}

TEST_CASE("two providers make the same MACs, and derive the same keys") {
    vectors::SeededRandom random(49);
    for (const auto& [ours, theirs] : hashes) {
        INFO(theirs);
        for (int round = 0; round < 300; ++round) {
            const Bytes key = random.bytes(1 + random.below(200));
            const Bytes message = random.bytes(random.below(500));
            REQUIRE(hmac(ours, key, message) == second::hmac(theirs, key, message));
            const Bytes salt = random.bytes(random.below(100));
            const Secret extracted = hkdf_extract(ours, salt, message);
            REQUIRE(to_bytes(extracted.reveal()) == second::hkdf_extract(theirs, salt, message));
            const std::size_t size = 1 + random.below(255 * digest_size(ours));
            const Bytes expanded = second::hkdf_expand(theirs, extracted.reveal(), key, size);
            REQUIRE(to_bytes(hkdf_expand(ours, extracted.reveal(), key, size).reveal()) ==
                    expanded);
            REQUIRE(to_bytes(HkdfKey(ours, extracted.reveal()).expand(key, size).reveal()) ==
                    expanded);
        }
    }
}

TEST_CASE("what one provider encrypts the other decrypts, and the same of it") {
    vectors::SeededRandom random(50);
    for (const auto& [ours, theirs] : aeads) {
        INFO(theirs);
        for (int round = 0; round < 500; ++round) {
            const Bytes key = random.bytes(aead_key_size(ours));
            const Bytes nonce = random.bytes(aead_nonce_size);
            const Bytes associated = random.bytes(random.below(100));
            const Bytes plaintext = random.bytes(random.below(2000));
            Bytes ciphertext = aead_encrypt(ours, key, nonce, associated, plaintext);
            REQUIRE(ciphertext == second::aead_encrypt(theirs, key, nonce, associated, plaintext));
            REQUIRE(second::aead_decrypt(theirs, key, nonce, associated, ciphertext) == plaintext);
            ciphertext[random.below(ciphertext.size())] ^=
                static_cast<std::uint8_t>(1U << random.below(8));
            REQUIRE(!aead_decrypt(ours, key, nonce, associated, ciphertext));
            REQUIRE(!second::aead_decrypt(theirs, key, nonce, associated, ciphertext));
        }
    }
}

}  // namespace cercle::crypto
