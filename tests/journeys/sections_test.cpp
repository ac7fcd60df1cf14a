// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Sections: who sees whom in the circle, and a directory that is too long for one page. Two
// thousand are in identity/parts_test.cpp.

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "client/lost.h"
#include "officer/halls.h"
#include "tests/must.h"
#include "tests/town/people.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::people_town;
using town::Town;
using Names = std::set<std::string>;
using Texts = std::vector<std::string>;
using Act = client::ChangeGroup::Act;

Names contacts_of(Town& town, const std::string& home) {
    REQUIRE(town.play(home, client::Sync{0}).done());
    Names names;
    for (const auto& event : town.play(home, client::ListContacts{}).events) {
        if (const auto* contact = std::get_if<client::Contact>(&event)) names.insert(contact->name);
    }
    return names;
}

std::size_t alarms(Town& town, const std::string& home) {
    return town.play(home, client::ListAlarms{}).events.size();
}

/// Whether anything is on a device by which its owner could be reached or named.
bool holds_anything_of(Town& town, const std::string& home, const std::string& other) {
    auto& own = town.core(home)->database;
    const auto& self = town.core(other)->self;
    const auto named = must(own.one<std::int64_t>(
        "SELECT 1 FROM members WHERE member = ?1 OR name = ?2", self.member, other));
    const auto reached = must(own.one<std::int64_t>(
        "SELECT 1 FROM devices WHERE device = ?1 OR inbox = ?2", self.device, self.inbox));
    return named || reached;
}

/// Alice and Bertrand in the north, Chloe and Denise in the south, Emile in both, Fanny in none.
struct Sections {
    Sections() {
        enrol("alice", {"north"});
        enrol("bertrand", {"north"});
        enrol("chloe", {"south"});
        enrol("denise", {"south"});
        enrol("emile", {"north", "south"});
        enrol("fanny", {});
    }

    void enrol(const std::string& name, const std::vector<std::string>& sections) {
        REQUIRE(town->enrol(name, sections).done());
    }

    Names contacts(const std::string& home) { return contacts_of(*town, home); }

    town::Played put(const std::string& name,
                     const std::vector<std::string>& add,
                     const std::vector<std::string>& remove) {
        return town->officer(officer::SetSections{name, add, remove});
    }

    town::Played rule(const std::string& one,
                      const std::string& other,
                      officer::SetSight::Act act = officer::SetSight::Act::Make) {
        return town->officer(officer::SetSight{one, other, act});
    }

    void check_no_alarm() {
        for (const std::string home : {"alice", "bertrand", "chloe", "denise", "emile", "fanny"}) {
            INFO(home);
            CHECK(alarms(*town, home) == 0);
        }
    }

    std::unique_ptr<Town> town = Town::in_sections(town::Roll{});
};

}  // namespace

TEST_CASE("who is in another section is no contact, and nothing of him comes to a device") {
    Sections circle;
    CHECK(circle.contacts("alice") == Names{"Officer", "bertrand", "emile"});
    CHECK(circle.contacts("chloe") == Names{"Officer", "denise", "emile"});
    CHECK(circle.contacts("emile") == Names{"Officer", "alice", "bertrand", "chloe", "denise"});
    CHECK(circle.contacts("fanny") == Names{"Officer"});
    CHECK(circle.contacts("officer") ==
          Names{"alice", "bertrand", "chloe", "denise", "emile", "fanny"});
    CHECK_FALSE(holds_anything_of(*circle.town, "alice", "chloe"));
    CHECK_FALSE(holds_anything_of(*circle.town, "chloe", "bertrand"));
    CHECK(holds_anything_of(*circle.town, "emile", "chloe"));
    CHECK(circle.town->send("alice", "chloe", "qui est là ?").outcome.rule == "unknown");
    REQUIRE(circle.town->send("alice", "emile", "bonjour").done());
    CHECK(circle.town->read("emile", "alice") == Texts{"bonjour"});
    circle.check_no_alarm();
}

TEST_CASE("nobody is brought together with somebody whose name he is not to know") {
    Sections circle;
    auto& town = *circle.town;
    const auto refused = town.play("emile", client::CreateGroup{"cellule", {"alice", "chloe"}});
    CHECK(refused.outcome.rule == "unseen");
    REQUIRE(town.play("emile", client::CreateGroup{"cellule", {"alice", "bertrand"}}).done());
    CHECK(town.play("emile", client::ChangeGroup{Act::Add, "cellule", "chloe"}).outcome.rule ==
          "unseen");
    // The officer's rule makes them known to each other, and then it can be done.
    REQUIRE(circle.rule("north", "south").done());
    REQUIRE(town.play("emile", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(town.send("chloe", "cellule", "me voilà").done());
    CHECK(town.read("alice", "cellule") == Texts{"me voilà"});
    CHECK(circle.contacts("alice") == Names{"Officer", "bertrand", "chloe", "denise", "emile"});
    circle.check_no_alarm();
    // It ends, and what was said stays; but nobody is found any more.
    REQUIRE(circle.rule("north", "south", officer::SetSight::Act::End).done());
    CHECK(circle.contacts("alice") == Names{"Officer", "bertrand", "emile"});
    CHECK(town.send("alice", "chloe", "encore là ?").outcome.rule == "unknown");
    REQUIRE(town.send("alice", "cellule", "oui").done());
    CHECK(town.read("chloe", "cellule").back() == "oui");
    circle.check_no_alarm();
}

TEST_CASE("who goes to another section sees its members, and his former ones no more") {
    Sections circle;
    auto& town = *circle.town;
    // Away while it happens, and while others come in before and after.
    REQUIRE(town.play("bertrand", client::Sync{0}).done());
    town.close("bertrand");
    circle.enrol("gaston", {"north"});
    REQUIRE(circle.put("bertrand", {"south"}, {"north"}).done());
    circle.enrol("helene", {"south"});
    circle.enrol("ines", {"north"});
    CHECK(circle.contacts("bertrand") == Names{"Officer", "chloe", "denise", "emile", "helene"});
    CHECK(circle.contacts("alice") == Names{"Officer", "emile", "gaston", "ines"});
    CHECK(circle.contacts("chloe") == Names{"Officer", "bertrand", "denise", "emile", "helene"});
    CHECK_FALSE(holds_anything_of(town, "bertrand", "ines"));
    REQUIRE(town.send("bertrand", "chloe", "nouveau").done());
    CHECK(town.read("chloe", "bertrand") == Texts{"nouveau"});
    // And back again; he hears of whoever comes in later.
    REQUIRE(circle.put("bertrand", {"north"}, {"south"}).done());
    CHECK(circle.contacts("bertrand") == Names{"Officer", "alice", "emile", "gaston", "ines"});
    circle.enrol("jules", {"north"});
    CHECK(circle.contacts("bertrand").contains("jules"));
    circle.check_no_alarm();
}

TEST_CASE("everybody is seen by who is in the section of all, and by rule by everybody") {
    Sections circle;
    REQUIRE(circle.put("alice", {"all"}, {"north"}).done());
    CHECK(circle.contacts("alice") ==
          Names{"Officer", "bertrand", "chloe", "denise", "emile", "fanny"});
    CHECK(circle.contacts("fanny") == Names{"Officer", "alice"});
    REQUIRE(circle.rule("all", "south").done());
    CHECK(circle.contacts("fanny") == Names{"Officer", "alice", "chloe", "denise", "emile"});
    CHECK(circle.contacts("bertrand") == Names{"Officer", "alice", "chloe", "denise", "emile"});
    const auto shown = circle.town->officer(officer::ListSections{});
    CHECK(shown.of_officer<officer::SightShown>().size() == 1);
    CHECK(circle.put("Officer", {"north"}, {}).outcome.rule == "invalid-argument");
    CHECK(circle.put("alice", {"none"}, {}).outcome.rule == "invalid-text");
    CHECK(circle.put("alice", {}, {"north"}).outcome.rule == "unknown");
    CHECK(circle.rule("north", "east", officer::SetSight::Act::End).outcome.rule == "unknown");
    circle.check_no_alarm();
}

TEST_CASE("a lost device is known to be lost also by who does not see its member") {
    Sections circle;
    auto& town = *circle.town;
    const auto chloe = must(town.core("officer")->people.resolve("chloe"));
    REQUIRE(town.officer(officer::ReportLost{"chloe"}).done());
    for (const std::string home : {"alice", "denise", "emile", "fanny"}) {
        REQUIRE(town.play(home, client::Sync{0}).done());
        const auto held = must(town.core(home)->database.one<std::int64_t>(
            "SELECT count(*) FROM revocations WHERE member = ?1", chloe));
        INFO(home);
        CHECK(std::get<0>(*held) == 1);
    }
    CHECK_FALSE(circle.contacts("alice").contains("chloe"));
    // Her new phone sees what she saw.
    auto made =
        town.officer(officer::Invite{{}, {}, 3600, officer::Attendance::Unattended, "chloe"});
    REQUIRE(made.done());
    const auto invited = made.of_officer<officer::Invited>().front();
    REQUIRE(town.play("chloe2", client::Join{invited.text, invited.code.value_or("")}).done());
    CHECK(circle.contacts("chloe2") == Names{"Officer", "denise", "emile"});
}

TEST_CASE("a newcomer to a circle of six hundred has all contacts when he has joined") {
    const auto town = Town::in_sections(town::Roll{});
    people_town(*town, 600, {});
    REQUIRE(town->enrol("alice").done());
    CHECK(contacts_of(*town, "alice").size() == 601);
    CHECK(alarms(*town, "alice") == 0);
    REQUIRE(town->enrol("bertrand").done());
    CHECK(contacts_of(*town, "bertrand").size() == 602);
    CHECK(contacts_of(*town, "alice").size() == 602);
    REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    CHECK(town->read("bertrand", "alice") == Texts{"bonjour"});
    // And whoever is moved has to have all of it by letter.
    REQUIRE(town->officer(officer::SetSections{"alice", {"all"}, {}}).done());
    CHECK(contacts_of(*town, "alice").size() == 602);
    CHECK(alarms(*town, "alice") == 0);
    CHECK(alarms(*town, "bertrand") == 0);
}

TEST_CASE("when a hall of the directory is full there is another, and all see each other") {
    const auto town = Town::in_sections(town::Roll{});
    people_town(*town, officer::halls::room, {});
    REQUIRE(town->enrol("alice").done());
    {
        client::Core& office = *town->core("officer");
        auto transaction = must(office.database.begin());
        const auto first = must(officer::halls::all(transaction)).front();
        must(
            transaction.run("INSERT OR IGNORE INTO seats (device, hall)"
                            " SELECT device, ?1 FROM devices WHERE member <> ?2",
                            first.log,
                            office.self.member));
        must(std::move(transaction).commit());
    }
    REQUIRE(town->enrol("bertrand").done());
    REQUIRE(town->enrol("chloe").done());
    CHECK(must(officer::halls::all(town->core("officer")->database)).size() == 2);
    CHECK(contacts_of(*town, "alice").contains("chloe"));
    CHECK(contacts_of(*town, "bertrand").contains("alice"));
    REQUIRE(town->send("chloe", "alice", "bonjour").done());
    CHECK(town->read("alice", "chloe") == Texts{"bonjour"});
    // The lost-phone drill reaches both. It is not over, since those made up say nothing.
    static_cast<void>(town->officer(officer::ReportLost{"chloe"}));
    for (const std::string home : {"alice", "bertrand"}) {
        REQUIRE(town->play(home, client::Sync{0}).done());
        CHECK(must(client::lost::holding(town->core(home)->database)).held ==
              identity::RevocationNumber{1});
    }
}

TEST_CASE("an inbox that was announced in one hall is known in every other that sees its member") {
    Sections circle;
    Town& town = *circle.town;
    const auto serving = town.begin_officer(officer::Serve{});
    using Lost = officer::ReportLost;
    static_cast<void>(town.officer(Lost{"denise", Lost::Act::Do}));
    const Texts homes{"alice", "bertrand", "chloe", "emile"};
    for (int round = 0; round < 3; ++round) {
        for (const std::string& home : homes)
            REQUIRE(town.play(home, client::Sync{0}).done());
        town.pass(std::chrono::minutes(1));
    }
    // Alice stands in the north's hall, Emile in that of both.
    const auto known = [&town](const std::string& home, const std::string& of) {
        const auto row = must(town.core(home)->database.one<std::uint64_t>(
            "SELECT inbox_turn FROM devices WHERE device = ?1", town.core(of)->self.device));
        return row ? std::get<0>(*row) : 0;
    };
    for (const auto& [home, of] : {std::pair{"alice", "emile"}, std::pair{"emile", "alice"}}) {
        INFO(home << " of " << of);
        CHECK(known(of, of) == 1);
        CHECK(known(home, of) == 1);
    }
    REQUIRE(town.send("alice", "emile", "still there").done());
    CHECK(town.read("emile", "alice") == Texts{"still there"});
}
