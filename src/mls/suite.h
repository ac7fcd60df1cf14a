// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Cipher suites: one row each (RFC 9420 section 17.1). Everything else in this folder is written
// against a row, never against an algorithm, so that another suite is another row.
//
// The hybrid suite has the parameters of draft-ietf-mls-pq-ciphersuites-06 under a code point of
// the private range, until IANA assigns one (docs/spec/mls-profile.md).

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
    XWingAes256Sha384Ed25519 = 0xF002,
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
