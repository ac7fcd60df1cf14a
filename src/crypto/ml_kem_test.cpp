// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/ml_kem.h"

#include <map>

#include <catch2/catch_test_macros.hpp>

#include "crypto/raw_key.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

Bytes public_of_seed(Bytes seed) {
    return export_public(ml_kem::from_seed(seed).get());
}

/// ACVP keeps questions and answers in two files; both by test number, of one parameter set and
/// function.
template <class Use>
int run_acvp(const std::string& name, const std::string& function, const Use& use) {
    std::map<int, vectors::Json> answers;
    for (const auto& group :
         vectors::groups("mlkem-acvp/ML-KEM-" + name + "-expectedResults.json.gz")) {
        for (const auto& test : group["tests"])
            answers[test["tcId"]] = test;
    }
    int ran = 0;
    for (const auto& group : vectors::groups("mlkem-acvp/ML-KEM-" + name + "-prompt.json.gz")) {
        if (group["parameterSet"] != "ML-KEM-768" || group.value("function", "") != function)
            continue;
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            use(test, answers.at(test["tcId"]));
            ++ran;
        }
    }
    return ran;
}

}  // namespace

TEST_CASE("ML-KEM-768 makes the keys that wycheproof expects of a seed") {
    int ran = 0;
    for (const auto& group : vectors::groups("wycheproof/mlkem_768_keygen_seed_test.json")) {
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            CHECK(public_of_seed(vectors::bytes(test["seed"])) == vectors::bytes(test["ek"]));
            ++ran;
        }
    }
    CHECK(ran == 100);
}

TEST_CASE("ML-KEM-768 encapsulates as wycheproof expects and refuses what is no key") {
    int ran = 0;
    for (const auto& group : vectors::groups("wycheproof/mlkem_768_encaps_test.json")) {
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            const auto key = ml_kem::import_public(vectors::bytes(test["ek"]));
            REQUIRE(key.has_value() == (test["result"] == "valid"));
            ++ran;
            if (!key) continue;
            Bytes message = vectors::bytes(test["m"]);
            Bytes ciphertext;
            const Secret shared = ml_kem::encapsulate(key->get(), message, ciphertext);
            CHECK(ciphertext == vectors::bytes(test["c"]));
            CHECK(to_bytes(shared.reveal()) == vectors::bytes(test["K"]));
        }
    }
    CHECK(ran == 265);
}

TEST_CASE("ML-KEM-768 decapsulates as wycheproof expects, forged ciphertexts included") {
    int ran = 0;
    for (const auto& group : vectors::groups("wycheproof/mlkem_768_test.json")) {
        for (const auto& test : group["tests"]) {
            INFO("tcId " << test["tcId"]);
            Bytes seed = vectors::bytes(test["seed"]);
            const Bytes ciphertext = vectors::bytes(test["c"]);
            ++ran;
            if (test["result"] != "valid") {
                // Wrong sizes, which the door above this one refuses.
                CHECK((seed.size() != ml_kem::seed_size ||
                       ciphertext.size() != ml_kem::ciphertext_size));
                continue;
            }
            const Pkey key = ml_kem::from_seed(seed);
            CHECK(export_public(key.get()) == vectors::bytes(test["ek"]));
            CHECK(to_bytes(ml_kem::decapsulate(key.get(), ciphertext).reveal()) ==
                  vectors::bytes(test["K"]));
        }
    }
    CHECK(ran == 193);
}

TEST_CASE("ML-KEM-768 agrees with the vectors of NIST's validation program") {
    const int keys = run_acvp("keyGen", "", [](const auto& test, const auto& answer) {
        Bytes seed = vectors::bytes(test["d"]);
        append(seed, vectors::bytes(test["z"]));
        CHECK(public_of_seed(seed) == vectors::bytes(answer["ek"]));
    });
    CHECK(keys == 25);
    const auto check_encapsulation = [](const auto& test, const auto& answer) {
        const auto key = ml_kem::import_public(vectors::bytes(test["ek"]));
        REQUIRE(key.has_value());
        Bytes message = vectors::bytes(test["m"]);
        Bytes ciphertext;
        const Secret shared = ml_kem::encapsulate(key->get(), message, ciphertext);
        CHECK(ciphertext == vectors::bytes(answer["c"]));
        CHECK(to_bytes(shared.reveal()) == vectors::bytes(answer["k"]));
    };
    const int encapsulations = run_acvp("encapDecap", "encapsulation", check_encapsulation);
    CHECK(encapsulations == 25);
}

}  // namespace cercle::crypto
