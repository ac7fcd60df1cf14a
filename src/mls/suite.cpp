// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/suite.h"

#include <algorithm>

namespace cercle::mls {
namespace {

using crypto::AeadAlgorithm;
using crypto::HashAlgorithm;
using crypto::KemAlgorithm;
using crypto::SignatureAlgorithm;

constexpr std::array rows{
    Suite{SuiteId::X25519Aes128Sha256Ed25519,
          {KemAlgorithm::DhkemX25519, HashAlgorithm::Sha256, AeadAlgorithm::Aes128Gcm},
          SignatureAlgorithm::Ed25519},
    Suite{SuiteId::P256Aes128Sha256P256,
          {KemAlgorithm::DhkemP256, HashAlgorithm::Sha256, AeadAlgorithm::Aes128Gcm},
          SignatureAlgorithm::EcdsaP256Sha256},
    Suite{SuiteId::X25519ChaCha20Sha256Ed25519,
          {KemAlgorithm::DhkemX25519, HashAlgorithm::Sha256, AeadAlgorithm::ChaCha20Poly1305},
          SignatureAlgorithm::Ed25519},
    Suite{SuiteId::XWingAes256Sha384Ed25519,
          {KemAlgorithm::XWing, HashAlgorithm::Sha384, AeadAlgorithm::Aes256Gcm},
          SignatureAlgorithm::Ed25519},
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
