// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay cannot do by the time that it says, or that its clock says by mistake.

#include <catch2/catch_test_macros.hpp>

#include "client/lost.h"
#include "tests/attacks/coup.h"

namespace {

using namespace cercle;
using attacks::Coup;
using attacks::FakeLog;
using attacks::Texts;
using Act = officer::ReportLost::Act;
using namespace std::chrono_literals;

/// At which no certificate of today's is valid yet.
constexpr auto long_ago = -24h * 400;

}  // namespace

TEST_CASE("attack: a page that the relay stamps with no time is believed, and so are later ones") {
    Coup circle;
    auto& town = *circle.town;
    const protocol::LogId hers = town.core("alice")->self.inbox;
    circle.keep_away("alice");
    town.relay_machine().clock.jump(long_ago);
    REQUIRE(town.enrol("denise").done());
    town.relay_machine().clock.jump(-long_ago);
    static_cast<void>(town.officer(officer::ReportLost{"bertrand", Act::Do}));
    // The letter about it is left out; the page is not.
    FakeLog letters(town, hers);
    REQUIRE_FALSE(letters.entries.empty());
    letters.entries.pop_back();
    letters.show_to({"alice"});
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    CHECK(circle.alarms("alice").empty());
    CHECK(town.core("alice")->people.resolve("denise").has_value());
    CHECK(client::lost::holding(town.core("alice")->database).value().held ==
          identity::RevocationNumber{1});
}

TEST_CASE("attack: an Add that the relay stamps with no time parts nobody") {
    Coup circle;
    auto& town = *circle.town;
    REQUIRE(town.enrol("denise").done());
    REQUIRE(town.play("bertrand", client::Sync{0}).done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    town.relay_machine().clock.jump(long_ago);
    using Change = client::ChangeGroup;
    REQUIRE(town.play("alice", Change{Change::Act::Add, "cellule", "denise"}).done());
    town.relay_machine().clock.jump(-long_ago);
    for (const std::string home : {"bertrand", "chloe", "denise"}) {
        REQUIRE(town.play(home, client::Sync{0}).done());
        CHECK(circle.members(home) == 4);
        CHECK(circle.gaps(home).empty());
    }
    circle.say("alice", "bienvenue");
    circle.say("bertrand", "oui");
    CHECK(circle.read("denise") == Texts{"bienvenue", "oui"});
}
