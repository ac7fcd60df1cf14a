// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Key encapsulation: DHKEM over the curves of RFC 9180, ML-KEM alone, and the hybrids of both (KEM
// ids of draft-ietf-hpke-pq). X-Wing is the hybrid of ML-KEM-768 with X25519.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

/// The values are HPKE's KEM identifiers.
enum class KemAlgorithm : std::uint16_t {
    DhkemP256 = 0x0010,
    DhkemP384 = 0x0011,
    DhkemP521 = 0x0012,
    DhkemX25519 = 0x0020,
    DhkemX448 = 0x0021,
    MlKem768 = 0x0041,
    MlKem1024 = 0x0042,
    MlKem768P256 = 0x0050,
    MlKem1024P384 = 0x0051,
    XWing = 0x647a
};

/// Every one of them.
[[nodiscard]] std::span<const KemAlgorithm> all_kems();

[[nodiscard]] std::size_t kem_public_key_size(KemAlgorithm algorithm);
[[nodiscard]] std::size_t kem_private_key_size(KemAlgorithm algorithm);
[[nodiscard]] std::size_t kem_encapsulation_size(KemAlgorithm algorithm);

/// What a private key's bytes stand for: its public half, and OpenSSL's handles, made once.
struct ExpandedKey {
    Bytes public_key;
    Pkey curve;    // null for ML-KEM alone
    Pkey lattice;  // null for DHKEM
};

/// A private key with its public half.
class KemKey {
  public:
    [[nodiscard]] static KemKey generate(KemAlgorithm algorithm, Random& random);
    /// DeriveKeyPair(ikm) of RFC 9180 section 4; where ML-KEM is in it, of draft-ietf-hpke-pq
    /// (SHAKE256.LabeledDerive, not the older X-Wing draft's form).
    [[nodiscard]] static KemKey derive(KemAlgorithm algorithm, BytesView input);
    /// From what secret() gave. Errors: invalid_key.
    [[nodiscard]] static Result<KemKey> from_secret(KemAlgorithm algorithm, BytesView secret);

    /// Errors: invalid_key for an encapsulation that is no key, or an all-zero result.
    [[nodiscard]] Result<Secret> decapsulate(BytesView encapsulation) const;

    [[nodiscard]] const Bytes& public_key() const { return expanded_.public_key; }

    [[nodiscard]] const Secret& secret() const { return secret_; }

    [[nodiscard]] KemAlgorithm algorithm() const { return algorithm_; }

    [[nodiscard]] KemKey copy() const;

  private:
    KemKey(KemAlgorithm algorithm, Secret secret, ExpandedKey expanded);

    KemAlgorithm algorithm_;
    Secret secret_;
    ExpandedKey expanded_;
};

struct Encapsulated {
    Secret shared;
    Bytes encapsulation;
};

/// Errors: invalid_key (size, a point not on the curve, a modulus check that fails, an all-zero
/// result).
[[nodiscard]] Result<Encapsulated> encapsulate(KemAlgorithm algorithm,
                                               BytesView public_key,
                                               Random& random);

}  // namespace cercle::crypto
