// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The primitives by themselves: what everything else stands on.

#include "crypto/aead.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "tests/must.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;
using crypto::AeadAlgorithm;
using crypto::KemAlgorithm;
using crypto::SignatureAlgorithm;
using vectors::SeededRandom;

const BytesView message = view_of("a message");

std::function<Present()> signature(SignatureAlgorithm algorithm) {
    return [algorithm]() -> Present {
        SeededRandom random(1);
        const auto key = crypto::SigningKey::generate(algorithm, random);
        return [algorithm, signer = key.public_key(), genuine = key.sign(message)](
                   const Change& change) {
            return crypto::verify(algorithm, signer, message, change(genuine));
        };
    };
}

const Registration ed25519{{.name = "a signature of Ed25519",
                            .labels = {},
                            .judged_in = {"crypto/sign.cpp"},
                            .refusal = Code::forged,
                            .prepare = signature(SignatureAlgorithm::Ed25519)}};

const Registration ecdsa{{.name = "a signature of ECDSA over P-256",
                          .labels = {},
                          .judged_in = {"crypto/sign.cpp"},
                          .refusal = Code::forged,
                          .prepare = signature(SignatureAlgorithm::EcdsaP256Sha256)}};

std::function<Present()> ciphertext(AeadAlgorithm algorithm) {
    return [algorithm]() -> Present {
        const Bytes key(crypto::aead_key_size(algorithm), 1);
        const Bytes nonce(crypto::aead_nonce_size, 2);
        return [algorithm,
                key,
                nonce,
                genuine = crypto::aead_encrypt(algorithm, key, nonce, {}, message)](
                   const Change& change) -> Result<void> {
            TRY_VOID(crypto::aead_decrypt(algorithm, key, nonce, {}, change(genuine)));
            return {};
        };
    };
}

const Registration aes128{{.name = "a ciphertext of AES-128-GCM with its tag",
                           .labels = {},
                           .judged_in = {"crypto/aead.cpp"},
                           .refusal = Code::forged,
                           .prepare = ciphertext(AeadAlgorithm::Aes128Gcm)}};

const Registration aes256{{.name = "a ciphertext of AES-256-GCM with its tag",
                           .labels = {},
                           .judged_in = {"crypto/aead.cpp"},
                           .refusal = Code::forged,
                           .prepare = ciphertext(AeadAlgorithm::Aes256Gcm)}};

const Registration chacha20{{.name = "a ciphertext of ChaCha20-Poly1305 with its tag",
                             .labels = {},
                             .judged_in = {"crypto/aead.cpp"},
                             .refusal = Code::forged,
                             .prepare = ciphertext(AeadAlgorithm::ChaCha20Poly1305)}};

/// Both fields of an HPKE message after each other, as one proof: each is tried at every length
/// and bit, and a cut in the first runs into the second.
std::function<Present()> hpke(KemAlgorithm kem) {
    return [kem]() -> Present {
        const crypto::HpkeSuite suite{kem, crypto::HashAlgorithm::Sha256, AeadAlgorithm::Aes128Gcm};
        SeededRandom random(1);
        auto key = std::make_shared<crypto::KemKey>(crypto::KemKey::generate(kem, random));
        const auto made =
            must(crypto::hpke_encrypt(suite, key->public_key(), {}, {}, message, random));
        Bytes genuine = made.encapsulation;
        append(genuine, made.ciphertext);
        return [suite, key, genuine](const Change& change) -> Result<void> {
            const Bytes changed = change(genuine);
            const std::size_t split =
                std::min(changed.size(), crypto::kem_encapsulation_size(suite.kem));
            TRY_VOID(crypto::hpke_decrypt(suite,
                                          *key,
                                          {},
                                          {},
                                          BytesView(changed).first(split),
                                          BytesView(changed).subspan(split)));
            return {};
        };
    };
}

const Registration hpke_x25519{{.name = "an HPKE message to a key of X25519",
                                .labels = {},
                                .judged_in = {"crypto/hpke.cpp"},
                                .refusal = Code::forged,
                                .prepare = hpke(KemAlgorithm::DhkemX25519)}};

const Registration hpke_p256{{.name = "an HPKE message to a key of P-256",
                              .labels = {},
                              .judged_in = {"crypto/hpke.cpp"},
                              .refusal = Code::forged,
                              .prepare = hpke(KemAlgorithm::DhkemP256)}};

const Registration hpke_xwing{{.name = "an HPKE message to a key of X-Wing",
                               .labels = {},
                               .judged_in = {"crypto/hpke.cpp"},
                               .refusal = Code::forged,
                               .prepare = hpke(KemAlgorithm::XWing)}};

}  // namespace
