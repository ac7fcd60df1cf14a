// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The office goes on on another machine: from a backup, when the officer's machine is lost, and
// from what he hands over to his successor.

#include <catch2/catch_test_macros.hpp>

#include "client/offices.h"
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
std::unique_ptr<Town> backed_up(const std::vector<std::string>& members) {
    auto town = Town::with(members);
    REQUIRE(town->officer(officer::MakeBackup{path(), passphrase()}).done());
    town->carry("officer", "officer2", file);
    return town;
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
    REQUIRE(town->enrol("denise", "officer2").done());
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
    REQUIRE(town->enrol("chloe", "officer2").done());
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
    REQUIRE(town->enrol("chloe", "officer2").done());
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
