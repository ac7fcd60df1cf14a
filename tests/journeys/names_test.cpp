// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Names by which one member could pass for another.

#include <catch2/catch_test_macros.hpp>

#include "client/people.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using cercle::town::Town;

/// "bertrand", with a Cyrillic letter in it.
constexpr const char* false_bertrand = "bertr\u0430nd";

}  // namespace

TEST_CASE("nobody is invited whose name looks like another's") {
    const auto town = Town::with({"alice", "bertrand"});
    for (const char* name : {false_bertrand, "Bertrand", "BERTRAND"}) {
        INFO(name);
        CHECK(town->officer(officer::Invite{name, "", 3600, {}}).outcome.rule == "looks-alike");
    }
    CHECK(town->officer(officer::Invite{"bertrande", "", 3600, {}}).done());
    // Nor like one that is invited already.
    CHECK(town->officer(officer::Invite{"bertrand\u0435", "", 3600, {}}).outcome.rule ==
          "looks-alike");
    // A capital I.
    CHECK(town->officer(officer::Invite{"aIice", "", 3600, {}}).outcome.rule == "looks-alike");
    // Two people may bear one name, and the officer is told.
    CHECK(town->officer(officer::Invite{"bertrand", "", 3600, {}}).done());
}

TEST_CASE("a name that two look like is nobody's") {
    const auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("alice", client::Sync{0}).done());
    client::Core& core = *town->core("alice");
    // As if an officer of an older build had let him in.
    auto transaction = must(core.database.begin());
    must(transaction.run("INSERT INTO members (member, name, role) VALUES (?1, ?2, '')",
                         identity::MemberId::random(town->random()),
                         std::string(false_bertrand)));
    must(std::move(transaction).commit());
    for (const char* name : {"bertrand", false_bertrand}) {
        CHECK(town->send("alice", name, "c'est toi ?").outcome.rule == "ambiguous");
    }
    CHECK(core.people.resolve("Alice").error().code == Code::unknown);
}
