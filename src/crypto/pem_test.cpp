// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/pem.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/certificate.h"
#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace cercle::crypto;

Bytes a_certificate() {
    SystemRandom random;
    const auto key = SigningKey::generate(SignatureAlgorithm::Ed25519, random);
    const auto made = make_root_certificate(key, "one", {WallTime{}, WallTime{}}, random);
    REQUIRE(made.has_value());
    return *made;
}

}  // namespace

TEST_CASE("certificates are the same after they were written as PEM and read") {
    const std::vector<Bytes> certificates{a_certificate(), a_certificate()};
    const std::string pem = encode_pem_certificates(certificates);
    const auto read = decode_pem_certificates(view_of(pem));
    REQUIRE(read.has_value());
    REQUIRE(*read == certificates);
    const auto around = decode_pem_certificates(view_of("a comment\n" + pem));
    REQUIRE(around.has_value());
    REQUIRE(*around == certificates);
}

TEST_CASE("what is no PEM of certificates is refused") {
    REQUIRE_FALSE(decode_pem_certificates({}).has_value());
    REQUIRE_FALSE(decode_pem_certificates(view_of("nothing of the kind")).has_value());
    std::string pem = encode_pem_certificates({a_certificate()});
    REQUIRE_FALSE(decode_pem_certificates(view_of(pem.substr(0, pem.size() / 2))).has_value());
    pem[60] = pem[60] == 'A' ? 'B' : 'A';
    const auto damaged = decode_pem_certificates(view_of(pem));
    // A flipped bit may leave a certificate that parses; then it is another one.
    if (damaged.has_value()) REQUIRE(encode_pem_certificates(*damaged) == pem);
    std::vector<Bytes> many(most_pem_certificates + 1, a_certificate());
    REQUIRE_FALSE(decode_pem_certificates(view_of(encode_pem_certificates(many))).has_value());
}
