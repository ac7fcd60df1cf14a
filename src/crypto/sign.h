// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Signatures: Ed25519 and Ed448 (RFC 8032), ECDSA over NIST's curves (public key uncompressed,
// signature in DER, as RFC 9420 section 5.1.1 wants them), and ML-DSA (FIPS 204, its private key
// being the 32-byte seed, its context empty, as in draft-ietf-tls-mldsa).
//
// What is signed always starts with a label of its own (docs/spec/labels.md), so that no
// signature can be taken for another; this door does not add one.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/pkey.h"

namespace cercle::crypto {

enum class SignatureAlgorithm : std::uint8_t {
    Ed25519,
    EcdsaP256Sha256,
    Ed448,
    EcdsaP384Sha384,
    EcdsaP521Sha512,
    MlDsa44,
    MlDsa65,
    MlDsa87
};

/// Every one of them.
[[nodiscard]] std::span<const SignatureAlgorithm> all_signatures();

[[nodiscard]] std::size_t signing_secret_size(SignatureAlgorithm algorithm);

class VerifyingKey {
  public:
    /// Errors: invalid_key (size, a point of small order, one that is not on its curve).
    [[nodiscard]] static Result<VerifyingKey> from(SignatureAlgorithm algorithm, BytesView bytes);

    /// Errors: forged.
    [[nodiscard]] Result<void> verify(BytesView message, BytesView signature) const;

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

  private:
    VerifyingKey(SignatureAlgorithm algorithm, Bytes bytes, Pkey key);

    SignatureAlgorithm algorithm_;
    Bytes bytes_;
    Pkey key_;
};

class SigningKey {
  public:
    [[nodiscard]] static SigningKey generate(SignatureAlgorithm algorithm, Random& random);
    /// From what secret() gave, or a vector's raw private key. Errors: invalid_key.
    [[nodiscard]] static Result<SigningKey> from_secret(SignatureAlgorithm algorithm,
                                                        BytesView secret);

    /// The same for the same message: RFC 8032, RFC 6979 for ECDSA, and ML-DSA's deterministic
    /// form.
    [[nodiscard]] Bytes sign(BytesView message) const;

    [[nodiscard]] const Bytes& public_key() const { return public_key_; }

    /// For the vault.
    [[nodiscard]] const Secret& secret() const { return secret_; }

    [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }

    [[nodiscard]] SigningKey copy() const;

    /// For the other doors of this folder.
    [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

  private:
    SigningKey(SignatureAlgorithm algorithm, Secret secret, Bytes public_key, Pkey key);

    SignatureAlgorithm algorithm_;
    Secret secret_;
    Bytes public_key_;
    Pkey key_;
};

/// One verification under a key that is not kept. Errors: invalid_key, forged.
[[nodiscard]] Result<void> verify(SignatureAlgorithm algorithm,
                                  BytesView public_key,
                                  BytesView message,
                                  BytesView signature);

}  // namespace cercle::crypto
