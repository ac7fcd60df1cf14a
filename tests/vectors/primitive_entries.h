// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// One function per kind of vector of a primitive. See primitive_kinds.h.

#include "tests/vectors/file.h"
#include "tests/vectors/report.h"

namespace cercle::vectors {

void try_hpke(const Json& entry, Trial& trial);
void try_xwing(const Json& entry, Trial& trial);

/// A test of a file that keeps them in groups.
struct Grouped {
    const Json& file;
    const Json& group;
    const Json& test;
};

/// Whether it is as "result" has it that the input is `taken`; either is, where that is
/// "acceptable".
[[nodiscard]] inline bool as_wanted(const Json& test, bool taken) {
    const Json& result = test.at("result");
    return result == "acceptable" || result == (taken ? "valid" : "invalid");
}

void try_aead(const Grouped& one, Trial& trial);
void try_hmac(const Grouped& one, Trial& trial);
void try_hkdf(const Grouped& one, Trial& trial);
void try_xdh(const Grouped& one, Trial& trial);
void try_ecdh(const Grouped& one, Trial& trial);
void try_ecdsa(const Grouped& one, Trial& trial);
void try_eddsa(const Grouped& one, Trial& trial);
void try_ml_dsa(const Grouped& one, Trial& trial);
void try_ml_kem_keys(const Grouped& one, Trial& trial);
void try_ml_kem_encapsulation(const Grouped& one, Trial& trial);
void try_ml_kem_decapsulation(const Grouped& one, Trial& trial);
/// Of ACVP, with the answer in the test (with_answers()).
void try_acvp_key_generation(const Grouped& one, Trial& trial);
void try_acvp_encapsulation(const Grouped& one, Trial& trial);

}  // namespace cercle::vectors
