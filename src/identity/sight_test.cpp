// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/sight.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "identity/directory.h"

namespace {

using namespace cercle;
using namespace cercle::identity;

const std::vector<Sections> kinds{{}, {"north"}, {"south"}, {"north", "south"}, {"east"}, {"all"}};

}  // namespace

TEST_CASE("who shares a section is seen, and so is who is in none by who is in none") {
    CHECK(see_each_other({}, {}, {}));
    CHECK(see_each_other({"north"}, {"north"}, {}));
    CHECK(see_each_other({"north"}, {"north", "south"}, {}));
    CHECK_FALSE(see_each_other({"north"}, {"south"}, {}));
    CHECK_FALSE(see_each_other({"north"}, {}, {}));
    for (const Sections& one : kinds)
        CHECK(see_each_other({"all"}, one, {}));
}

TEST_CASE("a rule lets two sections see each other, or everybody one, and nobody else") {
    const std::vector<Sight> sights{sight_of("south", "north"), sight_of("all", "east")};
    CHECK(see_each_other({"north"}, {"south"}, sights));
    CHECK(see_each_other({"east"}, {"south"}, sights));
    CHECK(see_each_other({"east"}, {}, sights));
    CHECK_FALSE(see_each_other({"north"}, {}, sights));
    CHECK_FALSE(see_each_other({"west"}, {"south"}, sights));
    CHECK(see_each_other({"north"}, {}, {sight_of("none", "north")}));
    CHECK_FALSE(see_each_other({"south"}, {}, {sight_of("none", "north")}));
}

TEST_CASE("sight is mutual, whatever the rules") {
    const std::vector<std::vector<Sight>> tables{
        {}, {sight_of("north", "south")}, {sight_of("none", "east")}, {sight_of("all", "south")}};
    for (const auto& sights : tables) {
        for (const Sections& one : kinds) {
            for (const Sections& other : kinds)
                CHECK(see_each_other(one, other, sights) == see_each_other(other, one, sights));
        }
    }
    CHECK(sight_of("a", "b") == sight_of("b", "a"));
}

TEST_CASE("a section has a name that deceives nobody and no rule means otherwise") {
    CHECK(check_sections({}).has_value());
    CHECK(check_sections({"Affaires étrangères", "all"}).has_value());
    CHECK(check_sections({""}).error().code == Code::invalid_text);
    CHECK(check_sections({"none"}).error().code == Code::invalid_text);
    CHECK(check_sections({"no\u202erth"}).error().code == Code::invalid_text);
    CHECK(check_sections({std::string(65, 'a')}).error().code == Code::invalid_text);
    Sections many;
    for (char letter = 'a'; letter < 'a' + 17; ++letter)
        many.insert(std::string(1, letter));
    CHECK(check_sections(many).error().code == Code::too_many);
}

TEST_CASE("a member's sections stand on a page in one order") {
    DirectoryPage page;
    page.members.push_back({{}, "Zoe", "", {}, {"aaaa", "bbbb"}});
    const Bytes right = codec::encode(page);
    CHECK(codec::decode<DirectoryPage>(right)->members.at(0).sections == Sections{"aaaa", "bbbb"});
    Bytes wrong = right;
    const auto first = std::ranges::search(wrong, Bytes{'a', 'a', 'a', 'a'});
    REQUIRE_FALSE(first.empty());
    std::ranges::fill(first, 'c');
    CHECK(codec::decode<DirectoryPage>(wrong).error().code == Code::not_canonical);
    std::ranges::fill(first, 'b');
    CHECK(codec::decode<DirectoryPage>(wrong).error().code == Code::not_canonical);
}
