// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The kinds of test vectors of the MLS working group, each recognised by the names in its
// entries, and how an entry of each is tried against src/mls. Used by the tests of mls and by
// the program mls_vectors.

#include <string>

#include <nlohmann/json.hpp>

#include "tests/vectors/report.h"

namespace cercle::vectors {

using Json = nlohmann::json;

/// What came of a file, and which kind it was of; empty for none that is known.
struct KindReport {
    std::string kind;
    Report report;
};

/// Tries every entry. One in a cipher suite without a row here is not covered; one that lacks what
/// its kind has fails.
[[nodiscard]] KindReport try_all(const Json& file);

}  // namespace cercle::vectors
