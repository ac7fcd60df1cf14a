// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What somebody who can forge Ed25519, as with a quantum computer, cannot say in the officer's
// name: in a circle whose hall he writes in, as a member who forges the officer's leaf can.

#include "tests/stage/forger.h"

#include <catch2/catch_test_macros.hpp>

#include "client/circle_policy.h"
#include "client/lost.h"
#include "client/page_letters.h"
#include "client/relay_word.h"
#include "envelope/inbox_letter.h"
#include "identity/relay_word.h"
#include "tests/attacks/coup.h"

namespace {

using namespace cercle;
using attacks::Coup;
using attacks::Texts;
namespace transparency = client::transparency;

/// Who has one of the authority's two keys.
struct Forged : Coup {
    identity::Authority forger = stage::forger_of(authority.authority, town->random());

    /// A page of the next number, that goes on from the circle's log and has in it what it says.
    identity::DirectoryPage page_with(identity::DirectoryPage page) {
        // Given up: the officer's own log has none of it.
        auto transaction = must(office().database.begin());
        const auto before = must(transparency::head(transaction));
        for (const auto& leaf : identity::leaves_of(page))
            must(transparency::append(transaction, leaf));
        page.growth = must(transparency::growth_from(transaction, {before.size.value}));
        const auto own = must(transaction.one<identity::PageNumber, std::string>(
            "SELECT page, circle_name FROM self"));
        page.number = std::get<0>(*own).next();
        page.circle_name = std::get<1>(*own);
        page.suite = office().self.suite;
        return page;
    }

    identity::Revocation revocation_of(const std::string& home) {
        return {1, {1}, town->core(home)->self.device, member(home), {1'800'000'000'000}};
    }

    /// In the directory's conversation, from the officer's leaf.
    void say_in_hall(std::string_view type, BytesView body) {
        const auto directory = must(office().conversations.directory());
        auto transaction = must(office().database.begin());
        must(client::write_content(office(), transaction, directory->log, type, body));
        must(std::move(transaction).commit());
        office().work.set();
        town->pass(std::chrono::seconds(5));
    }

    [[nodiscard]] identity::RevocationNumber newest(const std::string& home) {
        return must(client::lost::holding(town->core(home)->database)).newest;
    }
};

}  // namespace

TEST_CASE("attack: a page that is signed by Ed25519 alone is believed by nobody") {
    Forged circle;
    auto ghost = circle.ghost_of("bertrand");
    const auto device = ghost.device;
    identity::DirectoryPage says;
    says.members.push_back({circle.member("chloe"), "xavier", ""});
    says.devices.push_back(std::move(ghost));
    says.revocations.push_back(circle.revocation_of("chloe"));
    says.policy = identity::sign_policy({1, {1}, {1}, {{"cards", "nobody"}}}, circle.forger);
    const auto page = circle.page_with(std::move(says));
    circle.say_in_hall(envelope::directory_type, identity::sign_page(page, circle.forger).reveal());
    for (const std::string home : {"alice", "bertrand", "chloe"}) {
        REQUIRE(circle.town->play(home, client::Sync{0}).done());
        CHECK(circle.alarms(home).empty());
        CHECK_FALSE(circle.knows_device(home, device));
        CHECK(circle.newest(home) == identity::RevocationNumber{0});
        CHECK(must(client::circle_policy::held(circle.town->core(home)->database))
                  .policy.number.value == 0);
        CHECK(circle.town->core(home)->people.resolve("chloe").has_value());
    }
    // The officer's own page of that number finds its place.
    REQUIRE(circle.town->enrol("denise").done());
    REQUIRE(circle.town->play("alice", client::Sync{0}).done());
    CHECK(circle.town->core("alice")->people.resolve("denise").has_value());
    circle.say("alice", "toujours là");
    CHECK(circle.read("chloe") == Texts{"toujours là"});
}

TEST_CASE("attack: a page by letter that is signed by Ed25519 alone is believed by nobody") {
    Forged circle;
    client::Core& alice = *circle.town->core("alice");
    identity::DirectoryPage says;
    says.reader = alice.self.device;
    says.gone.push_back(circle.member("chloe"));
    const auto page = circle.page_with(std::move(says));
    const auto receive = [&](const identity::Authority& by) -> Result<void> {
        const auto keys = identity::inbox_keys(alice.self.inbox_secret);
        protocol::Entry entry;
        entry.kind = protocol::EntryKind::Deposit;
        entry.stamp = {1'800'000'000'000};
        entry.payload = envelope::close_word(keys.closing_key,
                                             envelope::Word::Page,
                                             identity::sign_page(page, by).reveal(),
                                             circle.town->random());
        auto transaction = must(alice.database.begin());
        TRY_VOID(client::take_page_letter(alice, transaction, entry));
        return std::move(transaction).commit();
    };
    const auto knows = [&](std::string_view name) {
        return alice.people.resolve(std::string(name)).has_value();
    };
    CHECK_FALSE(receive(circle.forger).has_value());
    CHECK(knows("chloe"));
    // The same by both keys she takes, so that it was for no other reason.
    REQUIRE(receive(circle.authority.authority).has_value());
    CHECK_FALSE(knows("chloe"));
}

TEST_CASE("attack: a policy, or a word on the relay's key, of Ed25519 alone is nobody's") {
    Forged circle;
    client::Core& alice = *circle.town->core("alice");
    const auto take_policy = [&](const identity::Authority& by) -> Result<void> {
        auto transaction = must(alice.database.begin());
        const auto policy = identity::sign_policy({1, {9}, {1}, {}}, by);
        return client::circle_policy::take(
            transaction, policy, alice.self.root, alice.world.clock.wall());
    };
    CHECK(take_policy(circle.forger).error().code == Code::forged);
    CHECK(take_policy(circle.authority.authority).has_value());
    identity::RelayFingerprint key;
    key.bytes.fill(7);
    circle.say_in_hall(envelope::relay_word_type,
                       identity::sign_relay_word({1, key, {9'000'000'000'000}}, circle.forger));
    REQUIRE(circle.town->play("alice", client::Sync{0}).done());
    CHECK_FALSE(must(client::relay_word::last(alice.database)).has_value());
    CHECK(must(client::relay_word::standing(alice)) == client::relay_word::Standing::Confirmed);
    circle.say_in_hall(
        envelope::relay_word_type,
        identity::sign_relay_word({1, key, {9'000'000'000'000}}, circle.authority.authority));
    REQUIRE(circle.town->play("alice", client::Sync{0}).done());
    CHECK(must(client::relay_word::standing(*circle.town->core("alice"))) ==
          client::relay_word::Standing::Unconfirmed);
}

TEST_CASE(
    "attack: a device that is certified by Ed25519 alone is in no list, and is told nothing") {
    Forged circle;
    const auto key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, circle.town->random());
    const identity::Passport ghost{circle.member("bertrand"),
                                   identity::DeviceId::random(circle.town->random()),
                                   identity::Role::Member,
                                   key.public_key()};
    const Bytes certificate = must(
        circle.forger.certify(ghost, circle.office().world.clock.wall(), circle.town->random()));
    // To MLS it is a member's: certificates are judged by Ed25519. What it is told, ghost_test.cpp
    // says of any device that no page has named; and by a forger's page none is.
    CHECK(circle.town->core("alice")
              ->self.root.judge(certificate, circle.office().world.clock.wall())
              .has_value());
    identity::DirectoryPage says;
    says.devices.push_back({ghost.device, ghost.member, certificate, {}, Secret(32), {}});
    const auto page = circle.page_with(std::move(says));
    circle.say_in_hall(envelope::directory_type, identity::sign_page(page, circle.forger).reveal());
    REQUIRE(circle.town->play("alice", client::Sync{0}).done());
    CHECK_FALSE(circle.knows_device("alice", ghost.device));
    client::Core& alice = *circle.town->core("alice");
    auto transaction = must(alice.database.begin());
    CHECK_FALSE(must(transparency::says(
        transaction, identity::leaf_of_device(ghost.member, ghost.device, certificate))));
}
