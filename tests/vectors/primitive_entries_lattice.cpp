// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of ML-KEM: Wycheproof's, through the door of crypto, and those of NIST's validation
// program, which also ask for what that door does not give.
#include <optional>
#include <string>

#include "crypto/ml_kem.h"
#include "crypto/raw_key.h"
#include "tests/vectors/primitive_entries.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::vectors {

using namespace crypto;

namespace {

/// No KEM of ours has it; what reads and writes keys can be tried with it all the same.
constexpr Lattice ml_kem_512{.name = "ML-KEM-512", .public_key_size = 800, .ciphertext_size = 768};

/// FIPS 203 section 8, table 3: the private key in its long form.
std::size_t private_key_size(const Lattice& lattice) {
    return 2 * lattice.public_key_size + 32;
}

std::optional<Lattice> lattice_of(const Grouped& one) {
    const auto name = one.group.at("parameterSet").get<std::string>();
    for (const Lattice& lattice : {ml_kem_512, ml_kem_768, ml_kem_1024}) {
        if (lattice.name == name) return lattice;
    }
    return std::nullopt;
}

std::optional<KemAlgorithm> kem_of(const Grouped& one, Trial& trial) {
    const auto name = one.group.at("parameterSet").get<std::string>();
    if (name == "ML-KEM-768") return KemAlgorithm::MlKem768;
    if (name == "ML-KEM-1024") return KemAlgorithm::MlKem1024;
    trial.not_covered(name + ", which no suite of MLS has");
    return std::nullopt;
}

void try_keys(const Lattice& lattice, Bytes seed, const Json& expected, Trial& trial) {
    if (!trial.expect(seed.size() == Lattice::seed_size, "seed")) return;
    trial.expect(export_public(lattice.from_seed(seed).get()) == unhex(expected.at("ek")), "ek");
}

/// Private keys in their long form, which nothing of ours takes.
void try_long_key(const Lattice& lattice, const Grouped& one, Trial& trial) {
    const Bytes long_key = unhex((one.test.contains("dk") ? one.test : one.group).at("dk"));
    const Bytes ciphertext = unhex(one.test.at("c"));
    if (!trial.expect(long_key.size() == private_key_size(lattice), "dk") ||
        !trial.expect(ciphertext.size() == lattice.ciphertext_size, "c")) {
        return;
    }
    const auto key = import_private(lattice.name, long_key);
    if (!trial.expect(key.has_value(), "dk")) return;
    trial.expect(to_bytes(Lattice::decapsulate(key->get(), ciphertext).reveal()) ==
                     unhex(one.test.at("answer").at("k")),
                 "k");
}

}  // namespace

void try_ml_kem_keys(const Grouped& one, Trial& trial) {
    const auto lattice = lattice_of(one);
    if (!trial.expect(lattice.has_value(), "parameterSet")) return;
    try_keys(*lattice, unhex(one.test.at("seed")), one.test, trial);
}

void try_ml_kem_encapsulation(const Grouped& one, Trial& trial) {
    const auto algorithm = kem_of(one, trial);
    if (!algorithm) return;
    ScriptedRandom random(unhex(one.test.at("m")));
    const auto sent = encapsulate(*algorithm, unhex(one.test.at("ek")), random);
    trial.expect(as_wanted(one.test, sent.has_value()), "ek");
    if (!sent) return;
    trial.expect(random.used_up(), "m");
    trial.expect(sent->encapsulation == unhex(one.test.at("c")), "c");
    trial.expect(to_bytes(sent->shared.reveal()) == unhex(one.test.at("K")), "K");
}

void try_ml_kem_decapsulation(const Grouped& one, Trial& trial) {
    const auto algorithm = kem_of(one, trial);
    if (!algorithm) return;
    const auto key = KemKey::from_secret(*algorithm, unhex(one.test.at("seed")));
    // What is invalid there is so for its size.
    if (!key) {
        trial.expect(as_wanted(one.test, false), "seed");
        return;
    }
    trial.expect(key->public_key() == unhex(one.test.at("ek")), "ek");
    const auto shared = key->decapsulate(unhex(one.test.at("c")));
    trial.expect(as_wanted(one.test, shared.has_value()), "c");
    trial.expect(!shared || to_bytes(shared->reveal()) == unhex(one.test.at("K")), "K");
}

void try_acvp_key_generation(const Grouped& one, Trial& trial) {
    const auto lattice = lattice_of(one);
    if (!trial.expect(lattice.has_value(), "parameterSet")) return;
    Bytes seed = unhex(one.test.at("d"));
    append(seed, unhex(one.test.at("z")));
    try_keys(*lattice, std::move(seed), one.test.at("answer"), trial);
}

void try_acvp_encapsulation(const Grouped& one, Trial& trial) {
    const auto lattice = lattice_of(one);
    if (!trial.expect(lattice.has_value(), "parameterSet")) return;
    const auto function = one.group.at("function").get<std::string>();
    if (function == "decapsulation") return try_long_key(*lattice, one, trial);
    if (function != "encapsulation") return trial.not_covered("the function " + function);
    Bytes message = unhex(one.test.at("m"));
    if (!trial.expect(message.size() == Lattice::message_size, "m")) return;
    const auto key = lattice->import_public(unhex(one.test.at("ek")));
    if (!trial.expect(key.has_value(), "ek")) return;
    Bytes ciphertext;
    const Secret shared = lattice->encapsulate(key->get(), message, ciphertext);
    trial.expect(ciphertext == unhex(one.test.at("answer").at("c")), "c");
    trial.expect(to_bytes(shared.reveal()) == unhex(one.test.at("answer").at("k")), "k");
}

}  // namespace cercle::vectors
