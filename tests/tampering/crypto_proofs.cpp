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

std::string name_of(SignatureAlgorithm algorithm) {
    switch (algorithm) {
        using enum SignatureAlgorithm;
        case Ed25519:
            return "Ed25519";
        case Ed448:
            return "Ed448";
        case EcdsaP256Sha256:
            return "ECDSA over P-256";
        case EcdsaP384Sha384:
            return "ECDSA over P-384";
        case EcdsaP521Sha512:
            return "ECDSA over P-521";
        case MlDsa44:
            return "ML-DSA-44";
        case MlDsa65:
            return "ML-DSA-65";
        case MlDsa87:
            return "ML-DSA-87";
    }
    return "an algorithm without a name here";
}

/// Whatever algorithm there is.
const Registrations signatures{[] {
    std::vector<Kind> all;
    for (const SignatureAlgorithm algorithm : crypto::all_signatures()) {
        all.push_back({.name = "a signature of " + name_of(algorithm),
                       .labels = {},
                       .judged_in = {"crypto/sign.cpp"},
                       .refusal = Code::forged,
                       .prepare = signature(algorithm)});
    }
    return all;
}()};

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

std::string name_of(KemAlgorithm algorithm) {
    switch (algorithm) {
        using enum KemAlgorithm;
        case DhkemP256:
            return "P-256";
        case DhkemP384:
            return "P-384";
        case DhkemP521:
            return "P-521";
        case DhkemX25519:
            return "X25519";
        case DhkemX448:
            return "X448";
        case MlKem768:
            return "ML-KEM-768";
        case MlKem1024:
            return "ML-KEM-1024";
        case MlKem768P256:
            return "ML-KEM-768 with P-256";
        case MlKem1024P384:
            return "ML-KEM-1024 with P-384";
        case XWing:
            return "X-Wing";
    }
    return "a KEM without a name here";
}

/// Whatever KEM there is.
const Registrations messages{[] {
    std::vector<Kind> all;
    for (const KemAlgorithm algorithm : crypto::all_kems()) {
        all.push_back({.name = "an HPKE message to a key of " + name_of(algorithm),
                       .labels = {},
                       .judged_in = {"crypto/hpke.cpp"},
                       .refusal = Code::forged,
                       .prepare = hpke(algorithm)});
    }
    return all;
}()};

}  // namespace
