// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What an officer, or who has stolen his key, cannot do unseen: it stands in the transparency log,
// or shows as another log.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/vigil.h"
#include "tests/attacks/coup.h"

namespace {

using namespace cercle;
using attacks::Coup;
using attacks::Texts;
namespace transparency = client::transparency;

}  // namespace

TEST_CASE("an honest officer raises no alarm, whoever comes in") {
    Coup circle;
    REQUIRE(circle.town->enrol("denise").done());
    circle.say("alice", "bienvenue");
    for (const std::string home : {"alice", "bertrand", "chloe", "denise"}) {
        REQUIRE(circle.town->play(home, client::Sync{0}).done());
        CHECK(circle.alarms(home).empty());
    }
}

TEST_CASE("attack: a device that the officer certifies behind its member's back shows to him") {
    Coup coup;
    auto ghost = coup.ghost_of("bertrand");
    const auto device = ghost.device;
    const auto leaf = identity::leaf_of_device(ghost.member, ghost.device, ghost.certificate);
    identity::DirectoryPage page;
    page.devices.push_back(std::move(ghost));
    coup.publish(std::move(page), {leaf});
    CHECK(coup.alarms("bertrand") == Texts{"device-unasked"});
    // For the others it is a reset: they send nothing to him before they have asked him.
    CHECK(coup.alarms("alice").empty());
    CHECK(coup.knows_device("alice", device));
}

TEST_CASE("attack: a device whose certificate the officer makes anew for another key is a reset") {
    Coup coup;
    auto ghost = coup.ghost_of("bertrand");
    const auto key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, coup.town->random());
    const identity::Passport passport{coup.member("bertrand"),
                                      coup.town->core("bertrand")->self.device,
                                      identity::Role::Member,
                                      key.public_key()};
    ghost.device = passport.device;
    ghost.certificate =
        coup.authority.authority
            .certify(passport, coup.office().world.clock.wall(), coup.town->random())
            .value();
    const auto leaf = identity::leaf_of_device(ghost.member, ghost.device, ghost.certificate);
    identity::DirectoryPage page;
    page.devices.push_back(std::move(ghost));
    coup.publish(std::move(page), {leaf});
    CHECK(coup.alarms("bertrand") == Texts{"device-unasked"});
    CHECK(coup.town->send("alice", "cellule", "bonjour").outcome.rule == "held");
    CHECK(coup.town->play("alice", client::ListRequests{}).first<client::RequestShown>().kind ==
          "reset");
    REQUIRE(coup.town->play("alice", client::AcceptMember{"bertrand"}).done());
    CHECK(coup.read("chloe") == Texts{"bonjour"});
}

TEST_CASE("attack: a device that the officer certifies and hides from its member shows to him") {
    Coup coup;
    const auto ghost = coup.ghost_of("bertrand");
    // It stands in the log, since the others would not take it otherwise; the page says nothing.
    coup.publish({}, {identity::leaf_of_device(ghost.member, ghost.device, ghost.certificate)});
    CHECK(coup.alarms("bertrand") == Texts{"fact-hidden"});
    CHECK(coup.alarms("alice").empty());
}

TEST_CASE("attack: a device that is in no log is not taken by anybody") {
    Coup coup;
    auto ghost = coup.ghost_of("bertrand");
    const auto device = ghost.device;
    identity::DirectoryPage page;
    page.devices.push_back(std::move(ghost));
    coup.publish(std::move(page), {});
    CHECK(coup.alarms("alice") == Texts{"directory-forked"});
    CHECK_FALSE(coup.knows_device("alice", device));
}

TEST_CASE("attack: a page of an older kind, which has no log, is taken by nobody") {
    Coup coup;
    auto ghost = coup.ghost_of("bertrand");
    const auto device = ghost.device;
    identity::DirectoryPage page;
    page.version = 2;
    page.devices.push_back(std::move(ghost));
    coup.publish(std::move(page), {});
    CHECK(coup.alarms("alice").empty());
    CHECK_FALSE(coup.knows_device("alice", device));
}

TEST_CASE("attack: a name that the officer binds to another member shows to who bore it") {
    Coup coup;
    identity::DirectoryPage page;
    page.members.push_back({coup.member("bertrand"), "chloe", ""});
    coup.publish(std::move(page), {identity::leaf_of_name(coup.member("bertrand"), "chloe", "")});
    CHECK(coup.alarms("bertrand") == Texts{"name-changed"});
    // And nobody is written to in her place: two are called that.
    CHECK(coup.town->send("alice", "chloe", "à qui ?").outcome.rule == "ambiguous");
}

TEST_CASE(
    "attack: an officer who shows two members two circles is found out by their next message") {
    Coup coup;
    auto ghost = coup.ghost_of("bertrand");
    const auto leaf = identity::leaf_of_device(ghost.member, ghost.device, ghost.certificate);
    // Alice's device was shown another leaf than all others, as if by a page for her alone.
    client::Core& alice = *coup.town->core("alice");
    auto transaction = must(alice.database.begin());
    must(transparency::append(transaction, leaf));
    must(std::move(transaction).commit());
    REQUIRE(coup.town->enrol("denise").done());
    coup.say("chloe", "bonjour");
    REQUIRE(coup.town->play("alice", client::Sync{0}).done());
    const Texts alarms = coup.alarms("alice");
    CHECK(std::ranges::contains(alarms, "directory-forked"));
    coup.say("alice", "bonjour");
    CHECK(std::ranges::contains(coup.alarms("chloe"), "directory-forked"));
}

TEST_CASE("a second renaming is another alarm, and each is told of once, by whatever comes next") {
    Coup coup;
    const auto told = [&coup] {
        Texts rules;
        const auto played = coup.town->play("bertrand", client::Sync{0});
        for (const auto& event : played.events) {
            const auto* alarm = std::get_if<client::AlarmShown>(&event);
            if (alarm != nullptr) rules.push_back(alarm->rule);
        }
        return rules;
    };
    for (const std::string name : {"xavier", "yann"}) {
        identity::DirectoryPage page;
        page.members.push_back({coup.member("bertrand"), name, ""});
        coup.publish(std::move(page), {identity::leaf_of_name(coup.member("bertrand"), name, "")});
        CHECK(told() == Texts{"name-changed"});
        CHECK(told().empty());
    }
    CHECK(coup.alarms("bertrand") == Texts{"name-changed", "name-changed"});
}

TEST_CASE(
    "attack: two members' names exchanged, and a third writes to nobody before he has looked") {
    Coup coup;
    identity::DirectoryPage page;
    page.members.push_back({coup.member("bertrand"), "xavier", ""});
    page.members.push_back({coup.member("chloe"), "bertrand", ""});
    coup.publish(std::move(page),
                 {identity::leaf_of_name(coup.member("bertrand"), "xavier", ""),
                  identity::leaf_of_name(coup.member("chloe"), "bertrand", "")});
    CHECK(coup.town->send("alice", "bertrand", "pour toi").outcome.rule == "held");
    CHECK(coup.town->send("alice", "cellule", "à tous").outcome.rule == "held");
    CHECK(coup.alarms("alice") == Texts{"member-renamed", "member-renamed"});
    const auto request =
        coup.town->play("alice", client::ListRequests{}).first<client::RequestShown>();
    CHECK(request.kind == "name");
    CHECK(coup.town->read("chloe", "alice").empty());
    REQUIRE(coup.town->play("alice", client::AcceptMember{"bertrand"}).done());
    REQUIRE(coup.town->play("alice", client::Sync{0}).done());
    CHECK(coup.town->read("chloe", "alice") == Texts{"pour toi"});
    CHECK(coup.read("chloe").empty());
    REQUIRE(coup.town->play("alice", client::AcceptMember{"xavier"}).done());
    REQUIRE(coup.town->play("alice", client::Sync{0}).done());
    CHECK(coup.read("chloe") == Texts{"à tous"});
}

TEST_CASE("attack: a newcomer is told of no circle that has no log") {
    Coup coup;
    client::Core& alice = *coup.town->core("alice");
    auto transaction = must(alice.database.begin());
    identity::DirectoryPage page;
    page.devices.push_back(coup.ghost_of("bertrand"));
    CHECK(client::vigil::begin(transaction, page).error().code == Code::directory_forked);
}

TEST_CASE("attack: whoever is kept from the circle's pages for two days is told") {
    Coup circle;
    auto& town = *circle.town;
    const auto directory = town.core("alice")->conversations.directory().value()->log;
    const auto alice = town.device_key("alice");
    town.its_operator().on_request(
        [&](town::Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* read = std::get_if<protocol::Read>(&request);
            if (read == nullptr || read->log != directory) return std::nullopt;
            if (town.its_operator().device(session) != alice) return std::nullopt;
            return protocol::Refused{protocol::Refusal::TooMany};
        });
    REQUIRE(town.enrol("denise").done());
    circle.say("chloe", "bonjour");
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    CHECK(circle.alarms("alice").empty());
    circle.keep_away("alice");
    town.machine("alice").clock.jump(std::chrono::hours(49));
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    CHECK(circle.alarms("alice") == Texts{"directory-withheld"});
}

TEST_CASE(
    "whoever could not believe a page is in reach again by the next one that says everything") {
    Coup coup;
    const auto one = coup.ghost_of("bertrand");
    const auto other = coup.ghost_of("chloe");
    auto transaction = must(coup.office().database.begin());
    must(transparency::append(transaction,
                              identity::leaf_of_device(one.member, one.device, one.certificate)));
    must(std::move(transaction).commit());
    // It goes on from what nobody was given.
    coup.publish({}, {identity::leaf_of_device(other.member, other.device, other.certificate)});
    CHECK(coup.alarms("alice") == Texts{"directory-withheld"});
    auto published = must(coup.office().database.begin());
    const auto head = must(transparency::head(published));
    must(published.run("UPDATE halls SET published = ?1", head.size));
    must(std::move(published).commit());
    REQUIRE(coup.town->enrol("denise").done());
    REQUIRE(coup.town->play("alice", client::Sync{0}).done());
    CHECK_FALSE(coup.town->core("alice")->people.resolve("denise").has_value());
    std::uint64_t denises = 0;
    while (!coup.town->core("alice")->people.resolve("denise")) {
        REQUIRE(denises < 18);
        REQUIRE(coup.town->enrol("denise" + std::to_string(++denises)).done());
        REQUIRE(coup.town->play("alice", client::Sync{0}).done());
    }
    CHECK(coup.town->core("alice")->people.resolve("denise").has_value());
    CHECK(coup.alarms("alice") == Texts{"directory-withheld"});
}
