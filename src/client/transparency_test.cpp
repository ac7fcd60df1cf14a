// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/transparency.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/schema.h"
#include "tests/must.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::client;
using transparency::Taking;

identity::DirectoryMember named(std::uint8_t id, std::string name) {
    identity::DirectoryMember one;
    one.member.bytes.fill(id);
    one.name = std::move(name);
    return one;
}

identity::DirectoryPage page_of(std::vector<identity::DirectoryMember> members) {
    identity::DirectoryPage page;
    page.members = std::move(members);
    return page;
}

constexpr WallTime now{std::chrono::seconds{1'800'000'000}};

/// One side: the officer, who says, or a device, which hears.
struct Side {
    Side() { must(database.migrate(schema_steps())); }

    void say(const identity::DirectoryMember& member) {
        auto transaction = must(database.begin());
        must(transparency::append(transaction,
                                  identity::leaf_of_name(member.member, member.name, member.role)));
        must(std::move(transaction).commit());
    }

    identity::TransparencyGrowth growth_for(const identity::DirectoryPage& page) {
        auto transaction = must(database.begin());
        std::uint64_t first = must(transparency::head(transaction)).size.value;
        for (const auto& leaf : identity::leaves_of(page))
            first = std::min(first, must(transparency::place_of(transaction, leaf)).value);
        return must(transparency::growth_from(transaction, {first}));
    }

    identity::TransparencyHead head() {
        auto transaction = must(database.begin());
        return must(transparency::head(transaction));
    }

    Taking take(const identity::DirectoryPage& page, const identity::TransparencyGrowth& growth) {
        auto transaction = must(database.begin());
        const Taking taking = must(transparency::take(transaction, page, growth));
        must(std::move(transaction).commit());
        return taking;
    }

    bool hear(std::uint8_t device, const identity::TransparencyHead& shown) {
        auto transaction = must(database.begin());
        identity::DeviceId id;
        id.bytes.fill(device);
        const bool same = must(transparency::hear(transaction, id, shown, now));
        must(std::move(transaction).commit());
        return same;
    }

    std::vector<transparency::Compared> compare() {
        auto transaction = must(database.begin());
        auto compared = must(transparency::compare_kept(transaction));
        must(std::move(transaction).commit());
        return compared;
    }

    Scratch scratch;
    store::Database database = must(store::Database::open({scratch / "vault"}));
};

const auto alice = named(1, "Alice");
const auto bertrand = named(2, "Bertrand");
const auto claire = named(3, "Claire");

}  // namespace

TEST_CASE("a device that takes every page has the officer's log, and takes a page twice") {
    Side officer;
    Side device;
    for (const auto& member : {alice, bertrand, claire}) {
        officer.say(member);
        const auto page = page_of({member});
        const auto growth = officer.growth_for(page);
        CHECK(device.take(page, growth) == Taking::Grown);
        CHECK(device.take(page, growth) == Taking::Grown);
        CHECK(device.head() == officer.head());
    }
    const auto newcomer = page_of({alice, bertrand, claire});
    Side late;
    CHECK(late.take(newcomer, officer.growth_for(newcomer)) == Taking::Grown);
    CHECK(late.head() == officer.head());
}

TEST_CASE("a page that says what is not in the log is not believed, and leaves nothing behind") {
    Side officer;
    Side device;
    officer.say(alice);
    const auto growth = officer.growth_for(page_of({alice}));
    CHECK(device.take(page_of({alice, bertrand}), growth) == Taking::Forked);
    CHECK(device.head().size.value == 0);
    CHECK(device.take(page_of({named(1, "Malice")}), growth) == Taking::Forked);
    CHECK(device.take(page_of({alice}), growth) == Taking::Grown);
}

TEST_CASE("a log that was written anew is not believed: other leaves, another root, fewer") {
    Side officer;
    Side device;
    officer.say(alice);
    officer.say(bertrand);
    const auto both = page_of({alice, bertrand});
    const auto growth = officer.growth_for(both);
    CHECK(device.take(both, growth) == Taking::Grown);
    const auto before = device.head();

    Side other;
    other.say(named(1, "Malice"));
    other.say(bertrand);
    other.say(claire);
    CHECK(device.take(page_of({claire}), other.growth_for(page_of({claire}))) == Taking::Forked);
    const auto rewritten = page_of({bertrand, claire});
    CHECK(device.take(rewritten, other.growth_for(rewritten)) == Taking::Forked);
    auto altered = growth;
    altered.head.root.bytes[0] ^= 1U;
    CHECK(device.take(both, altered) == Taking::Forked);
    CHECK(device.head() == before);
}

TEST_CASE("a page that goes on from what has not come is kept out until that has") {
    Side officer;
    Side device;
    officer.say(alice);
    const auto first = officer.growth_for(page_of({alice}));
    officer.say(bertrand);
    const auto second = officer.growth_for(page_of({bertrand}));
    CHECK(device.take(page_of({bertrand}), second) == Taking::OutOfReach);
    CHECK(device.head().size.value == 0);
    CHECK(device.take(page_of({alice}), first) == Taking::Grown);
    CHECK(device.take(page_of({bertrand}), second) == Taking::Grown);
}

TEST_CASE("what is said of a member behind his back shows in the log that he is sent") {
    Side officer;
    officer.say(alice);
    officer.say(named(2, "Bertrand, not asked"));
    officer.say(claire);
    const auto page = page_of({alice, claire});
    const auto growth = officer.growth_for(page);
    CHECK(must(transparency::hidden_of(bertrand.member, page, growth, 0)).size() == 1);
    CHECK(must(transparency::hidden_of(alice.member, page, growth, 0)).empty());
    // What he knew before is no news.
    CHECK(must(transparency::hidden_of(bertrand.member, page, growth, 2)).empty());
}

TEST_CASE("who is shown another circle shows by the head that his messages carry") {
    Side officer;
    Side device;
    Side other;
    officer.say(alice);
    officer.say(bertrand);
    const auto both = page_of({alice, bertrand});
    other.say(alice);
    const auto earlier = other.head();
    other.say(named(2, "Brigand"));
    REQUIRE(device.take(both, officer.growth_for(both)) == Taking::Grown);
    CHECK(device.hear(7, officer.head()));
    CHECK(device.hear(7, earlier));  // of before; he has read less
    CHECK_FALSE(device.hear(8, other.head()));
}

TEST_CASE("a head of what has not come here is compared once it has, or says since when") {
    Side officer;
    Side device;
    Side other;
    officer.say(alice);
    const auto first = page_of({alice});
    REQUIRE(device.take(first, officer.growth_for(first)) == Taking::Grown);
    other.say(alice);
    other.say(named(2, "Brigand"));
    officer.say(bertrand);
    CHECK(device.hear(7, officer.head()));
    CHECK(device.hear(8, other.head()));
    CHECK(must(transparency::behind_since(device.database)) == now);
    CHECK(device.compare().empty());

    const auto second = page_of({bertrand});
    REQUIRE(device.take(second, officer.growth_for(second)) == Taking::Grown);
    const auto compared = device.compare();
    REQUIRE(compared.size() == 2);
    for (const auto& one : compared)
        CHECK(one.same == (one.device.bytes[0] == 7));
    CHECK_FALSE(must(transparency::behind_since(device.database)).has_value());
}
