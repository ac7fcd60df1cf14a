// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The kinds of test vectors of the MLS working group, each recognised by the names in its
// entries, and how an entry of each is tried against src/mls. Used by the tests of mls and by
// the program mls_vectors.

#include "tests/vectors/file.h"
#include "tests/vectors/report.h"

namespace cercle::vectors {

/// Tries every entry. One in a cipher suite without a row here is not covered; one that lacks what
/// its kind has fails.
[[nodiscard]] KindReport try_mls(const Json& file);

}  // namespace cercle::vectors
