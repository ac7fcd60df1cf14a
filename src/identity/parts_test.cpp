// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "identity/directory.h"
#include "identity/passport.h"
#include "tests/must.h"
#include "tests/stage/faces.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

struct Circle {
    crypto::SystemRandom random;
    Authority authority = must(Authority::found(now, random));
    DirectoryPage page;
    std::map<std::pair<std::uint8_t, std::uint64_t>, merkle::Hash> nodes;

    explicit Circle(std::size_t members) {
        page.number = {7};
        page.circle_name = "Conseil";
        const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
        for (std::size_t i = 0; i < members; ++i) {
            const Passport passport{
                MemberId::random(random), DeviceId::random(random), Role::Member, key.public_key()};
            DirectoryMember member{passport.member, "Member " + std::to_string(i), "minister"};
            member.blind.assign(blind_size, static_cast<std::uint8_t>(i));
            member.sections = {"section " + std::to_string(i % 4)};
            DirectoryDevice device;
            device.device = passport.device;
            device.member = passport.member;
            device.certificate = must(authority.certify(passport, now, random));
            device.inbox = protocol::LogId::random(random);
            device.inbox_secret = Secret(32);
            add(leaf_of_name(member.member, member.name, member.role, member.blind));
            add(leaf_of_device(passport.member, passport.device, device.certificate));
            page.members.push_back(std::move(member));
            page.devices.push_back(std::move(device));
        }
        page.growth.head.root = root();
    }

    void add(const TransparencyLeaf& leaf) {
        for (const auto& [node, hash] :
             must(merkle::grow(page.growth.head.size, hash_of(leaf), lookup()))) {
            nodes.insert_or_assign({node.level, node.number}, hash);
        }
        page.growth.leaves.push_back(leaf);
        page.growth.head.size = {page.growth.head.size.value + 1};
    }

    merkle::Lookup lookup() {
        return [this](merkle::Node node) -> Result<merkle::Hash> {
            return nodes.at({node.level, node.number});
        };
    }

    merkle::Hash root() { return must(merkle::root_of(page.growth.head.size, lookup())); }
};

}  // namespace

TEST_CASE("a circle of two thousand comes to a newcomer in parts that each fit and hold") {
    Circle circle(2000);
    const auto last_head = circle.page.growth.head;
    const auto members = circle.page.members;
    circle.page.reader = DeviceId::random(circle.random);
    const auto reader = circle.page.reader;
    circle.page.move = Move{protocol::LogId::random(circle.random), {}};
    circle.page.gone.push_back(MemberId::random(circle.random));
    const auto parts = in_parts(std::move(circle.page));
    CHECK(parts.size() > 4);
    CHECK(parts.size() < 20);
    std::set<TransparencyLeaf,
             decltype([](const auto& one, const auto& other) { return one.fact < other.fact; })>
        said;
    std::set<MemberId> found;
    std::set<DeviceId> devices;
    std::uint64_t known = 0;
    for (const DirectoryPage& part : parts) {
        const bool last = &part == &parts.back();
        const Secret signed_part = sign_page(part, circle.authority);
        CHECK(signed_part.size() <= longest_part);
        const auto opened = open_page(signed_part.reveal(), circle.authority.root(), now);
        REQUIRE(opened.has_value());
        // Each goes on from the one before it, and says nothing that is not in the log by then.
        CHECK(opened->growth.check().has_value());
        CHECK(opened->growth.first.value == known);
        known = opened->growth.head.size.value;
        said.insert(opened->growth.leaves.begin(), opened->growth.leaves.end());
        for (const TransparencyLeaf& leaf : leaves_of(*opened))
            CHECK(said.contains(leaf));
        for (const auto& one : opened->members)
            CHECK(found.insert(one.member).second);
        for (const auto& one : opened->devices)
            CHECK(devices.insert(one.device).second);
        CHECK(opened->reader == reader);
        CHECK(opened->move.has_value() == last);
        CHECK(opened->gone.empty() == !last);
        CHECK(opened->number == PageNumber{7});
    }
    CHECK(parts.back().growth.head == last_head);
    CHECK(devices.size() == 2000);
    for (const DirectoryMember& one : members)
        CHECK(found.contains(one.member));
}

TEST_CASE("what the log says of a reader's own member stands in the part that brings it") {
    Circle circle(2000);
    circle.page.reader = circle.page.devices.at(900).device;
    const auto own = circle.page.devices.at(900).member;
    std::size_t said = 0;
    for (const DirectoryPage& part : in_parts(std::move(circle.page))) {
        const auto facts = leaves_of(part);
        for (const TransparencyLeaf& leaf : part.growth.leaves) {
            if (leaf.subject != subject_of(own)) continue;
            ++said;
            CHECK(std::ranges::contains(facts, leaf));
        }
    }
    CHECK(said == 2);
}

TEST_CASE("the pictures of two hundred come in eleven parts, each with its member") {
    Circle circle(200);
    for (DirectoryMember& one : circle.page.members)
        one.portrait = stage::jpeg(128, 128, longest_picture, 1);
    circle.page.reader = circle.page.devices.at(100).device;
    const auto own = circle.page.devices.at(100).member;
    const auto parts = in_parts(std::move(circle.page));
    CHECK(parts.size() == 11);
    std::size_t shown = 0;
    for (const DirectoryPage& part : parts) {
        const Secret signed_part = sign_page(part, circle.authority);
        CHECK(signed_part.size() <= longest_part);
        const auto opened = must(open_page(signed_part.reveal(), circle.authority.root(), now));
        for (const DirectoryMember& one : opened.members) {
            const bool is_here = std::holds_alternative<Bytes>(one.portrait);
            if (is_here) ++shown;
            // Ahead of his place the reader's own member has his hash alone.
            CHECK((is_here || one.member == own));
        }
    }
    CHECK(shown == 200);
}

TEST_CASE("a page that fits stays one") {
    Circle circle(200);
    const Bytes before = codec::encode(circle.page);
    const auto parts = in_parts(std::move(circle.page));
    REQUIRE(parts.size() == 1);
    CHECK(codec::encode(parts.front()) == before);
    // What both signatures add to it.
    CHECK(sign_page(parts.front(), circle.authority).size() ==
          4 + before.size() + root_signature_size);
}

TEST_CASE("people who come into sight at once come in parts behind what the log has grown by") {
    Circle circle(1000);
    circle.page.growth.first = {1990};
    circle.page.growth.leaves.erase(circle.page.growth.leaves.begin(),
                                    circle.page.growth.leaves.begin() + 1990);
    const auto leaves = circle.page.growth.leaves;
    const auto head = circle.page.growth.head;
    const auto parts = in_parts(std::move(circle.page));
    REQUIRE(parts.size() > 1);
    CHECK(parts.front().growth.leaves == leaves);
    for (const DirectoryPage& part : parts) {
        CHECK(part.growth.head == head);
        CHECK(part.growth.check().has_value());
    }
}

TEST_CASE("a name's leaf is found by who has its blind, and by trying names by nobody else") {
    crypto::SystemRandom random;
    const auto member = MemberId::random(random);
    const Bytes blind(blind_size, 1);
    const Bytes other(blind_size, 2);
    const auto leaf = leaf_of_name(member, "Alice", "minister", blind);
    CHECK(leaf_of_name(member, "Alice", "minister", blind) == leaf);
    CHECK(leaf_of_name(member, "Alice", "minister") != leaf);
    CHECK(leaf_of_name(member, "Alice", "minister", other) != leaf);
    CHECK(leaf_of_name(member, "Alicia", "minister", blind) != leaf);
    CHECK(leaf.subject == subject_of(member));
}
