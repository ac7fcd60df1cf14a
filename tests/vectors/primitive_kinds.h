// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The kinds of test vectors of primitives, each recognised by what is in it: RFC 9180's for HPKE,
// those of X-Wing's draft, Wycheproof's and, for ML-KEM, those of NIST's validation program (ACVP).
// Used by the tests of crypto and by the program mls_vectors.

#include "tests/vectors/file.h"
#include "tests/vectors/report.h"

namespace cercle::vectors {

/// Tries every entry. One that asks for what is not here is not covered; one that lacks what its
/// kind has fails.
[[nodiscard]] KindReport try_primitives(const Json& file);

/// ACVP keeps questions ("prompt") and answers ("expectedResults") in two files.
[[nodiscard]] bool is_acvp_questions(const Json& file);
[[nodiscard]] bool is_acvp_answers(const Json& file);
/// Of one run of NIST's program.
[[nodiscard]] bool belong_together(const Json& questions, const Json& answers);
/// The questions, each with its answer: a file that try_primitives() takes.
[[nodiscard]] Json with_answers(Json questions, const Json& answers);

}  // namespace cercle::vectors
