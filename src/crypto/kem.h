// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Key encapsulation: DHKEM over X25519 and P-256 (RFC 9180 section 4.1) and X-Wing, that is
// ML-KEM-768 with X25519 (KEM id 0x647a of draft-ietf-hpke-pq).

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

/// The values are HPKE's KEM identifiers.
enum class KemAlgorithm : std::uint16_t {
    DhkemP256 = 0x0010,
    DhkemX25519 = 0x0020,
    XWing = 0x647a
};

[[nodiscard]] std::size_t kem_public_key_size(KemAlgorithm algorithm);
[[nodiscard]] std::size_t kem_private_key_size(KemAlgorithm algorithm);
[[nodiscard]] std::size_t kem_encapsulation_size(KemAlgorithm algorithm);

/// A private key with its public half; the OpenSSL handles are made once.
class KemKey {
  public:
    [[nodiscard]] static KemKey generate(KemAlgorithm algorithm, Random& random);
    /// DeriveKeyPair(ikm) of RFC 9180 section 4, for X-Wing of draft-ietf-hpke-pq
    /// (SHAKE256.LabeledDerive, not the older X-Wing draft's form).
    [[nodiscard]] static KemKey derive(KemAlgorithm algorithm, BytesView input);
    /// From what secret() gave. Errors: invalid_key.
    [[nodiscard]] static Result<KemKey> from_secret(KemAlgorithm algorithm, BytesView secret);

    /// Errors: invalid_key for an encapsulation that is no key, or an all-zero result.
    [[nodiscard]] Result<Secret> decapsulate(BytesView encapsulation) const;

    [[nodiscard]] const Bytes& public_key() const { return public_key_; }

    [[nodiscard]] const Secret& secret() const { return secret_; }

    [[nodiscard]] KemAlgorithm algorithm() const { return algorithm_; }

    [[nodiscard]] KemKey copy() const;

    /// Of the classical half; for encapsulate().
    [[nodiscard]] evp_pkey_st* handle() const { return classical_.get(); }

  private:
    KemKey(
        KemAlgorithm algorithm, Secret secret, Bytes public_key, Pkey classical, Pkey post_quantum);

    KemAlgorithm algorithm_;
    Secret secret_;
    Bytes public_key_;
    Pkey classical_;
    Pkey post_quantum_;  // X-Wing only
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
