// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of primitives, made by others. Each test says how many entries passed of how many.
#include "tests/vectors/vectors.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/primitive_kinds.h"

namespace cercle::crypto {
namespace {

void require_all(const std::string& name) {
    vectors::settle(name, vectors::try_primitives(vectors::load(name)));
}

/// ACVP keeps questions and answers in two files.
void require_all(const std::string& questions, const std::string& answers) {
    vectors::settle(questions,
                    vectors::try_primitives(
                        vectors::with_answers(vectors::load(questions), vectors::load(answers))));
}

}  // namespace

TEST_CASE("HPKE agrees with the vectors of RFC 9180") {
    require_all("hpke/rfc9180-vectors.json.gz");
}

TEST_CASE("HPKE with ML-KEM and its hybrids agrees with the vectors of the post-quantum draft") {
    require_all("hpke/draft-ietf-hpke-pq.json");
}

TEST_CASE("X-Wing agrees with the vectors of its draft") {
    require_all("xwing/draft-connolly-xwing-kem.json");
}

TEST_CASE("AES-GCM agrees with wycheproof") {
    require_all("wycheproof/aes_gcm_test.json");
}

TEST_CASE("ChaCha20-Poly1305 agrees with wycheproof") {
    require_all("wycheproof/chacha20_poly1305_test.json");
}

TEST_CASE("HMAC agrees with wycheproof") {
    require_all("wycheproof/hmac_sha256_test.json");
    require_all("wycheproof/hmac_sha384_test.json");
    require_all("wycheproof/hmac_sha512_test.json");
}

TEST_CASE("HKDF agrees with wycheproof") {
    require_all("wycheproof/hkdf_sha256_test.json");
    require_all("wycheproof/hkdf_sha384_test.json");
    require_all("wycheproof/hkdf_sha512_test.json");
}

TEST_CASE("X25519 agrees with wycheproof and refuses an all-zero result") {
    require_all("wycheproof/x25519_test.json");
}

TEST_CASE("NIST's curves agree with wycheproof and refuse what is no uncompressed point") {
    require_all("wycheproof/ecdh_secp256r1_ecpoint_test.json");
    require_all("wycheproof/ecdh_secp384r1_ecpoint_test.json");
}

TEST_CASE("Ed25519 agrees with wycheproof") {
    require_all("wycheproof/ed25519_test.json");
}

TEST_CASE("ECDSA over P-256 and P-384 agrees with wycheproof") {
    require_all("wycheproof/ecdsa_secp256r1_sha256_test.json");
    require_all("wycheproof/ecdsa_secp384r1_sha384_test.json");
}

TEST_CASE("ML-DSA-65 agrees with wycheproof") {
    require_all("wycheproof/mldsa_65_verify_test.json");
}

TEST_CASE("ML-KEM makes the keys that wycheproof expects of a seed") {
    require_all("wycheproof/mlkem_768_keygen_seed_test.json");
    require_all("wycheproof/mlkem_1024_keygen_seed_test.json");
}

TEST_CASE("ML-KEM encapsulates as wycheproof expects and refuses what is no key") {
    require_all("wycheproof/mlkem_768_encaps_test.json");
    require_all("wycheproof/mlkem_1024_encaps_test.json");
}

TEST_CASE("ML-KEM decapsulates as wycheproof expects, forged ciphertexts included") {
    require_all("wycheproof/mlkem_768_test.json");
    require_all("wycheproof/mlkem_1024_test.json");
}

TEST_CASE("ML-KEM makes the keys of NIST's validation program") {
    require_all("mlkem-acvp/ML-KEM-keyGen-prompt.json.gz",
                "mlkem-acvp/ML-KEM-keyGen-expectedResults.json.gz");
}

TEST_CASE("ML-KEM encapsulates and decapsulates as NIST's validation program does") {
    require_all("mlkem-acvp/ML-KEM-encapDecap-prompt.json.gz",
                "mlkem-acvp/ML-KEM-encapDecap-expectedResults.json.gz");
}

}  // namespace cercle::crypto
