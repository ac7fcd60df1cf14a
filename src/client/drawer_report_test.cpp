// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/drawer_report.h"

#include <algorithm>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::client;

constexpr ReportDay today{20'000};

/// What one device reports that is opened on those days, so many before today.
void add_device(std::vector<Opening>& openings, std::vector<std::uint32_t> days_ago) {
    std::ranges::sort(days_ago, std::greater());
    std::optional<std::uint32_t> last;
    for (const std::uint32_t ago : days_ago) {
        const std::uint32_t before = last ? std::min<std::uint32_t>(*last - ago, 14) : 14;
        openings.push_back({{today.value - ago}, static_cast<std::uint8_t>(before)});
        last = ago;
    }
}

}  // namespace

TEST_CASE("each device is counted once in fourteen days, though none can be told from another") {
    std::vector<Opening> openings;
    add_device(openings, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    CHECK(devices_opened(openings, today) == 1);
    add_device(openings, {13, 13});
    CHECK(devices_opened(openings, today) == 2);
    add_device(openings, {14, 20, 40});
    CHECK(devices_opened(openings, today) == 2);
    add_device(openings, {0, 14});
    add_device(openings, {12, 13, 14});
    CHECK(devices_opened(openings, today) == 4);
}

TEST_CASE("whatever days devices are opened on, those opened in fourteen days are counted") {
    vectors::SeededRandom random(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<Opening> openings;
        std::uint32_t expected = 0;
        for (int device = 0; device < 20; ++device) {
            std::vector<std::uint32_t> days;
            for (std::uint32_t ago = 0; ago < 40; ++ago) {
                if (random.bytes(1).front() < 32) days.push_back(ago);
            }
            if (!days.empty() && days.front() < 14) ++expected;
            add_device(openings, days);
        }
        // The officer keeps none of before.
        std::erase_if(openings, [](const Opening& one) { return !is_counted(one.day, today); });
        REQUIRE(devices_opened(openings, today) == expected);
    }
}

TEST_CASE("an opening is counted for fourteen days, and one of a clock far ahead never") {
    CHECK(is_counted({today.value}, today));
    CHECK(is_counted({today.value - 13}, today));
    CHECK_FALSE(is_counted({today.value - 14}, today));
    CHECK(is_counted({today.value + 1}, today));
    CHECK_FALSE(is_counted({today.value + 2}, today));
    CHECK(is_counted({0}, {3}));
}

TEST_CASE("a number is told only where both parts that it makes are large enough") {
    using Kind = Figure::Kind;
    CHECK(figure_of({20, 14}, 5) == Figure{Kind::Exactly, 20, 6});
    CHECK(figure_of({20, 15}, 5) == Figure{Kind::Exactly, 20, 5});
    for (const std::uint32_t opened : {16U, 19U, 20U, 25U})
        CHECK(figure_of({20, opened}, 5) == Figure{Kind::AtMost, 20, 4});
    for (const std::uint32_t opened : {0U, 1U, 4U})
        CHECK(figure_of({20, opened}, 5) == Figure{Kind::AtLeast, 20, 16});
    for (std::uint32_t opened = 0; opened < 10; ++opened) {
        CHECK(figure_of({4, opened}, 5).kind == Kind::Withheld);
        CHECK(figure_of({9, opened}, 5).kind == Kind::Withheld);
        CHECK(figure_of({19, opened}, 10).kind == Kind::Withheld);
    }
    CHECK(figure_of({10, 5}, 5) == Figure{Kind::Exactly, 10, 5});
}

TEST_CASE("a report has one length, whatever it says, and days of fourteen at most") {
    const DrawerReport unopened{1, {}, today, 0};
    const DrawerReport opened{1, {}, today, 14};
    CHECK(codec::encode(unopened).size() == codec::encode(opened).size());
    CHECK(must(read_drawer_report(codec::encode(opened))) == opened);
    CHECK(read_drawer_report(codec::encode(DrawerReport{1, {}, today, 15})).error().code ==
          Code::malformed);
    CHECK(read_drawer_report(codec::encode(DrawerReport{2, {}, today, 0})).error().code ==
          Code::unsupported);
}

TEST_CASE("days are those of UTC") {
    CHECK(day_of(time_of(today)) == today);
    CHECK(day_of(time_of(today) - Duration{1}).value == today.value - 1);
    CHECK(day_of(WallTime{Duration{-1}}).value == 0);
}
