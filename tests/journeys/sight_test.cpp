// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What changes of who sees whom leave behind: conversations with people who are out of sight, and a
// circle that was founded before there were sections.

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "officer/halls.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;
using Names = std::set<std::string>;
using Texts = std::vector<std::string>;

Names contacts_of(Town& town, const std::string& home) {
    REQUIRE(town.play(home, client::Sync{0}).done());
    Names names;
    for (const auto& event : town.play(home, client::ListContacts{}).events) {
        if (const auto* contact = std::get_if<client::Contact>(&event)) names.insert(contact->name);
    }
    return names;
}

Texts alarms(Town& town, const std::string& home) {
    Texts rules;
    for (const auto& event : town.play(home, client::ListAlarms{}).events) {
        if (const auto* alarm = std::get_if<client::AlarmShown>(&event)) {
            rules.push_back(alarm->rule);
        }
    }
    return rules;
}

void sync(Town& town, const Texts& homes) {
    for (const std::string& home : homes) {
        INFO(home);
        REQUIRE(town.play(home, client::Sync{0}).done());
    }
}

Result<void> forget_halls(store::Transaction& transaction) {
    TRY_VOID(
        transaction.run("INSERT OR REPLACE INTO published (one, size)"
                        " SELECT 1, max(published) FROM halls"));
    TRY_VOID(transaction.run("DELETE FROM halls"));
    return transaction.run("DELETE FROM seats");
}

/// As the officer's vault was before there were halls, and everybody's before there were sections.
void age(Town& town, const Texts& members) {
    REQUIRE(town.officer(officer::ListMembers{}).done());
    Texts homes = members;
    homes.emplace_back("officer");
    for (const std::string& home : homes) {
        auto transaction = must(town.core(home)->database.begin());
        must(transaction.run("UPDATE members SET sections = ''"));
        if (home == "officer") must(forget_halls(transaction));
        must(std::move(transaction).commit());
    }
    town.close("officer");
}

/// Who is not online is waited for in vain.
void lose(Town& town, const std::string& whom) {
    const auto played = town.officer(officer::ReportLost{whom});
    INFO(played.outcome.rule << ": " << played.outcome.sentence);
    REQUIRE((played.done() || played.outcome.rule == "deadline-passed"));
}

}  // namespace

TEST_CASE("who is out of sight comes back with another phone, and nobody is alarmed or silent") {
    const auto town = Town::in_sections(
        {{"alice", {"north"}}, {"chloe", {"south"}}, {"emile", {"north", "south"}}});
    using Act = officer::SetSight::Act;
    REQUIRE(town->officer(officer::SetSight{"north", "south", Act::Make}).done());
    sync(*town, {"alice", "chloe", "emile"});
    REQUIRE(town->play("emile", client::CreateGroup{"cellule", {"alice", "chloe"}}).done());
    sync(*town, {"alice", "chloe"});
    REQUIRE(town->officer(officer::SetSight{"north", "south", Act::End}).done());
    CHECK(contacts_of(*town, "alice") == Names{"Officer", "emile"});
    // Emile, who sees both, puts the lost phone out, and takes the new one in.
    town->close("alice");
    lose(*town, "chloe");
    sync(*town, {"emile"});
    const auto made =
        town->officer(officer::Invite{{}, {}, 3600, officer::Attendance::Unattended, "chloe"});
    REQUIRE(made.done());
    const auto invited = made.of_officer<officer::Invited>().front();
    REQUIRE(town->play("chloe2", client::Join{invited.text, invited.code.value_or("")}).done());
    sync(*town, {"emile", "chloe2", "emile", "alice", "chloe2"});
    CHECK(alarms(*town, "alice").empty());
    CHECK(town->send("alice", "cellule", "te revoilà").outcome.rule == "");
    CHECK(town->read("chloe2", "cellule") == Texts{"te revoilà"});
    CHECK(contacts_of(*town, "alice") == Names{"Officer", "emile"});
    // Who sees her is asked, as always.
    CHECK(town->send("emile", "cellule", "bonjour").outcome.rule == "held");
    REQUIRE(town->play("emile", client::AcceptMember{"chloe"}).done());
    sync(*town, {"emile"});
    CHECK(town->read("chloe2", "cellule") == Texts{"te revoilà", "bonjour"});
    for (const std::string home : {"alice", "emile", "chloe2"})
        CHECK(alarms(*town, home).empty());
}

TEST_CASE(
    "a circle that was founded before there were sections goes on in its one hall, and more") {
    const auto town = Town::with({"alice", "bertrand", "chloe"});
    sync(*town, {"alice", "bertrand", "chloe"});
    age(*town, {"alice", "bertrand", "chloe"});
    REQUIRE(town->officer(officer::ListSections{}).done());
    CHECK(must(officer::halls::all(town->core("officer")->database)).size() == 1);
    // Somebody like them comes into it, and somebody else into another.
    REQUIRE(town->enrol("denise").done());
    REQUIRE(town->enrol("emile", {"north"}).done());
    CHECK(must(officer::halls::all(town->core("officer")->database)).size() == 2);
    CHECK(contacts_of(*town, "alice") == Names{"Officer", "bertrand", "chloe", "denise"});
    CHECK(contacts_of(*town, "denise") == Names{"Officer", "alice", "bertrand", "chloe"});
    CHECK(contacts_of(*town, "emile") == Names{"Officer"});
    // One of them moves to him.
    REQUIRE(town->officer(officer::SetSections{"alice", {"north"}, {}}).done());
    CHECK(contacts_of(*town, "alice") == Names{"Officer", "emile"});
    CHECK(contacts_of(*town, "emile") == Names{"Officer", "alice"});
    CHECK(contacts_of(*town, "bertrand") == Names{"Officer", "chloe", "denise"});
    REQUIRE(town->send("emile", "alice", "bonjour").done());
    CHECK(town->read("alice", "emile") == Texts{"bonjour"});
    // A lost phone is heard of in both halls, and out of its own.
    lose(*town, "chloe");
    sync(*town, {"alice", "bertrand", "denise", "emile"});
    const auto told = town->officer(officer::ReportLost{"chloe"});
    const auto progress = told.of_officer<officer::LostProgress>();
    REQUIRE_FALSE(progress.empty());
    CHECK(progress.back().devices == 5);
    CHECK(progress.back().done == 5);
    for (const std::string home : {"alice", "bertrand", "denise", "emile"}) {
        INFO(home);
        CHECK(alarms(*town, home).empty());
    }
}
