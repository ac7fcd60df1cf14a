// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Laws: what must hold at the end of every story, whatever happened in it. The promises of the
// product that a circle with an honest relay owes its people.

#include <string>
#include <vector>

#include "tests/simulation/story.h"

namespace cercle::simulation {

/// Tells a story, heals it, and says in sentences what does not hold. Empty is well.
[[nodiscard]] std::vector<std::string> broken_laws(Story& story);

}  // namespace cercle::simulation
