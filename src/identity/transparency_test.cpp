// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/transparency.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::identity;

DirectoryMember member(std::uint8_t id, std::string name) {
    DirectoryMember one;
    one.member.bytes.fill(id);
    one.name = std::move(name);
    return one;
}

DirectoryDevice device(std::uint8_t id, std::uint8_t of) {
    DirectoryDevice one;
    one.device.bytes.fill(id);
    one.member.bytes.fill(of);
    one.certificate = Bytes{1, 2, 3};
    one.inbox_secret = Secret(32);
    return one;
}

}  // namespace

TEST_CASE("a leaf is another one for another name, role, member, device or certificate") {
    const auto base = leaf_of(member(1, "Alice"));
    CHECK(leaf_of(member(1, "Alice")) == base);
    CHECK(leaf_of(member(1, "Alicia")).fact != base.fact);
    CHECK(leaf_of(member(2, "Alice")).fact != base.fact);
    DirectoryMember promoted = member(1, "Alice");
    promoted.role = "minister";
    CHECK(leaf_of(promoted).fact != base.fact);

    const auto certified = leaf_of(device(7, 1));
    CHECK(leaf_of(device(8, 1)).fact != certified.fact);
    CHECK(leaf_of(device(7, 2)).fact != certified.fact);
    DirectoryDevice renewed = device(7, 1);
    renewed.certificate = Bytes{1, 2, 4};
    CHECK(leaf_of(renewed).fact != certified.fact);
}

TEST_CASE("whose a leaf is shows to who knows the member, and only by that") {
    CHECK(leaf_of(member(1, "Alice")).subject == leaf_of(device(7, 1)).subject);
    CHECK(leaf_of(member(1, "Alice")).subject != leaf_of(member(2, "Alice")).subject);
    CHECK(to_hex(subject_of(MemberId{})).find("00000000") == std::string::npos);
}

TEST_CASE("where a device is reached is no fact of the transparency log, so that it may change") {
    DirectoryDevice moved = device(7, 1);
    moved.inbox.bytes.fill(9);
    CHECK(leaf_of(moved) == leaf_of(device(7, 1)));
}

TEST_CASE("leaves that do not end at the head they come with are refused") {
    TransparencyGrowth growth;
    growth.first = {3};
    growth.leaves = {leaf_of(member(1, "Alice")), leaf_of(device(7, 1))};
    growth.head.size = {5};
    CHECK(codec::decode<TransparencyGrowth>(codec::encode(growth)).has_value());
    for (const std::uint64_t size : {0, 2, 4, 6}) {
        growth.head.size = {size};
        CHECK(codec::decode<TransparencyGrowth>(codec::encode(growth)).error().code ==
              Code::malformed);
    }
}
