// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

}  // namespace

TEST_CASE("a relay that is claimed stays with its circle") {
    Desk desk;
    CHECK(desk.ask(desk.officer.asker(), protocol::Claim{}).has_value());
    const Officer other;
    CHECK(desk.refusal(other.asker(), protocol::Claim{}) == Code::relay_claimed);
}

TEST_CASE("only an officer's session may claim, and only the relay's own officer give orders") {
    Desk desk;
    const Actor actor;
    Officer other;
    CHECK(desk.refusal(actor.asker(), protocol::Claim{}) == Code::refused);
    CHECK(desk.refusal(Asker{}, protocol::Claim{}) == Code::refused);
    CHECK(desk.refusal(other.asker(), other.order(actor.admission())) == Code::refused);
    // Nor the right officer's session, with an order that another one signed.
    other.last = 0;
    CHECK(desk.refusal(desk.officer.asker(), other.order(actor.admission())) == Code::refused);
}

TEST_CASE("an order that is repeated is done, and one that is replayed after a later one is not") {
    Desk desk;
    const Actor first;
    const Actor second;
    const auto one = desk.officer.order(first.admission());
    CHECK(desk.ask(desk.officer.asker(), one).has_value());
    CHECK(desk.ask(desk.officer.asker(), one).has_value());
    CHECK(desk.ask(desk.officer.asker(), desk.officer.order(second.admission())).has_value());
    CHECK(desk.refusal(desk.officer.asker(), one) == Code::refused);
}

TEST_CASE("a replayed admission does not bring back a device that was dropped") {
    Desk desk;
    const Actor actor;
    const auto admission = desk.officer.order(actor.admission());
    REQUIRE(desk.ask(desk.officer.asker(), admission).has_value());
    REQUIRE(
        desk.ask(desk.officer.asker(), desk.officer.order(protocol::DropDevice{actor.device_key()}))
            .has_value());
    CHECK(desk.refusal(desk.officer.asker(), admission) == Code::refused);
    CHECK(desk.refusal(actor.asker(), Talk{}.creation({actor.reader_key()})) == Code::refused);
}

TEST_CASE("orders come one after the other, without a gap") {
    Desk desk;
    const Actor actor;
    CHECK(desk.refusal(desk.officer.asker(), desk.officer.numbered(0, actor.admission())) ==
          Code::refused);
    CHECK(desk.refusal(desk.officer.asker(), desk.officer.numbered(2, actor.admission())) ==
          Code::refused);
    CHECK(desk.ask(desk.officer.asker(), desk.officer.numbered(1, actor.admission())).has_value());
    // The same number with another content is no repetition.
    CHECK(desk.refusal(desk.officer.asker(), desk.officer.numbered(1, Actor{}.admission())) ==
          Code::refused);
}

TEST_CASE("an order that cannot be carried out is done without effect, and stops no later one") {
    // The names in it were chosen by a newcomer; orders come in sequence.
    Desk desk;
    const Actor actor;
    desk.admit(actor);
    REQUIRE(desk.ask(desk.officer.asker(), desk.officer.order(actor.admission())).has_value());
    CHECK(desk.ask(desk.officer.asker(), desk.officer.order(Actor{}.admission())).has_value());
}

TEST_CASE("a dropped device loses its inbox, its key packages and every right") {
    Desk desk;
    const Actor actor;
    const Actor neighbour;
    desk.admit(actor);
    desk.admit(neighbour);
    const auto letter = [&actor] { return actor.letter("letter"); };
    REQUIRE(desk.positions(neighbour.asker(), letter()) == std::vector<std::uint64_t>{1});
    const auto dropped = desk.ask(desk.officer.asker(),
                                  desk.officer.order(protocol::DropDevice{actor.device_key()}));
    REQUIRE(dropped.has_value());
    CHECK(std::holds_alternative<DeviceDropped>(dropped->effects.at(0)));
    CHECK(desk.refusal(neighbour.asker(), letter()) == Code::refused);
    CHECK(desk.refusal(actor.asker(), actor.opening(actor.inbox)) == Code::refused);
    CHECK(desk.texts(neighbour, actor.inbox) == std::vector<std::string>{"refused"});
}

TEST_CASE("a holder of an invitation reaches exchanges and nothing else") {
    Desk desk;
    Actor actor;
    desk.admit(actor);
    Talk talk;
    desk.create(actor, talk, {actor.reader_key()});
    const Asker newcomer{};
    CHECK(desk.refusal(newcomer, talk.post(0, "text")) == Code::refused);
    CHECK(desk.refusal(newcomer, actor.opening(talk.log)) == Code::refused);
    CHECK(desk.refusal(newcomer, talk.creation({actor.reader_key()})) == Code::refused);
    CHECK(desk.refusal(newcomer,
                       protocol::TakeKeyPackage{actor.inbox, actor.deposit.copy(), EntryId{}}) ==
          Code::refused);
}
