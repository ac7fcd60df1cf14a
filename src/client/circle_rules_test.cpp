// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/circle_rules.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/must.h"

namespace {

using namespace cercle;
using namespace cercle::client;
using Rules = std::vector<identity::PolicyRule>;

CircleRules with(const std::vector<std::string>& changes) {
    return rules_of(must(with_changes({}, changes)));
}

bool is_refused(const std::string& change) {
    const auto changed = with_changes({}, {change});
    return !changed && changed.error().code == Code::invalid_argument;
}

RuleReading reading(const Rules& rules, const std::string& name) {
    const auto all = readings_of(rules);
    REQUIRE(std::ranges::count(all, name, &RuleReading::name) == 1);
    return *std::ranges::find(all, name, &RuleReading::name);
}

}  // namespace

TEST_CASE("without a policy nothing is forbidden, and nothing is reported") {
    const CircleRules rules = rules_of({});
    CHECK(rules.cards.includes(""));
    CHECK(rules.groups.includes("minister"));
    CHECK(rules.highest_tier == protocol::Tier::Ring);
    CHECK(rules.guests == Allowed::Yes);
    CHECK(rules.largest_file == envelope::largest_file);
    CHECK(rules.report == Allowed::No);
    CHECK(rules.threshold == 5);
}

TEST_CASE("who may do something is everybody, nobody, or some roles") {
    CHECK_FALSE(with({"cards=nobody"}).cards.includes("minister"));
    const auto some = with({"cards= secretary,minister , secretary"});
    CHECK(some.cards.includes("minister"));
    CHECK(some.cards.includes("secretary"));
    CHECK_FALSE(some.cards.includes(""));
    CHECK_FALSE(some.cards.includes("Minister"));
    CHECK(must(with_changes({}, {"groups=b,a,b"})) == Rules{{"groups", "a, b"}});
    CHECK(is_refused("cards=minister,,secretary"));
    CHECK(is_refused("cards=a\u202eb"));
}

TEST_CASE("sizes, tiers and switches are read as a person writes them") {
    CHECK(with({"files.largest=10MiB"}).largest_file == 10U << 20U);
    CHECK(with({"files.largest=512 KiB"}).largest_file == 512U << 10U);
    CHECK(with({"files.largest=0"}).largest_file == 0);
    CHECK(must(with_changes({}, {"files.largest=10485760"})) == Rules{{"files.largest", "10 MiB"}});
    CHECK(with({"cards.tier=note"}).highest_tier == protocol::Tier::Note);
    CHECK(with({"guests=no"}).guests == Allowed::No);
    CHECK(with({"report=on", "report.threshold=8"}).threshold == 8);
    for (const std::string wrong : {"files.largest=101MiB",
                                    "files.largest=-1",
                                    "files.largest=18446744073709551615MiB",
                                    "cards.tier=loud",
                                    "guests=maybe",
                                    "report=yes",
                                    "cards",
                                    "unheard=1",
                                    "=1"})
        CHECK(is_refused(wrong));
}

TEST_CASE("no policy lowers the threshold of the drawer report below five") {
    CHECK(is_refused("report.threshold=4"));
    CHECK(is_refused("report.threshold=1001"));
    // Nor does one that was signed all the same.
    CHECK(rules_of({{"report.threshold", "1"}}).threshold == 5);
    CHECK(reading({{"report.threshold", "1"}}, "report.threshold").standing ==
          RuleStanding::Unknown);
}

TEST_CASE("an empty value makes a rule as it is without a policy, and others stay") {
    const Rules before{{"cards", "nobody"}, {"guests", "no"}, {"some.later", "x"}};
    CHECK(must(with_changes(before, {"cards="})) == Rules{{"guests", "no"}, {"some.later", "x"}});
    CHECK(must(with_changes(before, {})) == before);
}

TEST_CASE("a rule of a later version is shown as such, and takes nothing from the others") {
    const Rules rules{{"cards", "nobody"}, {"cards.tier", "whisper"}, {"some.later", "x"}};
    CHECK(reading(rules, "cards").standing == RuleStanding::Set);
    CHECK(reading(rules, "cards").sentence == "Nobody may make cards.");
    CHECK(reading(rules, "guests").standing == RuleStanding::Usual);
    CHECK(reading(rules, "some.later").standing == RuleStanding::Unknown);
    CHECK(reading(rules, "some.later").value == "x");
    // A value of a later version, too: the rule is not kept to, and that is said.
    CHECK(reading(rules, "cards.tier").standing == RuleStanding::Unknown);
    CHECK(rules_of(rules).highest_tier == protocol::Tier::Ring);
    CHECK_FALSE(rules_of(rules).cards.includes("minister"));
}
