// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/card.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"

namespace {

using namespace cercle;
using namespace cercle::protocol;

constexpr std::uint16_t hour = 60;
constexpr std::uint16_t day = 24 * hour;

CardTerms terms_with(std::vector<Window> hours) {
    return {Tier::Ring, 3, std::move(hours)};
}

bool is_taken(const CardTerms& terms) {
    return codec::decode<CardTerms>(codec::encode(terms)).has_value();
}

/// 2026-11-30 was a Monday.
Stamp monday_at(std::uint64_t hours, std::uint64_t minutes) {
    constexpr std::uint64_t midnight = 20'787;  // days since 1970
    return {((midnight * 24 + hours) * 60 + minutes) * 60'000};
}

}  // namespace

TEST_CASE("a card's hours are minutes of the week in UTC, which begins on Monday") {
    const auto office = terms_with({{9 * hour, 17 * hour}, {day + 9 * hour, day + 17 * hour}});
    CHECK_FALSE(is_within(office, monday_at(8, 59)));
    CHECK(is_within(office, monday_at(9, 0)));
    CHECK(is_within(office, monday_at(16, 59)));
    CHECK_FALSE(is_within(office, monday_at(17, 0)));
    CHECK(is_within(office, monday_at(24 + 12, 0)));
    CHECK_FALSE(is_within(office, monday_at(48 + 12, 0)));
    CHECK(is_within(office, monday_at(7 * 24 + 9, 0)));
    // The last minute of Sunday, and none behind it.
    const auto sunday = terms_with({{7 * day - 1, 7 * day}});
    CHECK(is_within(sunday, monday_at(7 * 24 - 1, 59)));
    CHECK_FALSE(is_within(sunday, monday_at(0, 0)));
}

TEST_CASE("a card without hours is for any time") {
    CHECK(is_within(terms_with({}), monday_at(3, 0)));
    CHECK(is_within(terms_with({}), {0}));
    CHECK(is_within(terms_with({}), {~std::uint64_t{0}}));
}

TEST_CASE("there is one way to say when, and terms said otherwise are malformed") {
    CHECK(is_taken(terms_with({{0, minutes_of_week}})));
    CHECK(is_taken(terms_with({{0, 10}, {11, 20}})));
    CHECK_FALSE(is_taken(terms_with({{0, 10}, {10, 20}})));
    CHECK_FALSE(is_taken(terms_with({{11, 20}, {0, 10}})));
    CHECK_FALSE(is_taken(terms_with({{10, 10}})));
    CHECK_FALSE(is_taken(terms_with({{10, 9}})));
    CHECK_FALSE(is_taken(terms_with({{0, minutes_of_week + 1}})));
    std::vector<Window> many;
    for (std::uint16_t at = 0; at < most_windows; ++at) {
        many.push_back(
            {static_cast<std::uint16_t>(at * 2), static_cast<std::uint16_t>(at * 2 + 1)});
    }
    CHECK(is_taken(terms_with(many)));
    many.push_back({200, 201});
    CHECK_FALSE(is_taken(terms_with(many)));
}

TEST_CASE("a tier or a use that nobody knows is malformed") {
    CardTerms terms = terms_with({});
    for (const int tier : {0, 5, 255}) {
        terms.tier = static_cast<Tier>(tier);
        CHECK_FALSE(is_taken(terms));
    }
    CardLetter letter{{}, CardUse::Claim, Tier::Ring, {}, {}};
    CHECK(codec::decode<CardLetter>(codec::encode(letter)).has_value());
    letter.use = static_cast<CardUse>(4);
    CHECK_FALSE(codec::decode<CardLetter>(codec::encode(letter)).has_value());
}
