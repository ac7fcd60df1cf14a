// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Laws: what must hold in the end, whatever has happened. The promises of the
// product that a circle with an honest relay owes its people.

#include <string>
#include <vector>

#include "tests/simulation/chronicle.h"

namespace cercle::simulation {

/// Heals a circle, and says in sentences what does not hold. Empty is well.
[[nodiscard]] std::vector<std::string> broken_laws(Chronicle& chronicle);

}  // namespace cercle::simulation
