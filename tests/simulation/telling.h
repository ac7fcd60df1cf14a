// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Telling: what is about to be told, on standard error, so that a program that dies or hangs in the
// middle of it has named it. What is found at the end names it once more.

#include <cstdio>
#include <string>

namespace cercle::simulation {

/// What `simulate` replays it by. Standard error is not buffered: it is said when this returns.
inline void say_before(const std::string& replay) {
    std::fprintf(stderr, "simulate %s\n", replay.c_str());
}

}  // namespace cercle::simulation
