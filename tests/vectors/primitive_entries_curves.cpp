// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Wycheproof's vectors of agreements on curves, and of signatures.
#include <algorithm>
#include <optional>
#include <string>

#include "crypto/curve.h"
#include "crypto/sign.h"
#include "tests/vectors/primitive_entries.h"

namespace cercle::vectors {

using namespace crypto;

namespace {

const Curve* curve_of(const std::string& name) {
    if (name == "curve25519") return &x25519;
    if (name == "curve448") return &x448;
    if (name == "secp256r1") return &p256;
    if (name == "secp384r1") return &p384;
    if (name == "secp521r1") return &p521;
    return nullptr;
}

void try_signature(SignatureAlgorithm algorithm,
                   BytesView public_key,
                   const Json& test,
                   Trial& trial) {
    const Bytes message = unhex(test.at("msg"));
    const Bytes signature = unhex(test.at("sig"));
    const auto key = VerifyingKey::from(algorithm, public_key);
    const auto verified = verify(algorithm, public_key, message, signature);
    trial.expect(as_wanted(test, verified.has_value()), "verifying");
    if (key && !verified) {
        trial.expect(verified.error().code == Code::forged, "the refusal");
    }
}

}  // namespace

void try_xdh(const Grouped& one, Trial& trial) {
    const auto name = one.group.at("curve").get<std::string>();
    const Curve* const curve = curve_of(name);
    if (curve == nullptr) return trial.not_covered(name + ", which no suite of MLS has");
    const Bytes scalar = unhex(one.test.at("private"));
    const Bytes shared = unhex(one.test.at("shared"));
    if (!trial.expect(scalar.size() == curve->scalar_size, "private")) return;
    const auto peer = curve->import_element(unhex(one.test.at("public")));
    if (!peer) {
        trial.expect(as_wanted(one.test, false), "public");
        return;
    }
    const auto agreed = curve->agree(curve->import_scalar(scalar).get(), peer->get());
    // RFC 9180 section 7.1.4: "recipients MUST check whether the Diffie-Hellman shared secret is
    // the all-zero value and abort if so." Wycheproof calls either acceptable.
    const bool all_zero = std::ranges::all_of(shared, [](std::uint8_t byte) { return byte == 0; });
    trial.expect(as_wanted(one.test, agreed.has_value()), "agreeing");
    trial.expect(agreed.has_value() == !all_zero, "all-zero");
    trial.expect(!agreed || to_bytes(agreed->reveal()) == shared, "shared");
}

void try_ecdh(const Grouped& one, Trial& trial) {
    const auto name = one.group.at("curve").get<std::string>();
    const Curve* const curve = curve_of(name);
    if (curve == nullptr) return trial.not_covered(name + ", which no suite of MLS has");
    // Written as a number there: with a zero in front, or without some.
    Bytes scalar = unhex(one.test.at("private"));
    while (scalar.size() > curve->scalar_size && scalar.front() == 0)
        scalar.erase(scalar.begin());
    if (!trial.expect(scalar.size() <= curve->scalar_size, "private")) return;
    scalar.insert(scalar.begin(), curve->scalar_size - scalar.size(), 0);
    const auto peer = curve->import_element(unhex(one.test.at("public")));
    trial.expect(as_wanted(one.test, peer.has_value()), "public");
    if (!peer || !trial.expect(curve->is_scalar(scalar), "private")) return;
    const auto agreed = curve->agree(curve->import_scalar(scalar).get(), peer->get());
    trial.expect(agreed && to_bytes(agreed->reveal()) == unhex(one.test.at("shared")), "shared");
}

void try_ecdsa(const Grouped& one, Trial& trial) {
    const Json& key = one.group.at("publicKey");
    const auto name =
        key.at("curve").get<std::string>() + ", " + one.group.at("sha").get<std::string>();
    std::optional<SignatureAlgorithm> algorithm;
    if (name == "secp256r1, SHA-256") algorithm = SignatureAlgorithm::EcdsaP256Sha256;
    if (name == "secp384r1, SHA-384") algorithm = SignatureAlgorithm::EcdsaP384Sha384;
    if (name == "secp521r1, SHA-512") algorithm = SignatureAlgorithm::EcdsaP521Sha512;
    if (!algorithm) return trial.not_covered(name + ", which no suite of MLS has");
    try_signature(*algorithm, unhex(key.at("uncompressed")), one.test, trial);
}

void try_eddsa(const Grouped& one, Trial& trial) {
    const Json& key = one.group.at("publicKey");
    const auto name = key.at("curve").get<std::string>();
    std::optional<SignatureAlgorithm> algorithm;
    if (name == "edwards25519") algorithm = SignatureAlgorithm::Ed25519;
    if (name == "edwards448") algorithm = SignatureAlgorithm::Ed448;
    if (!algorithm) return trial.not_covered(name + ", which no suite of MLS has");
    try_signature(*algorithm, unhex(key.at("pk")), one.test, trial);
}

void try_ml_dsa(const Grouped& one, Trial& trial) {
    const auto name = one.file.at("algorithm").get<std::string>();
    std::optional<SignatureAlgorithm> algorithm;
    if (name == "ML-DSA-44") algorithm = SignatureAlgorithm::MlDsa44;
    if (name == "ML-DSA-65") algorithm = SignatureAlgorithm::MlDsa65;
    if (name == "ML-DSA-87") algorithm = SignatureAlgorithm::MlDsa87;
    if (!algorithm) return trial.not_covered(name + ", which no suite of MLS has");
    if (one.test.contains("ctx")) return trial.not_covered("a context, of which MLS has none");
    try_signature(*algorithm, unhex(one.group.at("publicKey")), one.test, trial);
}

}  // namespace cercle::vectors
