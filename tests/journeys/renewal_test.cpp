// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Certificates last a year. Nobody does anything about it, and nothing ever expires.

#include "client/renewal.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "crypto/certificate.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::Town;
using Texts = std::vector<std::string>;
using Act = client::ChangeGroup::Act;

constexpr auto day = 24h;

/// Everybody is away for so long; then the officer's machine is on for a while, and those named
/// are.
void let_pass(Town& town, Duration span, const std::vector<std::string>& present) {
    for (const std::string& home : present)
        town.close(home);
    town.close("officer");
    town.stop_relay();
    town.pass(span);
    town.start_relay();
    static_cast<void>(town.begin_officer(officer::Serve{}));
    // Once for the officer's page, and once more for what follows from it at the others.
    for (int round = 0; round < 3; ++round) {
        town.pass(1min);
        for (const std::string& home : present)
            REQUIRE(town.play(home, client::Sync{0}).done());
    }
}

WallTime now(Town& town) {
    return town.loop().clock().wall();
}

std::vector<officer::DeviceListed> devices(Town& town) {
    return town.officer(officer::ListDevices{}).of_officer<officer::DeviceListed>();
}

/// When the certificates end that a conversation's leaves show, as one of its members sees them.
std::vector<WallTime> ends_in(Town& town, const std::string& home, const std::string& group) {
    static_cast<void>(town.play(home, client::ListOutbox{}));
    client::Core& core = *town.core(home);
    const auto row = core.conversations.group(group);
    REQUIRE(row.has_value());
    std::vector<WallTime> ends;
    for (const mls::Member& member : core.conversations.load(row->log).value()->group.roster()) {
        const auto& shown = std::get<mls::X509Credential>(member.credential.content);
        ends.push_back(crypto::Certificate::parse(shown.certificates.front())->validity.until);
    }
    return ends;
}

bool has_ended(Town& town, const std::string& home) {
    return client::certified_until(town.core(home)->self).value() <= now(town);
}

}  // namespace

TEST_CASE("after three years nothing has expired, and nobody has done anything") {
    const std::vector<std::string> names{"alice", "bertrand"};
    auto town = Town::with(names);
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "cellule", "au début").done());
    REQUIRE(town->read("bertrand", "cellule") == Texts{"au début"});
    for (int month = 0; month < 3 * 13; ++month) {
        let_pass(*town, 28 * day, names);
        for (const auto& one : devices(*town))
            REQUIRE(WallTime{Duration{static_cast<std::int64_t>(one.certified_until)}} >
                    now(*town) + 30 * day);
        for (const WallTime end : ends_in(*town, "bertrand", "cellule"))
            REQUIRE(end > now(*town) + 30 * day);
    }
    REQUIRE(town->send("alice", "cellule", "à la fin").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"au début", "à la fin"});
    CHECK(town->send("bertrand", "alice", "toujours là").done());
    CHECK(town->read("alice", "bertrand") == Texts{"toujours là"});
    // And newcomers find nothing that has ended, in the directory or in any conversation.
    REQUIRE(town->enrol("chloe").done());
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(town->send("chloe", "cellule", "me voilà").done());
    CHECK(town->read("bertrand", "cellule").back() == "me voilà");
    const auto played = town->officer(officer::ShowJournal{});
    std::size_t renewals = 0;
    for (const auto& entry : played.of_officer<officer::JournalShown>())
        renewals += entry.act == "renew" ? 1 : 0;
    // The officer's own and two others, each before its year is over.
    CHECK(renewals == 9);
    CHECK(town->officer(officer::ShowJournal{officer::Verification::Yes, {}}).done());
}

TEST_CASE("key packages that show a certificate of before make way for new ones") {
    const std::vector<std::string> names{"alice", "bertrand"};
    auto town = Town::with(names);
    let_pass(*town, 310 * day, names);
    let_pass(*town, 70 * day, names);
    // Bertrand is away, and brought in by what lies at the relay.
    town->close("bertrand");
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "cellule", "viens").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"viens"});
    for (const WallTime end : ends_in(*town, "bertrand", "cellule"))
        CHECK(end > now(*town) + 200 * day);
}

TEST_CASE("a device that was away while its certificate was renewed finds it when it is back") {
    const std::vector<std::string> names{"alice", "bertrand"};
    auto town = Town::with(names);
    // Renewed while Bertrand is away, and spread again each week, until he shows it.
    for (int week = 0; week < 54; ++week)
        let_pass(*town, 7 * day, {"alice"});
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK_FALSE(has_ended(*town, "bertrand"));
    REQUIRE(town->send("bertrand", "alice", "de retour").done());
    CHECK(town->read("alice", "bertrand") == Texts{"de retour"});
}

TEST_CASE("many who renew at once let each other go first, and make few commits in vain") {
    std::vector<std::string> names;
    for (char name = 'a'; name < 'm'; ++name)
        names.emplace_back(1, name);
    auto town = Town::with(names);
    REQUIRE(
        town->play("a", client::CreateGroup{"cellule", {names.begin() + 1, names.end()}}).done());
    for (const std::string& home : names) {
        REQUIRE(town->play(home, client::Sync{0}).done());
        town->close(home);
    }
    town->close("officer");
    town->stop_relay();
    town->pass(310 * day);
    town->start_relay();
    std::size_t commits = 0;
    town->its_operator().on_request(
        [&commits](town::Session /*session*/,
                   const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            if (std::holds_alternative<protocol::PostBundle>(request)) ++commits;
            return std::nullopt;
        });
    static_cast<void>(town->begin_officer(officer::Serve{}));
    for (const std::string& home : names)
        static_cast<void>(town->begin(home, client::ListOutbox{}));
    // What is said meanwhile does not wait for it.
    town->pass(5s);
    REQUIRE(town->send("b", "cellule", "sans attendre").done());
    town->pass(3min);
    for (const WallTime end : ends_in(*town, "c", "cellule"))
        CHECK(end > now(*town) + 200 * day);
    CHECK(town->read("c", "cellule") == Texts{"sans attendre"});
    // The group and the directory's conversation: each renews once, and loses about once. Without
    // letting others go first there are more than a hundred and fifty.
    CHECK(commits >= 2 * names.size());
    CHECK(commits < 6 * names.size());
}

TEST_CASE("who stays away for years keeps nobody else out") {
    const std::vector<std::string> names{"alice", "bertrand"};
    auto town = Town::with(names);
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->close("bertrand");
    for (int month = 0; month < 26; ++month)
        let_pass(*town, 28 * day, {"alice"});
    REQUIRE(std::ranges::any_of(ends_in(*town, "alice", "cellule"),
                                [&](WallTime end) { return end < now(*town); }));
    REQUIRE(town->enrol("chloe").done());
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(town->send("chloe", "cellule", "me voilà").done());
    CHECK(town->read("alice", "cellule") == Texts{"me voilà"});
    // Back after more than two years, he is told what has become of him.
    const auto played = town->play("bertrand", client::ShowStatus{});
    CHECK(has_ended(*town, "bertrand"));
    CHECK(std::ranges::any_of(played.events, [](const auto& event) {
        const auto* notice = std::get_if<client::Notice>(&event);
        return notice != nullptr && notice->sentence.find("has ended") != std::string::npos;
    }));
}
