// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: what a key encapsulation mechanism is (RFC 9180 section 4, with
// draft-ietf-hpke-pq). Each kind is a small value type (dhkem.h, ml_kem.h, hybrid_kem.h), each
// algorithm one row of kem.cpp. Sizes are checked there, once for all: what a kind is handed has
// the size that it names.

#include <concepts>

#include "crypto/kem.h"

namespace cercle::crypto {

template <class T>
concept Kem = requires(const T kem, BytesView bytes, const ExpandedKey& key, Random& random) {
    { kem.id } -> std::convertible_to<KemAlgorithm>;
    { kem.public_key_size() } -> std::same_as<std::size_t>;
    { kem.secret_size() } -> std::same_as<std::size_t>;
    { kem.encapsulation_size() } -> std::same_as<std::size_t>;
    // DeriveKeyPair(ikm): the private half.
    { kem.derive(bytes) } -> std::same_as<Secret>;
    // Errors: invalid_key, for bytes that are no private key.
    { kem.expand(bytes) } -> std::same_as<Result<ExpandedKey>>;
    { kem.encapsulate(bytes, random) } -> std::same_as<Result<Encapsulated>>;
    { kem.decapsulate(key, bytes) } -> std::same_as<Result<Secret>>;
};

}  // namespace cercle::crypto
