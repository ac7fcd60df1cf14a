// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/id.h"

#include <concepts>
#include <unordered_set>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/scripted_random.h"

namespace cercle {
namespace {

using MemberId = Id<struct MemberTag>;
using DeviceId = Id<struct DeviceTag>;
using Epoch = Number<struct EpochTag>;
using Seq = Number<struct SeqTag>;

static_assert(!std::convertible_to<MemberId, DeviceId>);
static_assert(!std::equality_comparable_with<MemberId, DeviceId>);
static_assert(!std::convertible_to<Epoch, Seq>);
static_assert(!std::equality_comparable_with<Epoch, Seq>);
static_assert(!std::convertible_to<Epoch, std::uint64_t>);
static_assert(!std::convertible_to<std::uint64_t, Epoch>);

}  // namespace

TEST_CASE("an id is its bytes, in hexadecimal and back") {
    vectors::SeededRandom random(1);
    const auto id = MemberId::random(random);
    CHECK(id.hex().size() == 32);
    CHECK(MemberId::from_hex(id.hex()) == id);
    CHECK(MemberId::from(id.view()) == id);
    CHECK(MemberId::random(random) != id);
}

TEST_CASE("an id of another size is none") {
    for (std::size_t size = 0; size < 40; ++size) {
        CHECK(MemberId::from(Bytes(size)).has_value() == (size == 16));
        CHECK(MemberId::from_hex(std::string(size, '0')).has_value() == (size == 32));
    }
    CHECK(!MemberId::from_hex(std::string(32, 'x')));
}

TEST_CASE("ids can be looked up and ordered") {
    vectors::SeededRandom random(2);
    const auto one = MemberId::random(random);
    const auto two = MemberId::random(random);
    const std::unordered_set<MemberId> known{one};
    CHECK(known.contains(one));
    CHECK(!known.contains(two));
    CHECK((one < two) != (two < one));
}

TEST_CASE("numbers count in their own kind") {
    CHECK(Epoch{4}.next() == Epoch{5});
    CHECK(Epoch{4} < Epoch{5});
    CHECK((Number<struct SmallTag, std::uint8_t>{255}.next().value) == 0);
}

}  // namespace cercle
