// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Any time: in the place of a time (surroundings.h), where the lifetimes of key packages play no
// part, since whoever committed them has looked at them, and a time that others state must not part
// members from each other.

#include "base/clock.h"

namespace cercle::mls {

inline constexpr WallTime any_time = WallTime::max();

}  // namespace cercle::mls
