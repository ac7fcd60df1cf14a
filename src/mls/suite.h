// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Cipher suites: one row each (RFC 9420 section 17.1). Everything else in this folder is written
// against a row, never against an algorithm, so that another suite is another row.
//
// The post-quantum suites have the parameters of draft-ietf-mls-pq-ciphersuites-06 in its order,
// under code points of the private range until IANA assigns others (docs/spec/mls-profile.md).

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"

namespace cercle::mls {

/// Any value may arrive; those with a row are named.
enum class SuiteId : std::uint16_t {
    X25519Aes128Sha256Ed25519 = 0x0001,
    P256Aes128Sha256P256 = 0x0002,
    X25519ChaCha20Sha256Ed25519 = 0x0003,
    X448Aes256Sha512Ed448 = 0x0004,
    P521Aes256Sha512P521 = 0x0005,
    X448ChaCha20Sha512Ed448 = 0x0006,
    P384Aes256Sha384P384 = 0x0007,
    XWingAes128Sha256Ed25519 = 0xF001,
    XWingAes256Sha384Ed25519 = 0xF002,
    MlKem768P256Aes128Sha256P256 = 0xF003,
    MlKem768P256Aes256Sha384P256 = 0xF004,
    MlKem1024P384Aes256Sha384P384 = 0xF005,
    MlKem768Aes256Sha384Ed25519 = 0xF006,
    MlKem768Aes256Sha384P256 = 0xF007,
    MlKem1024Aes256Sha384P384 = 0xF008,
    XWingChaCha20Sha384MlDsa44 = 0xF009,
    MlKem768Aes256Sha384MlDsa65 = 0xF00A,
    MlKem1024Aes256Sha384MlDsa87 = 0xF00B,
};

struct Suite {
    SuiteId id;
    crypto::HpkeSuite hpke;
    crypto::SignatureAlgorithm signature;

    /// In every suite the hash of transcript and tree is the KDF's own.
    [[nodiscard]] crypto::HashAlgorithm hash() const { return hpke.kdf; }

    /// KDF.Nh
    [[nodiscard]] std::size_t digest_size() const { return crypto::digest_size(hpke.kdf); }

    /// AEAD.Nk
    [[nodiscard]] std::size_t key_size() const { return crypto::aead_key_size(hpke.aead); }
};

/// Every row of this build.
[[nodiscard]] std::span<const Suite> all_suites();

/// The row lives as long as the process. Errors: suite_unknown.
[[nodiscard]] Result<const Suite*> find_suite(SuiteId id);

}  // namespace cercle::mls
