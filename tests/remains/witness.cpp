// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/remains/witness.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/hkdf.h"

// Both sides of each --wrap are told by their mangled names: when a signature changes, linking
// fails and says so.
namespace cercle::crypto {

Secret watched_extract(HashAlgorithm algorithm, BytesView salt, BytesView input) __asm__(
    "__wrap__ZN6cercle6crypto12hkdf_extractENS0_13HashAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_");
Secret genuine_extract(HashAlgorithm algorithm, BytesView salt, BytesView input) __asm__(
    "__real__ZN6cercle6crypto12hkdf_extractENS0_13HashAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_");
Secret
watched_expand(HashAlgorithm algorithm, BytesView key, BytesView info, std::size_t size) __asm__(
    "__wrap__ZN6cercle6crypto11hkdf_expandENS0_13HashAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_m");
Secret
genuine_expand(HashAlgorithm algorithm, BytesView key, BytesView info, std::size_t size) __asm__(
    "__real__ZN6cercle6crypto11hkdf_expandENS0_13HashAlgorithmE"
    "St4spanIKhLm18446744073709551615EES4_m");

/// A member is called like a function whose first parameter is the object.
Secret watched_key_expand(const HkdfKey* key, BytesView info, std::size_t size) __asm__(
    "__wrap__ZNK6cercle6crypto7HkdfKey6expandESt4spanIKhLm18446744073709551615EEm");
Secret genuine_key_expand(const HkdfKey* key, BytesView info, std::size_t size) __asm__(
    "__real__ZNK6cercle6crypto7HkdfKey6expandESt4spanIKhLm18446744073709551615EEm");

/// ML-KEM's private keys in HPKE, and what a hybrid combines.
using Parts = std::initializer_list<BytesView>;
Secret watched_shake256(Parts parts, std::size_t size) __asm__(
    "__wrap__ZN6cercle6crypto8shake256ESt16initializer_list"
    "ISt4spanIKhLm18446744073709551615EEEm");
Secret genuine_shake256(Parts parts, std::size_t size) __asm__(
    "__real__ZN6cercle6crypto8shake256ESt16initializer_list"
    "ISt4spanIKhLm18446744073709551615EEEm");
Secret watched_sha3(Parts parts) __asm__(
    "__wrap__ZN6cercle6crypto8sha3_256ESt16initializer_list"
    "ISt4spanIKhLm18446744073709551615EEE");
Secret genuine_sha3(Parts parts) __asm__(
    "__real__ZN6cercle6crypto8sha3_256ESt16initializer_list"
    "ISt4spanIKhLm18446744073709551615EEE");

}  // namespace cercle::crypto

namespace cercle::mls {

Secret watched_random(std::size_t size,
                      Random& random) __asm__("__wrap__ZN6cercle3mls13random_secretEmRNS_6RandomE");
Secret genuine_random(std::size_t size,
                      Random& random) __asm__("__real__ZN6cercle3mls13random_secretEmRNS_6RandomE");

}  // namespace cercle::mls

namespace cercle::remains {
namespace {

Witness*& watching() {
    static Witness* one = nullptr;
    return one;
}

/// Anything shorter may stand somewhere by chance.
constexpr std::size_t shortest = 12;

Secret noted(Secret secret) {
    if (watching() != nullptr) watching()->note(secret.reveal());
    return secret;
}

}  // namespace

Witness::Witness() {
    watching() = this;
}

Witness::~Witness() {
    watching() = nullptr;
}

void Witness::note(BytesView secret) {
    // Zeros are the place of a secret that there is none of.
    if (secret.size() < shortest || std::ranges::count(secret, std::uint8_t{0}) > 8) return;
    Masked masked(secret.size());
    std::ranges::transform(secret, masked.begin(), [](std::uint8_t byte) {
        return static_cast<std::uint8_t>(byte ^ mask);
    });
    if (!std::ranges::contains(notes_, masked)) notes_.push_back(std::move(masked));
}

}  // namespace cercle::remains

cercle::Secret cercle::crypto::watched_extract(HashAlgorithm algorithm,
                                               BytesView salt,
                                               BytesView input) {
    return remains::noted(genuine_extract(algorithm, salt, input));
}

cercle::Secret cercle::crypto::watched_expand(HashAlgorithm algorithm,
                                              BytesView key,
                                              BytesView info,
                                              std::size_t size) {
    return remains::noted(genuine_expand(algorithm, key, info, size));
}

cercle::Secret cercle::crypto::watched_key_expand(const HkdfKey* key,
                                                  BytesView info,
                                                  std::size_t size) {
    return remains::noted(genuine_key_expand(key, info, size));
}

cercle::Secret cercle::crypto::watched_shake256(Parts parts, std::size_t size) {
    return remains::noted(genuine_shake256(parts, size));
}

cercle::Secret cercle::crypto::watched_sha3(Parts parts) {
    return remains::noted(genuine_sha3(parts));
}

cercle::Secret cercle::mls::watched_random(std::size_t size, Random& random) {
    return remains::noted(genuine_random(size, random));
}
