// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A circle in four sections, small enough for every day. Two hundred members: ./test --long circle.

#include "tests/simulation/assembly.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/simulation/telling.h"

namespace {

using namespace cercle::simulation;

constexpr AssemblySize everyday{12, 2, 40};

void tell_seed(std::uint64_t seed) {
    const std::string replay = "circle " + std::to_string(seed) + " 1 12";
    say_before(replay);
    INFO("replay it: simulate " << replay);
    Assembly assembly(seed, everyday);
    assembly.tell();
    for (const std::string& sentence : assembly.broken_promises())
        FAIL_CHECK(sentence);
    // Otherwise nothing was proven.
    const auto& happened = assembly.happened();
    REQUIRE(happened.contains("said"));
    CHECK(happened.at("said") > 20);
    REQUIRE(happened.contains("lost"));
    CHECK(happened.at("lost") == 2);
}

}  // namespace

TEST_CASE("a circle in four sections keeps its promises while phones are lost and the relay dies") {
    for (std::uint64_t seed = 0; seed < 3; ++seed)
        tell_seed(seed);
}
