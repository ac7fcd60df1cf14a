// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/ml_kem.h"

#include <map>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "crypto/raw_key.h"
#include "tests/vectors/scripted_random.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

using vectors::Trial;

/// No KEM of ours has it; what reads and writes keys can be tried with it all the same.
constexpr Lattice ml_kem_512{.name = "ML-KEM-512", .public_key_size = 800, .ciphertext_size = 768};

Bytes public_of_seed(const Lattice& lattice, Bytes seed) {
    return export_public(lattice.from_seed(seed).get());
}

const Lattice& named(const std::string& name) {
    for (const Lattice* lattice : {&ml_kem_512, &ml_kem_768, &ml_kem_1024}) {
        if (lattice->name == name) return *lattice;
    }
    FAIL("no such parameter set: " << name);
    return ml_kem_768;
}

void try_key_generation(const std::string& file, const Lattice& lattice) {
    vectors::try_groups(file, [&](const auto&, const auto& test, Trial& trial) {
        trial.expect(
            public_of_seed(lattice, vectors::bytes(test["seed"])) == vectors::bytes(test["ek"]),
            "ek");
    });
}

void try_encapsulation(const std::string& file, KemAlgorithm algorithm) {
    vectors::try_groups(file, [&](const auto&, const auto& test, Trial& trial) {
        vectors::ScriptedRandom random(vectors::bytes(test["m"]));
        const auto sent = encapsulate(algorithm, vectors::bytes(test["ek"]), random);
        trial.expect(sent.has_value() == (test["result"] == "valid"), "ek");
        if (!sent) return;
        trial.expect(sent->encapsulation == vectors::bytes(test["c"]), "c");
        trial.expect(to_bytes(sent->shared.reveal()) == vectors::bytes(test["K"]), "K");
    });
}

void try_decapsulation(const std::string& file, KemAlgorithm algorithm) {
    vectors::try_groups(file, [&](const auto&, const auto& test, Trial& trial) {
        const auto key = KemKey::from_secret(algorithm, vectors::bytes(test["seed"]));
        // What is invalid there is so for its size.
        const bool valid = test["result"] == "valid";
        if (!trial.expect(key.has_value() || !valid, "seed") || !key) return;
        trial.expect(key->public_key() == vectors::bytes(test["ek"]), "ek");
        const auto shared = key->decapsulate(vectors::bytes(test["c"]));
        trial.expect(shared.has_value() == valid, "c");
        trial.expect(!shared || to_bytes(shared->reveal()) == vectors::bytes(test["K"]), "K");
    });
}

/// ACVP keeps questions and answers in two files: the answers by test number.
std::map<int, vectors::Json> answers_of(const std::string& file) {
    std::map<int, vectors::Json> answers;
    const vectors::Json all = vectors::load(file);
    for (const auto& group : all.at("testGroups")) {
        for (const auto& test : group["tests"])
            answers[test["tcId"]] = test;
    }
    return answers;
}

}  // namespace

TEST_CASE("ML-KEM makes the keys that wycheproof expects of a seed") {
    try_key_generation("wycheproof/mlkem_768_keygen_seed_test.json", ml_kem_768);
    try_key_generation("wycheproof/mlkem_1024_keygen_seed_test.json", ml_kem_1024);
}

TEST_CASE("ML-KEM encapsulates as wycheproof expects and refuses what is no key") {
    try_encapsulation("wycheproof/mlkem_768_encaps_test.json", KemAlgorithm::MlKem768);
    try_encapsulation("wycheproof/mlkem_1024_encaps_test.json", KemAlgorithm::MlKem1024);
}

TEST_CASE("ML-KEM decapsulates as wycheproof expects, forged ciphertexts included") {
    try_decapsulation("wycheproof/mlkem_768_test.json", KemAlgorithm::MlKem768);
    try_decapsulation("wycheproof/mlkem_1024_test.json", KemAlgorithm::MlKem1024);
}

TEST_CASE("ML-KEM makes the keys of NIST's validation program") {
    auto answers = answers_of("mlkem-acvp/ML-KEM-keyGen-expectedResults.json.gz");
    vectors::try_groups("mlkem-acvp/ML-KEM-keyGen-prompt.json.gz",
                        [&](const auto& group, const auto& test, Trial& trial) {
                            Bytes seed = vectors::bytes(test["d"]);
                            append(seed, vectors::bytes(test["z"]));
                            trial.expect(public_of_seed(named(group["parameterSet"]), seed) ==
                                             vectors::bytes(answers.at(test["tcId"])["ek"]),
                                         "ek");
                        });
}

TEST_CASE("ML-KEM encapsulates and decapsulates as NIST's validation program does") {
    auto answers = answers_of("mlkem-acvp/ML-KEM-encapDecap-expectedResults.json.gz");
    vectors::try_groups(
        "mlkem-acvp/ML-KEM-encapDecap-prompt.json.gz",
        [&](const auto& group, const auto& test, Trial& trial) {
            const Lattice& lattice = named(group["parameterSet"]);
            const auto& answer = answers.at(test["tcId"]);
            if (group["function"] == "decapsulation") {
                // Private keys in their long form, which nothing of ours takes.
                const Pkey key = import_private(lattice.name, vectors::bytes(group["dk"]));
                trial.expect(
                    to_bytes(Lattice::decapsulate(key.get(), vectors::bytes(test["c"])).reveal()) ==
                        vectors::bytes(answer["k"]),
                    "k");
                return;
            }
            const auto key = lattice.import_public(vectors::bytes(test["ek"]));
            if (!trial.expect(key.has_value(), "ek")) return;
            Bytes message = vectors::bytes(test["m"]);
            Bytes ciphertext;
            const Secret shared = lattice.encapsulate(key->get(), message, ciphertext);
            trial.expect(ciphertext == vectors::bytes(answer["c"]), "c");
            trial.expect(to_bytes(shared.reveal()) == vectors::bytes(answer["k"]), "k");
        });
}

}  // namespace cercle::crypto
