// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Measurements, each a part of the program's table. docs/circle.md says how to read them.

#include <chrono>
#include <cstddef>
#include <filesystem>

namespace cercle::bench {

using Seconds = std::chrono::duration<double>;

struct Plan {
    std::filesystem::path programs;   // the folder of cercle and cercle-relay
    std::filesystem::path directory;  // for data; removed at the end
    std::size_t members = 200;
    std::size_t rounds = 5;
    std::size_t rooms = 4;      // of the others, each in one
    std::size_t processes = 4;  // in which their devices live
};

class Circle;

/// An invitation in somebody's hand, until what he has said stands on another's screen.
void measure_join(const Plan& plan, Circle& circle);

/// The officer's word that a phone is lost, until no conversation has a key that it knows.
void measure_lost(const Plan& plan, Circle& circle);

}  // namespace cercle::bench
