// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/clock.h"

#include <catch2/catch_test_macros.hpp>

namespace cercle {

using namespace std::chrono_literals;

TEST_CASE("a manual clock moves only when it is told to") {
    const WallTime start = std::chrono::sys_days{2026y / 11 / 22};
    ManualClock clock(start);
    const SteadyTime before = clock.steady();
    CHECK(clock.wall() == start);
    clock.advance(90s);
    CHECK(clock.wall() == start + 90s);
    CHECK(clock.steady() - before == 90s);
}

TEST_CASE("steady time never goes back") {
    const SystemClock clock;
    const SteadyTime before = clock.steady();
    CHECK(clock.steady() >= before);
    CHECK(clock.wall() > WallTime{std::chrono::sys_days{2020y / 1 / 1}});
}

TEST_CASE("times are written in UTC with milliseconds") {
    const WallTime time = std::chrono::sys_days{2026y / 11 / 22} + 6h + 15min + 19s + 42ms;
    CHECK(to_rfc3339(time) == "2026-11-22T06:15:19.042Z");
    CHECK(to_rfc3339(WallTime{}) == "1970-01-01T00:00:00.000Z");
}

}  // namespace cercle
