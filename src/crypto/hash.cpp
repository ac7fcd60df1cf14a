// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hash.h"

#include <algorithm>

#include "crypto/hmac.h"
#include "crypto/openssl.h"

namespace cercle::crypto {
namespace {

// Fetched once and never freed: a fetch by name costs more than a short hash.
const EVP_MD* fetch(const char* name) {
    const EVP_MD* const digest = EVP_MD_fetch(nullptr, name, nullptr);
    CHECK(digest != nullptr, "OpenSSL lacks a hash that this program needs");
    return digest;
}

const EVP_MD* fetched(HashAlgorithm algorithm) {
    static const EVP_MD* const sha256_digest = fetch("SHA2-256");
    static const EVP_MD* const sha384_digest = fetch("SHA2-384");
    static const EVP_MD* const sha512_digest = fetch("SHA2-512");
    switch (algorithm) {
        case HashAlgorithm::Sha256:
            return sha256_digest;
        case HashAlgorithm::Sha384:
            return sha384_digest;
        case HashAlgorithm::Sha512:
            return sha512_digest;
    }
    end_on_bug("a hash algorithm that does not exist");
}

DigestContext digest_of(const EVP_MD* digest, std::initializer_list<BytesView> parts) {
    DigestContext context(EVP_MD_CTX_new());
    CHECK(context && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1,
          "a hash cannot start");
    for (const BytesView part : parts) {
        CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1, "a hash failed");
    }
    return context;
}

void hash_into(const EVP_MD* digest,
               std::initializer_list<BytesView> parts,
               std::span<std::uint8_t> target) {
    const DigestContext context = digest_of(digest, parts);
    CHECK(EVP_DigestFinal_ex(context.get(), target.data(), nullptr) == 1, "a hash failed");
}

}  // namespace

std::size_t digest_size(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::Sha256:
            return 32;
        case HashAlgorithm::Sha384:
            return 48;
        case HashAlgorithm::Sha512:
            return 64;
    }
    end_on_bug("a hash algorithm that does not exist");
}

Bytes hash(HashAlgorithm algorithm, std::initializer_list<BytesView> parts) {
    Bytes digest(digest_size(algorithm));
    hash_into(fetched(algorithm), parts, digest);
    return digest;
}

Digest sha256(std::initializer_list<BytesView> parts) {
    Digest digest{};
    hash_into(fetched(HashAlgorithm::Sha256), parts, digest);
    return digest;
}

Digest sha256(BytesView bytes) {
    return sha256({bytes});
}

struct RunningHash::State {
    DigestContext context;
    std::size_t digest_size;
};

RunningHash::RunningHash(HashAlgorithm algorithm)
    : state_(std::make_unique<State>(digest_of(fetched(algorithm), {}),
                                     crypto::digest_size(algorithm))) {}

RunningHash::RunningHash(RunningHash&&) noexcept = default;
RunningHash& RunningHash::operator=(RunningHash&&) noexcept = default;
RunningHash::~RunningHash() = default;

void RunningHash::add(BytesView piece) {
    CHECK(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()) == 1,
          "a hash failed");
}

Bytes RunningHash::digest(BytesView last) const {
    const DigestContext copy(EVP_MD_CTX_new());
    Bytes digest(state_->digest_size);
    CHECK(copy && EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) == 1 &&
              EVP_DigestUpdate(copy.get(), last.data(), last.size()) == 1 &&
              EVP_DigestFinal_ex(copy.get(), digest.data(), nullptr) == 1,
          "a hash failed");
    return digest;
}

Digest RunningSha256::digest() const {
    Digest digest{};
    std::ranges::copy(hash_.digest(), digest.begin());
    return digest;
}

Secret sha3_256(std::initializer_list<BytesView> parts) {
    static const EVP_MD* const digest = fetch("SHA3-256");
    Secret result(32);
    hash_into(digest, parts, result.expose());
    return result;
}

Secret shake256(std::initializer_list<BytesView> parts, std::size_t size) {
    static const EVP_MD* const digest = fetch("SHAKE-256");
    Secret result(size);
    const DigestContext context = digest_of(digest, parts);
    CHECK(EVP_DigestFinalXOF(context.get(), result.expose().data(), size) == 1, "SHAKE256 failed");
    return result;
}

Bytes hmac(HashAlgorithm algorithm, BytesView key, BytesView message) {
    Bytes tag(digest_size(algorithm));
    Hmac(algorithm, key).add(message).finish(tag);
    return tag;
}

}  // namespace cercle::crypto
