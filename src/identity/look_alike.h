// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Look-alikes: names that a person takes for each other, such as one with a Cyrillic letter in it.
// The door to ICU.

#include <string>
#include <string_view>

#include "base/result.h"

namespace cercle::identity {

/// What a name looks like: skeletons of Unicode's UTS #39 section 4. For comparing only: they are
/// no names, and differ from one version of Unicode to the next, so they are never kept.
struct Look {
    std::string as_written;  // a capital I is a small l, a Cyrillic М a Latin one
    std::string folded;      // of the name in compatibility form without case (NFKC_Casefold)
};

/// Requires is_name(). Errors: library_fault.
[[nodiscard]] Result<Look> look_of(std::string_view name);

/// Whether a person can take one for the other: by their letters as they stand, or by what is left
/// of them without case. Neither is enough: folding takes a capital's look away before it is seen.
[[nodiscard]] bool are_alike(const Look& one, const Look& other);

}  // namespace cercle::identity
