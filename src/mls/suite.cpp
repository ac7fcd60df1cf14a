// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/suite.h"

#include <algorithm>

namespace cercle::mls {
namespace {

using enum crypto::AeadAlgorithm;
using enum crypto::HashAlgorithm;
using Kem = crypto::KemAlgorithm;
using Signature = crypto::SignatureAlgorithm;

constexpr std::array rows{
    // RFC 9420 section 17.1.
    Suite{SuiteId::X25519Aes128Sha256Ed25519,
          {Kem::DhkemX25519, Sha256, Aes128Gcm},
          Signature::Ed25519},
    Suite{SuiteId::P256Aes128Sha256P256,
          {Kem::DhkemP256, Sha256, Aes128Gcm},
          Signature::EcdsaP256Sha256},
    Suite{SuiteId::X25519ChaCha20Sha256Ed25519,
          {Kem::DhkemX25519, Sha256, ChaCha20Poly1305},
          Signature::Ed25519},
    Suite{SuiteId::X448Aes256Sha512Ed448, {Kem::DhkemX448, Sha512, Aes256Gcm}, Signature::Ed448},
    Suite{SuiteId::P521Aes256Sha512P521,
          {Kem::DhkemP521, Sha512, Aes256Gcm},
          Signature::EcdsaP521Sha512},
    Suite{SuiteId::X448ChaCha20Sha512Ed448,
          {Kem::DhkemX448, Sha512, ChaCha20Poly1305},
          Signature::Ed448},
    Suite{SuiteId::P384Aes256Sha384P384,
          {Kem::DhkemP384, Sha384, Aes256Gcm},
          Signature::EcdsaP384Sha384},
    // draft-ietf-mls-pq-ciphersuites-06 section 3.1, table 2: TBD1 to TBD11.
    Suite{SuiteId::XWingAes128Sha256Ed25519, {Kem::XWing, Sha256, Aes128Gcm}, Signature::Ed25519},
    Suite{SuiteId::XWingAes256Sha384Ed25519, {Kem::XWing, Sha384, Aes256Gcm}, Signature::Ed25519},
    Suite{SuiteId::MlKem768P256Aes128Sha256P256,
          {Kem::MlKem768P256, Sha256, Aes128Gcm},
          Signature::EcdsaP256Sha256},
    Suite{SuiteId::MlKem768P256Aes256Sha384P256,
          {Kem::MlKem768P256, Sha384, Aes256Gcm},
          Signature::EcdsaP256Sha256},
    Suite{SuiteId::MlKem1024P384Aes256Sha384P384,
          {Kem::MlKem1024P384, Sha384, Aes256Gcm},
          Signature::EcdsaP384Sha384},
    Suite{SuiteId::MlKem768Aes256Sha384Ed25519,
          {Kem::MlKem768, Sha384, Aes256Gcm},
          Signature::Ed25519},
    Suite{SuiteId::MlKem768Aes256Sha384P256,
          {Kem::MlKem768, Sha384, Aes256Gcm},
          Signature::EcdsaP256Sha256},
    Suite{SuiteId::MlKem1024Aes256Sha384P384,
          {Kem::MlKem1024, Sha384, Aes256Gcm},
          Signature::EcdsaP384Sha384},
    Suite{SuiteId::XWingChaCha20Sha384MlDsa44,
          {Kem::XWing, Sha384, ChaCha20Poly1305},
          Signature::MlDsa44},
    Suite{SuiteId::MlKem768Aes256Sha384MlDsa65,
          {Kem::MlKem768, Sha384, Aes256Gcm},
          Signature::MlDsa65},
    Suite{SuiteId::MlKem1024Aes256Sha384MlDsa87,
          {Kem::MlKem1024, Sha384, Aes256Gcm},
          Signature::MlDsa87},
};

}  // namespace

std::span<const Suite> all_suites() {
    return rows;
}

Result<const Suite*> find_suite(SuiteId id) {
    const auto* const row = std::ranges::find(rows, id, &Suite::id);
    if (row == rows.end()) return fail(Code::suite_unknown, "a cipher suite without a row here");
    return row;
}

}  // namespace cercle::mls
