// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Two hundred stories, a part in each test so that they can run beside each other. More of them:
// ./test --long simulation N.

#include <catch2/catch_test_macros.hpp>

#include "tests/simulation/laws.h"

namespace {

using cercle::simulation::Story;

constexpr std::uint64_t seeds_in_a_part = 25;

void tell_part(std::uint64_t part) {
    for (std::uint64_t seed = part * seeds_in_a_part; seed < (part + 1) * seeds_in_a_part; ++seed) {
        Story story(seed);
        const auto broken = cercle::simulation::broken_laws(story);
        std::string sentences;
        for (const std::string& sentence : broken)
            sentences += "  " + sentence + "\n";
        INFO("replay it: simulate " << seed << "\n" << sentences);
        CHECK(broken.empty());
    }
}

}  // namespace

TEST_CASE(
    "whatever happens to a circle, nothing is lost, doubled, reordered or read by who is out"
    " (stories 0 to 24)") {
    tell_part(0);
}
