// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/transparency.h"

#include <catch2/catch_test_macros.hpp>

#include "identity/directory.h"

namespace {

using namespace cercle;
using namespace cercle::identity;

MemberId member(std::uint8_t id) {
    MemberId one;
    one.bytes.fill(id);
    return one;
}

DeviceId device(std::uint8_t id) {
    DeviceId one;
    one.bytes.fill(id);
    return one;
}

}  // namespace

TEST_CASE("a leaf is another one for another name, role, member, device or certificate") {
    const auto name = leaf_of_name(member(1), "Alice", "minister");
    CHECK(leaf_of_name(member(1), "Alice", "minister") == name);
    CHECK(leaf_of_name(member(1), "Alicia", "minister").fact != name.fact);
    CHECK(leaf_of_name(member(2), "Alice", "minister").fact != name.fact);
    CHECK(leaf_of_name(member(1), "Alice", "").fact != name.fact);
    // What is name and what is role cannot be shifted.
    CHECK(leaf_of_name(member(1), "Aliceminister", "").fact !=
          leaf_of_name(member(1), "Alice", "minister").fact);

    const Bytes certificate{1, 2, 3};
    const auto certified = leaf_of_device(member(1), device(7), certificate);
    CHECK(leaf_of_device(member(1), device(8), certificate).fact != certified.fact);
    CHECK(leaf_of_device(member(2), device(7), certificate).fact != certified.fact);
    CHECK(leaf_of_device(member(1), device(7), Bytes{1, 2, 4}).fact != certified.fact);
    CHECK(leaf_of_loss(member(1), device(7)).fact != certified.fact);
    CHECK(leaf_of_loss(member(1), device(7)).fact != leaf_of_loss(member(1), device(8)).fact);
}

TEST_CASE("whose a leaf is shows to who knows the member, and only by that") {
    const auto name = leaf_of_name(member(1), "Alice", "");
    CHECK(name.subject == leaf_of_device(member(1), device(7), {}).subject);
    CHECK(name.subject == leaf_of_loss(member(1), device(7)).subject);
    CHECK(name.subject != leaf_of_name(member(2), "Alice", "").subject);
    CHECK(to_hex(name.subject).find("01010101") == std::string::npos);
}

TEST_CASE("leaves that do not end at the head they come with are refused") {
    TransparencyGrowth growth;
    growth.first = {3};
    growth.leaves = {leaf_of_name(member(1), "Alice", ""), leaf_of_loss(member(1), device(7))};
    growth.head.size = {5};
    CHECK(codec::decode<TransparencyGrowth>(codec::encode(growth)).has_value());
    for (const std::uint64_t size : {0, 2, 4, 6}) {
        growth.head.size = {size};
        CHECK(codec::decode<TransparencyGrowth>(codec::encode(growth)).error().code ==
              Code::malformed);
    }
}

TEST_CASE("where a device is reached is no fact of the transparency log, so that it may change") {
    DirectoryPage page;
    page.devices.push_back({device(7), member(1), Bytes{1}, {}, Secret(32), {}});
    const auto before = leaves_of(page);
    page.devices.front().inbox.bytes.fill(9);
    page.devices.front().added = {5};
    CHECK(leaves_of(page) == before);
}
