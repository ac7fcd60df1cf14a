// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The office goes on on another machine: from a backup, when the officer's machine is lost, and
// from what he hands over to his successor.

#include <algorithm>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "client/offices.h"
#include "officer/halls.h"
#include "officer/register.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;
using namespace std::chrono_literals;

const std::string file = "/backup";

Bytes path() {
    return to_bytes(file);
}

Secret passphrase() {
    return Secret::copy_of(view_of("of the backup alone"));
}

using Texts = std::vector<std::string>;

Texts alarms(Town& town, const std::string& home) {
    Texts rules;
    const auto played = town.play(home, client::ListAlarms{});
    for (const auto& event : played.events) {
        if (const auto* alarm = std::get_if<client::AlarmShown>(&event))
            rules.push_back(alarm->rule);
    }
    return rules;
}

std::optional<client::OfficerShown> officer_of(Town& town, const std::string& home) {
    static_cast<void>(town.play(home, client::Sync{0}));
    return town.play(home, client::ShowStatus{}).first<client::Status>().officer;
}

/// Everybody whom a home knows, itself included.
Texts names(Town& town, const std::string& home) {
    static_cast<void>(town.play(home, client::Sync{0}));
    Texts found;
    for (const auto& person : must(town.core(home)->people.all()))
        found.push_back(person.name);
    return found;
}

std::string head_of_journal(Town& town, const std::string& office) {
    const auto played =
        town.officer_at(office, officer::ShowJournal{officer::Verification::Yes, {}});
    const auto stands = played.of_officer<officer::JournalStands>();
    REQUIRE(stands.size() == 1);
    return stands.front().head;
}

/// A circle whose officer has made a backup.
std::unique_ptr<Town> backed_up_in_sections(const town::Roll& roll) {
    auto town = Town::in_sections(roll);
    REQUIRE(town->officer(officer::MakeBackup{path(), passphrase()}).done());
    town->carry("officer", "officer2", file);
    return town;
}

std::unique_ptr<Town> backed_up(const std::vector<std::string>& members) {
    town::Roll roll;
    for (const std::string& name : members)
        roll.push_back({name, {}});
    return backed_up_in_sections(roll);
}

/// His machine is gone, and another one goes on from the backup. Whoever is named is online.
town::Played restore(Town& town, const std::vector<std::string>& online) {
    town.close("officer");
    auto restoring = town.officer_at("officer2", officer::Restore{path(), passphrase()}, 5);
    for (int round = 0; round < 3; ++round) {
        for (const std::string& name : online)
            REQUIRE(town.play(name, client::Sync{0}).done());
        town.pass(10s);
    }
    return restoring;
}

/// Who is not online is waited for in vain.
void lose(Town& town, const std::string& whom) {
    const auto played = town.officer(officer::ReportLost{whom});
    INFO(played.outcome.rule << ": " << played.outcome.sentence);
    REQUIRE((played.done() || played.outcome.rule == "deadline-passed"));
}

}  // namespace

TEST_CASE("a lost officer's machine is followed by another one, and nothing since is undone") {
    auto town = backed_up({"alice", "bertrand"});
    // All this the backup knows nothing of.
    REQUIRE(town->enrol("chloe").done());
    static_cast<void>(town->officer(officer::ReportLost{"bertrand"}));
    for (const char* home : {"alice", "chloe"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    const std::string noted = head_of_journal(*town, "officer");
    town->pass(10s);

    static_cast<void>(restore(*town, {"alice", "chloe"}));
    const auto settled = town->officer_at("officer2", officer::Resume{}, 120);
    REQUIRE(settled.done());
    for (const char* home : {"alice", "chloe"}) {
        INFO(home);
        REQUIRE(town->play(home, client::Sync{0}).done());
        CHECK(alarms(*town, home).empty());
        const auto officer = officer_of(*town, home);
        REQUIRE(officer.has_value());
        CHECK(officer->how == "restored");
        CHECK(officer->name == "Officer");
    }
    // It knows who has come, and who is out; and the old machine is out, too.
    CHECK(names(*town, "officer2") == names(*town, "alice"));
    client::Core& office = *town->core("officer2");
    const auto revoked = must(
        office.database.one<std::int64_t>("SELECT count(*) FROM revocations WHERE number <= 2"));
    CHECK(std::get<0>(*revoked) == 2);
    // The journal is that of the backup: a head from later does not fit.
    CHECK(
        town->officer_at("officer2", officer::ShowJournal{officer::Verification::Yes, {}}).done());
    CHECK_FALSE(
        town->officer_at("officer2", officer::ShowJournal{officer::Verification::Yes, noted})
            .done());

    // And the office goes on.
    REQUIRE(town->enrol_at("officer2", "denise").done());
    town->pass(1min);
    REQUIRE(town->send("alice", "denise", "bienvenue").done());
    REQUIRE(town->play("denise", client::Sync{0}).done());
    CHECK(town->read("denise", "alice") == Texts{"bienvenue"});
    CHECK(officer_of(*town, "denise").has_value());
    static_cast<void>(town->officer_at("officer2", officer::ReportLost{"chloe"}));
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(alarms(*town, "alice").empty());
}

TEST_CASE("a restored office says nothing before all have told what they know, or it is told to") {
    auto town = backed_up({"alice", "bertrand"});
    town->close("bertrand");
    static_cast<void>(restore(*town, {"alice"}));
    const auto invited = town->officer_at("officer2", officer::Invite{"eve", "member"});
    CHECK(invited.outcome.rule == "office-gathering");
    CHECK(town->officer_at("officer2", officer::ReportLost{"alice"}).outcome.rule ==
          "office-gathering");
    REQUIRE(town->officer_at("officer2", officer::Resume{}, 120).done());
    // Who was away comes along when he is back.
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->pass(1min);
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(officer_of(*town, "bertrand").has_value());
    CHECK(alarms(*town, "bertrand").empty());
    REQUIRE(town->enrol_at("officer2", "chloe").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(names(*town, "bertrand") == names(*town, "officer2"));
}

TEST_CASE("a restored office opens by itself once every device has told what it knows") {
    auto town = backed_up({"alice", "bertrand"});
    static_cast<void>(restore(*town, {"alice", "bertrand"}));
    CHECK(town->officer_at("officer2", officer::Invite{"chloe", "member"}).done());
}

TEST_CASE("the machine that was replaced says nothing any more, if it is found again") {
    auto town = backed_up({"alice", "bertrand"});
    static_cast<void>(restore(*town, {"alice", "bertrand"}));
    REQUIRE(town->officer_at("officer2", officer::Resume{}, 120).done());
    const auto invited = town->officer(officer::Invite{"eve", "member"});
    CHECK_FALSE(invited.done());
    town->pass(1min);
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(names(*town, "alice").size() == 3);
}

TEST_CASE("without the officer's machine and its backup people talk on, and nobody comes in") {
    auto town = Town::with({"alice", "bertrand"});
    const auto invitation = town->invite("eve");
    town->close("officer");
    REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("bertrand", "alice") == Texts{"bonjour"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "cellule", "entre nous").done());
    CHECK_FALSE(town->play("eve", invitation, 30).done());
    // A certificate ends within a year; who is in a conversation goes on in it.
    for (const char* home : {"alice", "bertrand"})
        town->machine(home).clock.jump(std::chrono::days{400});
    town->relay_machine().clock.jump(std::chrono::days{400});
    REQUIRE(town->send("alice", "cellule", "toujours").done());
    CHECK(town->send("bertrand", "cellule", "moi aussi").done());
    CHECK(town->read("alice", "cellule") == Texts{"entre nous", "toujours", "moi aussi"});
}

TEST_CASE("the office is handed over, and all are shown whose it is") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->officer(officer::HandOver{"alice", path(), passphrase()}).done());
    town->carry("officer", "officer2", file);
    // The machine of before acts no more, and says why.
    CHECK(town->officer(officer::Invite{"eve", "member"}).outcome.rule == "handed-over");
    const auto taken = town->officer_at("officer2", officer::Restore{path(), passphrase()}, 120);
    INFO(taken.outcome.sentence);
    REQUIRE(taken.done());
    for (const char* home : {"alice", "bertrand", "officer"}) {
        INFO(home);
        REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(10s);
        REQUIRE(town->play(home, client::Sync{0}).done());
        const auto officer = officer_of(*town, home);
        REQUIRE(officer.has_value());
        CHECK(officer->how == "handed-over");
        CHECK(officer->name == "alice");
    }
    CHECK(alarms(*town, "bertrand").empty());
    // The root is not on the old machine any more.
    CHECK(town->officer(officer::ListMembers{}).outcome.rule == "handed-over");
    client::Core& old = *town->core("officer");
    CHECK_FALSE(must(officer::Register(old.database).authority()).has_value());
    // Its member has stayed one: he reads what the new officer writes.
    REQUIRE(town->enrol_at("officer2", "chloe").done());
    REQUIRE(town->play("officer", client::Sync{0}).done());
    CHECK(names(*town, "officer") == names(*town, "officer2"));
    REQUIRE(town->send("officer", "bertrand", "je reste").done());
    CHECK(
        town->officer_at("officer2", officer::ShowJournal{officer::Verification::Yes, {}}).done());
    std::size_t handed = 0;
    const auto journal = town->officer_at("officer2", officer::ShowJournal{});
    for (const auto& entry : journal.of_officer<officer::JournalShown>())
        if (entry.act == "hand-over") ++handed;
    CHECK(handed == 2);
}

TEST_CASE("what is handed over can be handed over again until somebody has taken it up") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->officer(officer::HandOver{"alice", path(), passphrase()}).done());
    REQUIRE(town->officer(officer::HandOver{"bertrand", path(), passphrase()}).done());
    town->carry("officer", "officer2", file);
    REQUIRE(town->officer_at("officer2", officer::Restore{path(), passphrase()}, 120).done());
    const auto officer = officer_of(*town, "alice");
    REQUIRE(officer.has_value());
    CHECK(officer->name == "bertrand");
    REQUIRE(town->play("officer", client::Sync{0}).done());
    CHECK(town->officer(officer::HandOver{"alice", path(), passphrase()}).outcome.rule ==
          "handed-over");
}

TEST_CASE("a backup opens by its own passphrase alone, and into an empty home") {
    auto town = backed_up({"alice"});
    const auto wrong = town->officer_at(
        "officer2", officer::Restore{path(), Secret::copy_of(view_of("a passphrase"))});
    CHECK(wrong.outcome.rule == "backup-locked");
    CHECK(wrong.outcome.exit == client::Exit::Locked);
    const auto taken = town->officer(officer::Restore{path(), passphrase()});
    CHECK(taken.outcome.rule == "home-taken");
    CHECK(town->officer_at("officer2", officer::Restore{to_bytes("/none"), passphrase()})
              .outcome.rule == "not-found");
    // Nothing of it has come to lie in the home.
    CHECK(town->officer_at("officer2", officer::ListMembers{}).outcome.rule == "home-missing");
}

TEST_CASE("a restored office finds those whose inboxes have other secrets since, and the policy") {
    auto town = backed_up({"alice", "bertrand", "chloe"});
    // All inboxes have another secret afterwards: the backup knows none that is in force.
    lose(*town, "chloe");
    REQUIRE(town->officer(officer::SetPolicy{{"cards=nobody"}}).done());
    for (int round = 0; round < 2; ++round) {
        for (const char* home : {"alice", "bertrand"})
            REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(30s);
    }
    const auto turn_of = [&town](const std::string& home) {
        return std::get<0>(
            *must(town->core(home)->database.one<std::int64_t>("SELECT inbox_turn FROM self")));
    };
    REQUIRE(turn_of("alice") == 1);
    REQUIRE(turn_of("bertrand") == 1);
    static_cast<void>(restore(*town, {"alice", "bertrand"}));
    const auto settled = town->officer_at("officer2", officer::Resume{}, 120);
    INFO(settled.outcome.sentence);
    REQUIRE(settled.done());
    for (const char* home : {"alice", "bertrand"}) {
        INFO(home);
        REQUIRE(town->play(home, client::Sync{0}).done());
        CHECK(alarms(*town, home).empty());
        CHECK(officer_of(*town, home).has_value());
    }
    const auto policy = town->officer_at("officer2", officer::SetPolicy{{}});
    bool nobody = false;
    for (const auto& event : policy.of_officer<client::PolicyShown>()) {
        for (const auto& rule : event.rules)
            nobody = nobody || (rule.name == "cards" && rule.value == "nobody");
    }
    CHECK(nobody);
    // And once more for the machine that is lost now: letters still find their inboxes.
    town->pass(1min);
    for (const char* home : {"alice", "bertrand"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    CHECK(turn_of("alice") == 2);
    REQUIRE(town->send("alice", "bertrand", "on continue").done());
    CHECK(town->read("bertrand", "alice") == Texts{"on continue"});
    REQUIRE(town->enrol_at("officer2", "denise").done());
    REQUIRE(town->send("denise", "alice", "bonjour").done());
    CHECK(town->read("alice", "denise") == Texts{"bonjour"});
}

TEST_CASE("a restored office shows each section what it saw, in halls of its own") {
    const town::Roll roll{{"alice", {"north"}}, {"bertrand", {"north"}}, {"chloe", {"south"}}};
    auto town = backed_up_in_sections(roll);
    // Nobody sees all of this: the north hears of Denise, the south of Emile, and both of the rule.
    REQUIRE(town->enrol("denise", {"north"}).done());
    REQUIRE(town->enrol("emile", {"south"}).done());
    REQUIRE(town->officer(officer::SetSections{"bertrand", {"south"}, {"north"}}).done());
    const std::vector<std::string> all{"alice", "bertrand", "chloe", "denise", "emile"};
    for (const std::string& home : all)
        REQUIRE(town->play(home, client::Sync{0}).done());
    std::map<std::string, Texts> before;
    for (const std::string& home : all)
        before[home] = names(*town, home);
    town->pass(1min);
    static_cast<void>(restore(*town, all));
    const auto settled = town->officer_at("officer2", officer::Resume{}, 120);
    INFO(settled.outcome.sentence);
    REQUIRE(settled.done());
    client::Core& office = *town->core("officer2");
    CHECK(names(*town, "officer2").size() == 6);
    CHECK(must(officer::halls::all(office.database)).size() == 2);
    const auto stands = settled.of_officer<officer::OfficeStands>();
    REQUIRE_FALSE(stands.empty());
    CHECK(stands.back().unknown == 0);
    for (int round = 0; round < 2; ++round) {
        for (const std::string& home : all)
            REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(30s);
    }
    for (const std::string& home : all) {
        INFO(home);
        CHECK(names(*town, home) == before[home]);
        CHECK(alarms(*town, home) == Texts{});
    }
    // Who comes in later is seen by his section alone.
    REQUIRE(town->enrol_at("officer2", "fanny", {"south"}).done());
    town->pass(30s);
    const auto sees = [&town](const std::string& home, const std::string& whom) {
        const Texts seen = names(*town, home);
        return std::ranges::find(seen, whom) != seen.end();
    };
    CHECK(sees("bertrand", "fanny"));
    CHECK_FALSE(sees("alice", "fanny"));
    CHECK(sees("emile", "fanny"));
}

TEST_CASE("an office that was restored is handed over, and who comes later is shown to all") {
    auto town = backed_up({"alice", "bertrand"});
    static_cast<void>(restore(*town, {"alice", "bertrand"}));
    REQUIRE(town->officer_at("officer2", officer::Resume{}, 120).done());
    for (const char* home : {"alice", "bertrand"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    REQUIRE(town->officer_at("officer2", officer::HandOver{"alice", path(), passphrase()}).done());
    town->carry("officer2", "officer3", file);
    const auto taken = town->officer_at("officer3", officer::Restore{path(), passphrase()}, 120);
    INFO(taken.outcome.sentence);
    REQUIRE(taken.done());
    for (int round = 0; round < 2; ++round) {
        for (const char* home : {"alice", "bertrand", "officer2"})
            REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(10s);
    }
    REQUIRE(town->enrol_at("officer3", "emile").done());
    for (const char* home : {"alice", "bertrand", "officer2"}) {
        INFO(home);
        CHECK(names(*town, home) == names(*town, "officer3"));
    }
    CHECK(alarms(*town, "bertrand") == Texts{});
    // Her phone cannot know that she has asked for the machine herself (decision 59).
    CHECK(alarms(*town, "alice") == Texts{"device-unasked"});
}

TEST_CASE("a restored office knows the phone of somebody who was named without it since") {
    auto town = backed_up_in_sections({{"alice", {"north"}}, {"bertrand", {"north"}}});
    REQUIRE(town->enrol("denise", {"north"}).done());
    REQUIRE(town->officer(officer::SetSections{"denise", {"south"}, {}}).done());
    const std::vector<std::string> all{"alice", "bertrand", "denise"};
    for (int round = 0; round < 2; ++round) {
        for (const std::string& home : all)
            REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(1min);
    }
    // By the others alone: she is asked as soon as they have told of her.
    static_cast<void>(restore(*town, {"alice", "bertrand"}));
    CHECK(
        must(town->core("officer2")->people.device(town->core("denise")->self.device)).has_value());
    static_cast<void>(restore(*town, all));
    REQUIRE(town->officer_at("officer2", officer::Resume{}, 120).done());
    CHECK(officer_of(*town, "denise").has_value());
}

TEST_CASE("who was away while the office moved comes along later, with another inbox secret") {
    auto town = backed_up({"alice", "bertrand", "chloe"});
    lose(*town, "chloe");
    for (int round = 0; round < 2; ++round) {
        for (const char* home : {"alice", "bertrand"})
            REQUIRE(town->play(home, client::Sync{0}).done());
        town->pass(30s);
    }
    town->close("bertrand");
    static_cast<void>(restore(*town, {"alice"}));
    // Not all have come along: it goes on.
    const auto opened = town->officer_at("officer2", officer::Resume{}, 60);
    CHECK(opened.outcome.rule == "deadline-passed");
    for (int round = 0; round < 3; ++round) {
        REQUIRE(town->play("alice", client::Sync{0}).done());
        town->pass(30s);
    }
    for (int round = 0; round < 4; ++round) {
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        town->pass(1min);
    }
    CHECK(alarms(*town, "bertrand").empty());
    REQUIRE(town->officer_at("officer2", officer::Resume{}, 60).done());
    REQUIRE(town->enrol_at("officer2", "denise").done());
    CHECK(names(*town, "bertrand") == names(*town, "officer2"));
}
