// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/aead.h"

#include <array>
#include <limits>

#include "base/slab.h"
#include "crypto/openssl.h"

namespace cercle::crypto {
namespace {

constexpr std::size_t longest = std::numeric_limits<int>::max() - aead_tag_size;

const EVP_CIPHER* fetch(const char* name) {
    const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    CHECK(cipher != nullptr, "OpenSSL lacks a cipher that this program needs");
    return cipher;
}

const EVP_CIPHER* fetched(AeadAlgorithm algorithm) {
    static const EVP_CIPHER* const aes128 = fetch("AES-128-GCM");
    static const EVP_CIPHER* const aes256 = fetch("AES-256-GCM");
    static const EVP_CIPHER* const chacha20 = fetch("ChaCha20-Poly1305");
    switch (algorithm) {
        case AeadAlgorithm::Aes128Gcm:
            return aes128;
        case AeadAlgorithm::Aes256Gcm:
            return aes256;
        case AeadAlgorithm::ChaCha20Poly1305:
            return chacha20;
    }
    end_on_bug("an AEAD algorithm that does not exist");
}

enum class Direction : std::uint8_t { Decrypt = 0, Encrypt = 1 };

/// A context that has taken in key, nonce and associated data.
CipherContext start(AeadAlgorithm algorithm,
                    Direction direction,
                    BytesView key,
                    BytesView nonce,
                    BytesView associated) {
    CHECK(key.size() == aead_key_size(algorithm), "an AEAD key of the wrong size");
    CHECK(nonce.size() == aead_nonce_size, "an AEAD nonce of the wrong size");
    CHECK(associated.size() <= longest, "associated data of gigabytes");
    CipherContext context(EVP_CIPHER_CTX_new());
    CHECK(context && EVP_CipherInit_ex2(context.get(),
                                        fetched(algorithm),
                                        key.data(),
                                        nonce.data(),
                                        static_cast<int>(direction),
                                        nullptr) == 1,
          "a cipher cannot start");
    int written = 0;
    CHECK(associated.empty() || EVP_CipherUpdate(context.get(),
                                                 nullptr,
                                                 &written,
                                                 associated.data(),
                                                 static_cast<int>(associated.size())) == 1,
          "a cipher refused associated data");
    return context;
}

/// `target` is as long as `source`, and may be it.
void transform(EVP_CIPHER_CTX* context, BytesView source, std::span<std::uint8_t> target) {
    if (source.empty()) return;
    int written = 0;
    CHECK(EVP_CipherUpdate(
              context, target.data(), &written, source.data(), static_cast<int>(source.size())) ==
                  1 &&
              static_cast<std::size_t>(written) == source.size(),
          "a cipher failed");
}

/// Plaintext that was not authentic stays behind in `target`; the callers wipe it.
bool decrypt_into(AeadAlgorithm algorithm,
                  BytesView key,
                  BytesView nonce,
                  BytesView associated,
                  BytesView ciphertext,
                  std::span<std::uint8_t> target) {
    const ErrorMark mark;
    const CipherContext context = start(algorithm, Direction::Decrypt, key, nonce, associated);
    std::array<std::uint8_t, aead_tag_size> tag{};
    std::ranges::copy(ciphertext.last<aead_tag_size>(), tag.begin());
    CHECK(EVP_CIPHER_CTX_ctrl(
              context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1,
          "a cipher refused a tag of the right size");
    transform(context.get(), ciphertext.first(target.size()), target);
    std::array<std::uint8_t, 16> nothing{};
    int written = 0;
    return EVP_CipherFinal_ex(context.get(), nothing.data(), &written) == 1;
}

bool has_possible_size(BytesView ciphertext) {
    return ciphertext.size() >= aead_tag_size && ciphertext.size() <= longest;
}

std::unexpected<Error> forged() {
    return fail(Code::forged, "a ciphertext does not open");
}

}  // namespace

std::size_t aead_key_size(AeadAlgorithm algorithm) {
    return algorithm == AeadAlgorithm::Aes128Gcm ? 16 : 32;
}

Bytes aead_encrypt(AeadAlgorithm algorithm,
                   BytesView key,
                   BytesView nonce,
                   BytesView associated,
                   BytesView plaintext) {
    CHECK(plaintext.size() <= longest, "a plaintext of gigabytes");
    const CipherContext context = start(algorithm, Direction::Encrypt, key, nonce, associated);
    Bytes ciphertext(plaintext.size() + aead_tag_size);
    const std::span<std::uint8_t> all(ciphertext);
    transform(context.get(), plaintext, all.first(plaintext.size()));
    const std::span<std::uint8_t> tag = all.last(aead_tag_size);
    int written = 0;
    CHECK(EVP_CipherFinal_ex(context.get(), tag.data(), &written) == 1 && written == 0,
          "a cipher failed");
    CHECK(EVP_CIPHER_CTX_ctrl(
              context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1,
          "a cipher gave no tag");
    return ciphertext;
}

Result<Bytes> aead_decrypt(AeadAlgorithm algorithm,
                           BytesView key,
                           BytesView nonce,
                           BytesView associated,
                           BytesView ciphertext) {
    if (!has_possible_size(ciphertext)) return forged();
    Bytes plaintext(ciphertext.size() - aead_tag_size);
    if (!decrypt_into(algorithm, key, nonce, associated, ciphertext, plaintext)) {
        wipe(plaintext.data(), plaintext.size());
        return forged();
    }
    return plaintext;
}

Result<Bytes> aead_decrypt_in_place(AeadAlgorithm algorithm,
                                    BytesView key,
                                    BytesView nonce,
                                    BytesView associated,
                                    Bytes ciphertext) {
    if (!has_possible_size(ciphertext)) return forged();
    const auto plaintext = std::span(ciphertext).first(ciphertext.size() - aead_tag_size);
    if (!decrypt_into(algorithm, key, nonce, associated, ciphertext, plaintext)) {
        wipe(plaintext.data(), plaintext.size());
        return forged();
    }
    ciphertext.resize(plaintext.size());
    return ciphertext;
}

Result<Secret> aead_decrypt_secret(AeadAlgorithm algorithm,
                                   BytesView key,
                                   BytesView nonce,
                                   BytesView associated,
                                   BytesView ciphertext) {
    if (!has_possible_size(ciphertext)) return forged();
    Secret plaintext(ciphertext.size() - aead_tag_size);
    if (!decrypt_into(algorithm, key, nonce, associated, ciphertext, plaintext.expose())) {
        return forged();
    }
    return plaintext;
}

}  // namespace cercle::crypto
