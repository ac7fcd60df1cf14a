// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A relay that was restored from an older backup has forgotten orders of the officer. It is given
// them again, in their order, and nobody who was shut out comes in by that.

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;

protocol::OrderNumber last_order(Town& town) {
    protocol::OrderNumber number;
    const auto looked = town.store().look([&number](relay::LogTables& tables) -> Result<void> {
        TRY(const auto identity, tables.identity());
        number = identity.last_order;
        return {};
    });
    REQUIRE(looked.has_value());
    return number;
}

std::uint64_t devices(Town& town) {
    std::uint64_t count = 0;
    const auto looked = town.store().look([&count](relay::LogTables& tables) -> Result<void> {
        TRY(const auto counts, tables.counts());
        count = counts.devices;
        return {};
    });
    REQUIRE(looked.has_value());
    return count;
}

store::SimulatedDisk::Image image_of_relay(Town& town) {
    town.stop_relay();
    auto image = town.relay_machine().disk.image();
    town.start_relay();
    return image;
}

void put_back(Town& town, const store::SimulatedDisk::Image& image) {
    town.stop_relay();
    town.relay_machine().disk.restore(image);
    town.start_relay();
}

}  // namespace

TEST_CASE("a restored relay is given again what the officer has ordered since the backup") {
    auto town = Town::with({"alice"});
    const auto earlier = image_of_relay(*town);
    const auto before = last_order(*town);
    for (int number = 0; number < 3; ++number)
        REQUIRE_FALSE(town->invite("nobody").invitation.empty());
    REQUIRE(town->enrol("bertrand").done());
    const auto after = last_order(*town);
    const auto known = devices(*town);
    REQUIRE(after.value > before.value + 3);

    put_back(*town, earlier);
    REQUIRE(last_order(*town) == before);
    REQUIRE(devices(*town) == known - 1);
    town->pass(std::chrono::minutes{2});
    CHECK(last_order(*town) == after);
    CHECK(devices(*town) == known);
    // And the next order comes after all of them.
    REQUIRE_FALSE(town->invite("chloe").invitation.empty());
    CHECK(last_order(*town).value == after.value + 1);
}

TEST_CASE("a relay that was restored empty is claimed and ordered again from the first order") {
    auto town = Town::with({"alice"});
    const auto after = last_order(*town);
    const auto known = devices(*town);
    town->stop_relay();
    town->relay_machine().disk.restore({});
    town->start_relay();
    REQUIRE(last_order(*town).value == 0);
    REQUIRE_FALSE(town->invite("bertrand").invitation.empty());
    CHECK(last_order(*town).value == after.value + 1);
    CHECK(devices(*town) == known);
}

TEST_CASE("an order whose answer was lost with a crash is not taken for a forgotten one") {
    auto town = Town::with({"alice"});
    const auto before = last_order(*town);
    for (std::uint64_t at = 1; at < 40; at += 3) {
        town->machine("officer").plan({store::Trouble::Kind::Kill, at});
        static_cast<void>(town->invite("nobody"));
        town->tidy();
    }
    // The last of them may not have been reached.
    town->machine("officer").disk.forget_plan();
    REQUIRE_FALSE(town->invite("bertrand").invitation.empty());
    CHECK(last_order(*town).value > before.value);
}
