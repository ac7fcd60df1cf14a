// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/differential/second.h"

#include <memory>

#include <botan/aead.h>
#include <botan/bigint.h>
#include <botan/chacha_rng.h>
#include <botan/ec_group.h>
#include <botan/ecdh.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/ed448.h>
#include <botan/exceptn.h>
#include <botan/hash.h>
#include <botan/kdf.h>
#include <botan/mac.h>
#include <botan/ml_dsa.h>
#include <botan/ml_kem.h>
#include <botan/pubkey.h>
#include <botan/x25519.h>
#include <botan/x448.h>

namespace cercle::second {
namespace {

Bytes own(const auto& bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Randomness that nobody should need: what is compared follows from its input.
Botan::ChaCha_RNG& some_random() {
    static Botan::ChaCha_RNG random(Botan::secure_vector<std::uint8_t>(32, 7));
    return random;
}

Botan::EC_Group group_of(const std::string& curve) {
    return Botan::EC_Group::from_name(curve);
}

std::unique_ptr<Botan::PK_Key_Agreement_Key> agreement_key(const std::string& curve,
                                                           BytesView secret) {
    if (curve == "X25519") return std::make_unique<Botan::X25519_PrivateKey>(secret);
    if (curve == "X448") return std::make_unique<Botan::X448_PrivateKey>(secret);
    return std::make_unique<Botan::ECDH_PrivateKey>(
        some_random(), group_of(curve), Botan::BigInt(secret));
}

bool is_lattice(const std::string& algorithm) {
    return algorithm.starts_with("ML-DSA");
}

std::unique_ptr<Botan::Private_Key> signing_key(const std::string& algorithm, BytesView secret) {
    if (algorithm == "Ed25519") {
        return std::make_unique<Botan::Ed25519_PrivateKey>(
            Botan::Ed25519_PrivateKey::from_seed(secret));
    }
    if (algorithm == "Ed448") return std::make_unique<Botan::Ed448_PrivateKey>(secret);
    if (is_lattice(algorithm)) {
        return std::make_unique<Botan::ML_DSA_PrivateKey>(secret, Botan::ML_DSA_Mode(algorithm));
    }
    return std::make_unique<Botan::ECDSA_PrivateKey>(
        some_random(), group_of(algorithm), Botan::BigInt(secret));
}

std::unique_ptr<Botan::Public_Key> verifying_key(const std::string& algorithm, BytesView bytes) {
    if (algorithm == "Ed25519") return std::make_unique<Botan::Ed25519_PublicKey>(bytes);
    if (algorithm == "Ed448") return std::make_unique<Botan::Ed448_PublicKey>(bytes);
    if (is_lattice(algorithm)) {
        return std::make_unique<Botan::ML_DSA_PublicKey>(bytes, Botan::ML_DSA_Mode(algorithm));
    }
    const auto group = group_of(algorithm);
    return std::make_unique<Botan::ECDSA_PublicKey>(group, Botan::EC_AffinePoint(group, bytes));
}

/// What Botan calls padding: the hash of ECDSA, and how the others are made.
std::string manner_of(const std::string& algorithm) {
    if (algorithm == "secp256r1") return "SHA-256";
    if (algorithm == "secp384r1") return "SHA-384";
    if (algorithm == "secp521r1") return "SHA-512";
    return is_lattice(algorithm) ? "Deterministic" : "Pure";
}

Botan::Signature_Format format_of(const std::string& algorithm) {
    return algorithm.starts_with("secp") ? Botan::Signature_Format::DerSequence
                                         : Botan::Signature_Format::Standard;
}

Botan::ML_KEM_PrivateKey lattice_key(const std::string& parameters, BytesView seed) {
    return {seed, Botan::ML_KEM_Mode(parameters)};
}

}  // namespace

Bytes hash(const std::string& algorithm, BytesView message) {
    return own(Botan::HashFunction::create_or_throw(algorithm)->process(message));
}

Bytes hmac(const std::string& hash, BytesView key, BytesView message) {
    const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(" + hash + ")");
    mac->set_key(key);
    return own(mac->process(message));
}

Bytes hkdf_extract(const std::string& hash, BytesView salt, BytesView input) {
    const auto kdf = Botan::KDF::create_or_throw("HKDF-Extract(" + hash + ")");
    const auto size = Botan::HashFunction::create_or_throw(hash)->output_length();
    return own(kdf->derive_key(size, input, salt, BytesView{}));
}

Bytes hkdf_expand(const std::string& hash, BytesView key, BytesView info, std::size_t size) {
    const auto kdf = Botan::KDF::create_or_throw("HKDF-Expand(" + hash + ")");
    return own(kdf->derive_key(size, key, BytesView{}, info));
}

Bytes aead_encrypt(const std::string& algorithm,
                   BytesView key,
                   BytesView nonce,
                   BytesView associated,
                   BytesView plaintext) {
    const auto mode = Botan::AEAD_Mode::create_or_throw(algorithm, Botan::Cipher_Dir::Encryption);
    mode->set_key(key);
    mode->set_associated_data(associated);
    mode->start(nonce);
    Botan::secure_vector<std::uint8_t> buffer(plaintext.begin(), plaintext.end());
    mode->finish(buffer);
    return own(buffer);
}

std::optional<Bytes> aead_decrypt(const std::string& algorithm,
                                  BytesView key,
                                  BytesView nonce,
                                  BytesView associated,
                                  BytesView ciphertext) {
    const auto mode = Botan::AEAD_Mode::create_or_throw(algorithm, Botan::Cipher_Dir::Decryption);
    mode->set_key(key);
    mode->set_associated_data(associated);
    mode->start(nonce);
    Botan::secure_vector<std::uint8_t> buffer(ciphertext.begin(), ciphertext.end());
    try {
        mode->finish(buffer);
    } catch (const Botan::Invalid_Authentication_Tag&) {
        return std::nullopt;
    }
    return own(buffer);
}

Bytes public_key(const std::string& curve, BytesView secret) {
    return own(agreement_key(curve, secret)->public_value());
}

std::optional<Bytes> agree(const std::string& curve, BytesView secret, BytesView peer) {
    const auto key = agreement_key(curve, secret);
    try {
        const Botan::PK_Key_Agreement agreement(*key, some_random(), "Raw");
        return own(agreement.derive_key(0, peer).bits_of());
    } catch (const Botan::Exception&) {
        return std::nullopt;
    }
}

Bytes signing_public_key(const std::string& algorithm, BytesView secret) {
    return own(signing_key(algorithm, secret)->raw_public_key_bits());
}

Bytes sign(const std::string& algorithm, BytesView secret, BytesView message) {
    const auto key = signing_key(algorithm, secret);
    Botan::PK_Signer signer(*key, some_random(), manner_of(algorithm), format_of(algorithm));
    return own(signer.sign_message(message, some_random()));
}

bool verify(const std::string& algorithm,
            BytesView public_key,
            BytesView message,
            BytesView signature) {
    try {
        const auto key = verifying_key(algorithm, public_key);
        // For verifying a lattice's signature it does not matter how it was made.
        Botan::PK_Verifier verifier(
            *key, is_lattice(algorithm) ? "" : manner_of(algorithm), format_of(algorithm));
        return verifier.verify_message(message, signature);
    } catch (const Botan::Exception&) {
        return false;
    }
}

Bytes lattice_public_key(const std::string& parameters, BytesView seed) {
    return own(lattice_key(parameters, seed).public_key_bits());
}

std::optional<Encapsulated> encapsulate(const std::string& parameters,
                                        BytesView public_key,
                                        BytesView seed) {
    try {
        const Botan::ML_KEM_PublicKey key(public_key, Botan::ML_KEM_Mode(parameters));
        Botan::ChaCha_RNG random(Botan::secure_vector<std::uint8_t>(seed.begin(), seed.end()));
        Botan::PK_KEM_Encryptor encryptor(key, "Raw");
        const auto sent = encryptor.encrypt(random, 32);
        return Encapsulated{own(sent.shared_key()), own(sent.encapsulated_shared_key())};
    } catch (const Botan::Exception&) {
        return std::nullopt;
    }
}

Bytes decapsulate(const std::string& parameters, BytesView seed, BytesView ciphertext) {
    const auto key = lattice_key(parameters, seed);
    Botan::PK_KEM_Decryptor decryptor(key, some_random(), "Raw");
    return own(decryptor.decrypt(ciphertext, 32));
}

}  // namespace cercle::second
