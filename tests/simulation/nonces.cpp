// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/nonces.h"

#include "codec/tls.h"
#include "crypto/aead.h"
#include "protocol/frames.h"

// The linker's --wrap (tests/simulation/CMakeLists.txt) turns every call of crypto::aead_encrypt
// into one of the first, and gives the genuine one the name of the second. Both are told by their
// mangled names: when the signature changes, linking fails and says so.
namespace cercle::crypto {

Bytes watched_encrypt(AeadAlgorithm algorithm, BytesView key, BytesView nonce, BytesView associated, BytesView plaintext) __asm__(
    "__wrap__ZN6cercle6crypto12aead_encryptENS0_13AeadAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_S4_S4_");
Bytes genuine_encrypt(AeadAlgorithm algorithm, BytesView key, BytesView nonce, BytesView associated, BytesView plaintext) __asm__(
    "__real__ZN6cercle6crypto12aead_encryptENS0_13AeadAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_S4_S4_");

}  // namespace cercle::crypto

namespace cercle::simulation {
namespace {

Nonces*& watching() {
    static Nonces* one = nullptr;
    return one;
}

constexpr std::size_t reuse_guard_size = 4;

}  // namespace

Nonces::Nonces() {
    watching() = this;
}

Nonces::~Nonces() {
    watching() = nullptr;
}

void Nonces::note_encryption(BytesView key, BytesView nonce, BytesView ciphertext) {
    if (!pairs_.insert(crypto::sha256({key, nonce})).second) {
        faults_.emplace_back("a key and nonce have encrypted twice");
    }
    made_by_.emplace(crypto::sha256(ciphertext),
                     crypto::sha256({key, nonce.subspan(reuse_guard_size)}));
    sizes_.insert(ciphertext.size());
}

void Nonces::note_payload(BytesView payload) {
    // The ciphertext is the last field of a PrivateMessage (RFC 9420 section 6.3).
    for (const std::size_t size : sizes_) {
        if (size > payload.size()) break;
        const crypto::Digest digest = crypto::sha256(payload.last(size));
        const auto made = made_by_.find(digest);
        if (made == made_by_.end()) continue;
        auto& ciphertexts = sent_[made->second];
        ciphertexts.insert(digest);
        if (ciphertexts.size() > 1)
            faults_.emplace_back("a generation of a ratchet was sent twice");
    }
}

void Nonces::note_frame(BytesView frame) {
    const auto request = codec::decode<protocol::Request>(frame);
    if (!request) return;
    if (const auto* post = std::get_if<protocol::Post>(&request->body)) {
        for (const auto& entry : post->entries)
            note_payload(entry.payload);
    }
    if (const auto* post = std::get_if<protocol::PostBundle>(&request->body)) {
        const auto bundle = codec::decode<protocol::Bundle>(post->bundle.bundle);
        if (bundle) note_payload(bundle->commit);
    }
}

}  // namespace cercle::simulation

cercle::Bytes cercle::crypto::watched_encrypt(AeadAlgorithm algorithm,
                                              BytesView key,
                                              BytesView nonce,
                                              BytesView associated,
                                              BytesView plaintext) {
    Bytes ciphertext = genuine_encrypt(algorithm, key, nonce, associated, plaintext);
    if (simulation::watching() != nullptr) {
        simulation::watching()->note_encryption(key, nonce, ciphertext);
    }
    return ciphertext;
}
