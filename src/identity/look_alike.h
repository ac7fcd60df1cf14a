// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Look-alikes: names that a person takes for each other, such as one with a Cyrillic letter in it.
// The door to ICU.

#include <string>
#include <string_view>

#include "base/result.h"

namespace cercle::identity {

/// What a name looks like: the skeleton of Unicode's UTS #39 section 4, of the name in
/// compatibility form with its case folded (NFKC_Casefold). Two names with the same one can be
/// taken for each other. For comparing only: it is no name, and differs from one version of Unicode
/// to the next, so it is never kept. Requires is_name(). Errors: library_fault.
[[nodiscard]] Result<std::string> look_of(std::string_view name);

}  // namespace cercle::identity
