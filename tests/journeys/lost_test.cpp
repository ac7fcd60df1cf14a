// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A phone is lost: what the officer does, what follows everywhere by itself, and how its owner
// comes back.

#include "client/lost.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/judge.h"
#include "tests/town/desktop.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using cercle::town::Played;
using cercle::town::Town;
using Texts = std::vector<std::string>;
using Act = officer::ReportLost::Act;

template <class Event>
std::vector<Event> all_of(const Played& played) {
    std::vector<Event> found;
    for (const auto& event : played.officer_events) {
        if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
}

struct Circle {
    explicit Circle(const std::vector<std::string>& names = {"alice", "bertrand", "chloe"})
        : town(Town::with(names)) {
        const std::vector<std::string> others(names.begin() + 1, names.end());
        REQUIRE(town->play("alice", client::CreateGroup{"cellule", others}).done());
        for (const std::string& name : others)
            REQUIRE(town->play(name, client::Sync{0}).done());
        REQUIRE(town->send("alice", "cellule", "avant").done());
        REQUIRE(town->read("bertrand", "cellule") == Texts{"avant"});
    }

    Played lose(const std::string& which, Act act = Act::Do) {
        return town->officer(officer::ReportLost{which, act});
    }

    /// Whether a member stands in a group, as one of the others sees it.
    bool is_in(const std::string& who, const std::string& seen_by) {
        const auto played = town->play(seen_by, client::ListGroupMembers{"cellule"});
        return std::ranges::any_of(played.events, [&who](const auto& event) {
            const auto* one = std::get_if<client::Membership>(&event);
            return one != nullptr && one->name == who;
        });
    }

    /// What became of members, in the order of the log: "bertrand removed".
    Texts changes(const std::string& home, const std::string& of) {
        Texts found;
        const auto played = town->play(home, client::Read{of, 0, 0, client::Follow::No});
        for (const auto& event : played.events) {
            if (const auto* one = std::get_if<client::Membership>(&event)) {
                found.push_back(one->name + " " + one->action);
            }
            if (const auto* said = std::get_if<client::Message>(&event)) {
                found.push_back(said->text + " (" + said->state + ")");
            }
        }
        return found;
    }

    /// By a new phone, which is a home of that name.
    Played come_back(const std::string& member, const std::string& home) {
        officer::Invite wish;
        wish.replaces = member;
        wish.expires_seconds = 3600;
        wish.attendance = officer::Attendance::Unattended;
        const auto made = town->officer(wish);
        REQUIRE(made.done());
        const auto invited = all_of<officer::Invited>(made).front();
        return town->play(home, client::Join{invited.text, *invited.code});
    }

    std::unique_ptr<Town> town;
};

}  // namespace

TEST_CASE("a lost device is shut out by one act, and everybody else goes on") {
    Circle circle;
    Town& town = *circle.town;
    REQUIRE(town.send("alice", "bertrand", "à toi seul").done());
    const auto lost = circle.lose("bertrand");
    REQUIRE(lost.done());
    const auto devices = all_of<officer::DeviceLost>(lost);
    REQUIRE(devices.size() == 1);
    CHECK(devices.front().name == "bertrand");
    CHECK(devices.front().revocation == 1);
    CHECK(devices.front().state == officer::DeviceLost::State::Dropped);
    CHECK(devices.front().device.revoked.has_value());
    // The officer, Alice and Chloe have all said that they are done.
    const auto progress = all_of<officer::LostProgress>(lost).back();
    CHECK(progress.devices == 3);
    CHECK(progress.told == 3);
    CHECK(progress.done == 3);
    CHECK(progress.pending == 0);

    CHECK_FALSE(circle.is_in("bertrand", "alice"));
    REQUIRE(town.send("alice", "cellule", "sans lui").done());
    CHECK(town.read("chloe", "cellule") == Texts{"avant", "sans lui"});

    const auto shut_out = town.play("bertrand", client::Sync{0});
    CHECK(shut_out.outcome.exit == client::Exit::Locked);
    CHECK(shut_out.outcome.rule == "revoked");
    CHECK(town.read("bertrand", "cellule") == Texts{"avant"});
    // Everybody sees it in the list of devices.
    const auto shown = town.play("chloe", client::ListDevices{"bertrand"});
    CHECK(shown.first<client::DeviceShown>().revoked.has_value());
}

TEST_CASE("what waits for a group goes out by itself, after the lost device is out of it") {
    Circle circle;
    Town& town = *circle.town;
    town.close("alice");
    town.close("chloe");
    const auto lost = circle.lose("bertrand");
    // Nobody is there to say that he has done it; the relay has.
    CHECK(lost.outcome.exit == client::Exit::Timeout);
    CHECK(all_of<officer::DeviceLost>(lost).front().state == officer::DeviceLost::State::Dropped);
    town.stop_relay();
    CHECK(town.play("alice", client::Send{"cellule", "en attente"}, 0).outcome.exit ==
          client::Exit::Queued);
    town.start_relay();
    town.pass(std::chrono::minutes(2));
    const Texts seen = circle.changes("alice", "cellule");
    CHECK(Texts(seen.end() - 3, seen.end()) ==
          Texts{"avant (durable)", "bertrand removed", "en attente (durable)"});
    CHECK(town.read("chloe", "cellule") == Texts{"avant", "en attente"});
    // Said once more, the act tells how far it has come, and is no other one.
    const auto again = circle.lose("bertrand");
    CHECK(again.done());
    CHECK(all_of<officer::DeviceLost>(again).front().revocation == 1);
    CHECK(all_of<officer::LostProgress>(again).back().done == 3);
}

TEST_CASE("a file for a group waits, like a text, until the lost device is out of it") {
    Circle circle;
    Town& town = *circle.town;
    town.close("alice");
    town.close("chloe");
    static_cast<void>(circle.lose("bertrand"));
    const town::Desktop desktop;
    const auto path = desktop / "note";
    town::write_file(path, "un fichier");
    client::Send wish{"cellule", ""};
    wish.file = town::path_bytes(path);
    REQUIRE(town.play("alice", wish).done());
    const auto seen = circle.changes("alice", "cellule");
    REQUIRE(seen.size() >= 2);
    CHECK(seen.at(seen.size() - 2) == "bertrand removed");
}

TEST_CASE("a rehearsal says what would be done, and does nothing") {
    Circle circle;
    const auto rehearsed = circle.lose("bertrand", Act::Rehearse);
    REQUIRE(rehearsed.done());
    const auto devices = all_of<officer::DeviceLost>(rehearsed);
    REQUIRE(devices.size() == 1);
    CHECK(devices.front().state == officer::DeviceLost::State::Rehearsed);
    CHECK(devices.front().revocation == 1);
    CHECK(all_of<officer::LostProgress>(rehearsed).front().devices == 3);
    CHECK(circle.town->send("bertrand", "cellule", "toujours là").done());
    CHECK(circle.town->read("alice", "cellule") == Texts{"avant", "toujours là"});
    // And the real act has the number that was rehearsed.
    CHECK(all_of<officer::DeviceLost>(circle.lose("bertrand")).front().revocation == 1);
}

TEST_CASE("who joins later knows of all lost devices from the first page") {
    Circle circle;
    REQUIRE(circle.lose("bertrand").done());
    REQUIRE(circle.lose("chloe").done());
    REQUIRE(circle.town->enrol("denise").done());
    const auto holding = client::lost::holding(circle.town->core("denise")->database);
    REQUIRE(holding.has_value());
    CHECK(holding->held == identity::RevocationNumber{2});
    CHECK(holding->newest == identity::RevocationNumber{2});
    // A member without a device cannot be taken in, and whoever tries is told.
    using Change = client::ChangeGroup;
    CHECK(
        circle.town->play("alice", Change{Change::Act::Add, "cellule", "bertrand"}).outcome.rule ==
        "unknown");
}

TEST_CASE("with a new device its owner is back, in the same conversations, as the same member") {
    Circle circle;
    Town& town = *circle.town;
    REQUIRE(town.send("alice", "bertrand", "en tête à tête").done());
    REQUIRE(town.play("bertrand", client::Sync{0}).done());
    REQUIRE(circle.lose("bertrand").done());
    // To him alone: it waits, since nobody is there.
    CHECK(town.play("alice", client::Send{"bertrand", "tu es là ?"}, 5).outcome.exit !=
          client::Exit::Done);
    REQUIRE(circle.come_back("bertrand", "bertrand2").done());
    town.pass(std::chrono::minutes(3));
    REQUIRE(town.play("bertrand2", client::Sync{0}).done());
    CHECK(circle.is_in("bertrand", "chloe"));
    CHECK(circle.changes("chloe", "cellule").back() == "bertrand replaced");
    // The officer alone vouches for that device: nobody sends to it unasked.
    const auto unasked = town.send("chloe", "cellule", "te revoilà");
    CHECK(unasked.outcome.rule == "held");
    CHECK(unasked.first<client::Sent>().state == "held");
    CHECK(town.read("bertrand2", "cellule").empty());
    REQUIRE(town.play("chloe", client::AcceptMember{"bertrand"}).done());
    CHECK(town.read("bertrand2", "cellule") == Texts{"te revoilà"});
    CHECK(town.play("chloe", client::AcceptMember{"bertrand"}).outcome.rule == "unknown");
    const auto contacts = town.play("bertrand2", client::ListContacts{});
    CHECK(contacts.first<client::Contact>().name == "Officer");
    // What was written to the one before waits for a word: another device is another reader.
    const auto seen = circle.changes("alice", "bertrand");
    CHECK(std::ranges::contains(seen, "bertrand replaced"));
    CHECK(std::ranges::contains(seen, "tu es là ? (held)"));
    CHECK(town.read("bertrand2", "alice").empty());
    REQUIRE(town.play("alice", client::AcceptMember{"bertrand"}).done());
    CHECK(town.read("bertrand2", "alice").empty());
    REQUIRE(town.send("alice", "bertrand", "bon retour").done());
    CHECK(town.read("bertrand2", "alice") == Texts{"bon retour"});
}

TEST_CASE("an invitation in a lost device's place is for a member who has no other") {
    Circle circle;
    officer::Invite wish;
    wish.replaces = "bertrand";
    CHECK(circle.town->officer(wish).outcome.rule == "invalid-argument");
    wish.replaces = "zoé";
    CHECK(circle.town->officer(wish).outcome.rule == "unknown");
    CHECK(circle.lose("Officer").outcome.rule == "invalid-argument");
}

TEST_CASE("a device can be named by its id, and five can be lost one after the other") {
    Circle circle({"alice", "bertrand", "chloe", "denise", "emile", "fleur"});
    Town& town = *circle.town;
    std::uint64_t number = 0;
    for (const std::string home : {"bertrand", "chloe", "denise", "emile", "fleur"}) {
        const auto id = town.play("alice", client::ListDevices{home}).first<client::DeviceShown>();
        const auto lost = circle.lose(id.device);
        REQUIRE(lost.done());
        CHECK(all_of<officer::DeviceLost>(lost).front().revocation == ++number);
        CHECK_FALSE(circle.is_in(home, "alice"));
    }
    const auto listed = all_of<officer::DeviceListed>(town.officer(officer::ListDevices{}));
    CHECK(listed.size() == 7);
    CHECK(std::ranges::count_if(
              listed, [](const auto& one) { return one.device.revoked.has_value(); }) == 5);
}
