// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/daily.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::client::daily;
using namespace std::chrono_literals;

constexpr WallTime monday{std::chrono::days{20'000}};

/// Online all the time, and looking as often.
Watch look_on(Watch watch, WallTime until, Duration every = 1h) {
    for (WallTime now = watch.to + every; now <= until; now += every)
        watch = watched(watch, now);
    return watch;
}

}  // namespace

TEST_CASE("a device that is online without a status is late after two days and not before") {
    Watch watch{monday, monday};
    watch = look_on(watch, monday + 47h);
    CHECK(watch.late == Lateness::No);
    watch = look_on(watch, monday + 48h);
    CHECK(watch.late == Lateness::Late);
}

TEST_CASE("who looks only once a day is late, too") {
    Watch watch{monday, monday};
    watch = look_on(watch, monday + 72h, 23h);
    CHECK(watch.late == Lateness::Late);
}

TEST_CASE("who was away for days has not been waiting") {
    Watch watch{monday, monday};
    watch = watched(watch, monday + std::chrono::days{9});
    CHECK(watch.late == Lateness::No);
    CHECK(watch.from == monday + std::chrono::days{9});
}

TEST_CASE("a clock that is set begins the waiting anew, forwards and backwards") {
    Watch late{monday, monday};
    late = look_on(late, monday + 50h);
    REQUIRE(late.late == Lateness::Late);
    CHECK(watched(late, late.to + std::chrono::years{1}).late == Lateness::No);
    const Watch back = watched(late, late.to - std::chrono::years{1});
    CHECK(back.late == Lateness::No);
    // And from there it is as late as any other.
    CHECK(look_on(back, back.to + 48h).late == Lateness::Late);
}

TEST_CASE("who was told that it is late is not told again") {
    Watch watch{monday, monday + 47h, Lateness::Told};
    CHECK(watched(watch, monday + 50h).late == Lateness::Told);
}
