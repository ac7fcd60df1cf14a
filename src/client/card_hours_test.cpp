// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_hours.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::client;
using namespace std::chrono_literals;
using protocol::Window;
using Windows = std::vector<Window>;

constexpr std::uint16_t day = 24 * 60;

constexpr std::uint16_t at(int days, int hours, int minutes = 0) {
    return static_cast<std::uint16_t>(days * day + hours * 60 + minutes);
}

Windows in_utc(const char* text, std::chrono::minutes offset) {
    return hours_in_utc(read_hours(text).value(), offset).value();
}

}  // namespace

TEST_CASE("a card's hours are said by days and times, and none is always") {
    CHECK(read_hours("").value().empty());
    CHECK(read_hours("Mon-Tue 09:00-18:30").value() ==
          Windows{{at(0, 9), at(0, 18, 30)}, {at(1, 9), at(1, 18, 30)}});
    CHECK(read_hours("sat 10:00-12:00,sat 12:00-13:00").value() == Windows{{at(5, 10), at(5, 13)}});
    CHECK(read_hours("08:00-09:00").value().size() == 7);
    // Over midnight, and over the week's end.
    CHECK(read_hours("Sun 22:00-06:00").value() ==
          Windows{{at(0, 0), at(0, 6)}, {at(6, 22), at(7, 0)}});
    CHECK(read_hours("Mon-Sun 00:00-24:00").value() == Windows{{0, protocol::minutes_of_week}});
    for (const char* wrong : {"x",
                              "Mon",
                              "Mon 9",
                              "Mon 25:00-26:00",
                              "9:00-9:00",
                              "Mon-x 9:00-10:00",
                              ",",
                              "24:00-01:00",
                              "09:00-18:60"}) {
        CHECK(read_hours(wrong).error().code == Code::invalid_argument);
    }
}

TEST_CASE("the relay is told hours in UTC, which move when the zone's offset does") {
    CHECK(in_utc("Mon 09:00-10:00", 0min) == Windows{{at(0, 9), at(0, 10)}});
    CHECK(in_utc("Mon 09:00-10:00", 60min) == Windows{{at(0, 8), at(0, 9)}});
    CHECK(in_utc("Mon 09:00-10:00", 120min) == Windows{{at(0, 7), at(0, 8)}});
    CHECK(in_utc("Mon 00:00-01:00", 330min) == Windows{{at(6, 18, 30), at(6, 19, 30)}});
    CHECK(in_utc("Sun 23:00-24:00", -120min) == Windows{{at(0, 1), at(0, 2)}});
    CHECK(in_utc("", 120min).empty());
    for (const auto& windows :
         {in_utc("22:00-06:00", 60min), in_utc("Mon-Fri 09:00-18:00", -300min)}) {
        CHECK(protocol::CardTerms{protocol::Tier::Ring, 1, windows}.check().has_value());
    }
}
