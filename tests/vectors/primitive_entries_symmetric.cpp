// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Wycheproof's vectors of AEADs, HMAC and HKDF.
#include <optional>
#include <string>

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "tests/vectors/primitive_entries.h"

namespace cercle::vectors {

using namespace crypto;

namespace {

std::optional<AeadAlgorithm> aead_of(const std::string& name, const Json& bits) {
    if (name == "AES-GCM" && bits == 128) return AeadAlgorithm::Aes128Gcm;
    if (name == "AES-GCM" && bits == 256) return AeadAlgorithm::Aes256Gcm;
    if (name == "CHACHA20-POLY1305" && bits == 256) return AeadAlgorithm::ChaCha20Poly1305;
    return std::nullopt;
}

/// By the end of what Wycheproof calls it.
std::optional<HashAlgorithm> hash_of(const std::string& name, const std::string& before) {
    if (name == before + "256") return HashAlgorithm::Sha256;
    if (name == before + "384") return HashAlgorithm::Sha384;
    if (name == before + "512") return HashAlgorithm::Sha512;
    return std::nullopt;
}

}  // namespace

void try_aead(const Grouped& one, Trial& trial) {
    const auto name = one.file.at("algorithm").get<std::string>();
    const auto algorithm = aead_of(name, one.group.at("keySize"));
    if (name != "AES-GCM" && name != "CHACHA20-POLY1305") {
        return trial.not_covered(name + ", which no suite of MLS has");
    }
    if (!algorithm) return trial.not_covered("a key of another size");
    if (one.group.at("ivSize") != 96) return trial.not_covered("a nonce of another size");
    if (one.group.at("tagSize") != 128) return trial.not_covered("a tag of another size");
    const Bytes key = unhex(one.test.at("key"));
    const Bytes nonce = unhex(one.test.at("iv"));
    if (!trial.expect(key.size() == aead_key_size(*algorithm), "key") ||
        !trial.expect(nonce.size() == aead_nonce_size, "iv")) {
        return;
    }
    const Bytes associated = unhex(one.test.at("aad"));
    const Bytes plaintext = unhex(one.test.at("msg"));
    Bytes ciphertext = unhex(one.test.at("ct"));
    append(ciphertext, unhex(one.test.at("tag")));
    const auto opened = aead_decrypt(*algorithm, key, nonce, associated, ciphertext);
    const auto secret = aead_decrypt_secret(*algorithm, key, nonce, associated, ciphertext);
    trial.expect(as_wanted(one.test, opened.has_value()), "decrypting");
    trial.expect(as_wanted(one.test, secret.has_value()), "decrypting a secret");
    trial.expect(opened || opened.error().code == Code::forged, "the refusal");
    trial.expect(!opened || *opened == plaintext, "msg");
    trial.expect(!secret || to_bytes(secret->reveal()) == plaintext, "msg as a secret");
    trial.expect(
        !opened || aead_encrypt(*algorithm, key, nonce, associated, plaintext) == ciphertext,
        "encrypting");
}

void try_hmac(const Grouped& one, Trial& trial) {
    const auto name = one.file.at("algorithm").get<std::string>();
    const auto algorithm = hash_of(name, "HMACSHA");
    if (!algorithm) return trial.not_covered(name + ", which no suite of MLS has");
    Bytes tag = hmac(*algorithm, unhex(one.test.at("key")), unhex(one.test.at("msg")));
    const auto size = one.group.at("tagSize").get<std::size_t>() / 8;
    if (!trial.expect(size <= tag.size(), "tagSize")) return;
    tag.resize(size);  // some are cut to half
    trial.expect(as_wanted(one.test, equal_in_constant_time(tag, unhex(one.test.at("tag")))),
                 "tag");
}

void try_hkdf(const Grouped& one, Trial& trial) {
    const auto name = one.file.at("algorithm").get<std::string>();
    const auto algorithm = hash_of(name, "HKDF-SHA-");
    if (!algorithm) return trial.not_covered(name + ", which no suite of MLS has");
    const auto size = one.test.at("size").get<std::size_t>();
    // RFC 5869 section 2.3: "L length of output keying material in octets (<= 255*HashLen)"
    const bool within = size <= 255 * digest_size(*algorithm);
    if (!trial.expect(as_wanted(one.test, within), "size")) return;
    if (!within) {
        return trial.not_covered("more than 255 digests, which nobody may ask for here");
    }
    const Secret key =
        hkdf_extract(*algorithm, unhex(one.test.at("salt")), unhex(one.test.at("ikm")));
    const Bytes info = unhex(one.test.at("info"));
    const Bytes okm = unhex(one.test.at("okm"));
    trial.expect(to_bytes(hkdf_expand(*algorithm, key.reveal(), info, size).reveal()) == okm,
                 "okm");
    trial.expect(to_bytes(HkdfKey(*algorithm, key.reveal()).expand(info, size).reveal()) == okm,
                 "okm of a key that is kept");
}

}  // namespace cercle::vectors
