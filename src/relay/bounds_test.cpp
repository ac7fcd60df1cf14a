// SPDX-License-Identifier: AGPL-3.0-or-later

// What a peer can make the relay hold: little, until it has shown that it belongs here, and never
// more than a bound.

#include "relay/bounds.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/group_commit.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;

struct Invited {
    protocol::ExchangeId exchange = protocol::ExchangeId::random(chance());
    Secret token = new_token();

    [[nodiscard]] protocol::OpenExchange opening() const {
        return {exchange,
                protocol::TokenHash{access::token_hash(access::Right::Exchange, token)},
                {~std::uint64_t{0} >> 1U}};
    }

    [[nodiscard]] protocol::PutStep step(std::uint8_t number, std::size_t size) const {
        return {exchange, token.copy(), number, Bytes(size, 7)};
    }
};

Peer newcomer(Town& town) {
    Peer peer = town.stranger();
    REQUIRE(peer.hello(protocol::AsNewcomer{}).has_value());
    return peer;
}

}  // namespace

TEST_CASE("who has not said who it is cannot send more than a hello") {
    Town town;
    Peer peer = town.stranger();
    REQUIRE(peer.send(Bytes(bounds::longest_hello + 1)).has_value());
    CHECK_FALSE(peer.receive().has_value());
    CHECK(town.server->sessions() == 0);
}

TEST_CASE("a newcomer's frames are short until it has shown an invitation's token") {
    Town town;
    const Invited invited;
    Peer officer = town.session(town.officer);
    REQUIRE(officer.ask(town.officer.order(invited.opening())).has_value());
    const std::size_t large = 2 * bounds::longest_of_strangers;
    {
        Peer peer = newcomer(town);
        peer.ask_later(invited.step(0, large));
        CHECK_FALSE(peer.response().has_value());
    }
    Peer peer = newcomer(town);
    Invited guessed = {invited.exchange, new_token()};
    CHECK_FALSE(
        peer.ask(guessed.step(0, 100)).has_value());  // opens nothing, and so changes nothing
    REQUIRE(peer.ask(invited.step(0, 100)).has_value());
    CHECK(peer.ask(invited.step(1, large)).has_value());
}

TEST_CASE("a device's frames are of full length at once") {
    Town town;
    Peer ana = town.session(town.ana);
    CHECK(ana.ask(town.talk.post(0, std::string(protocol::longest_payload, 'x'))).has_value());
}

TEST_CASE("over the bound on what waits, requests are refused, and what waits is answered") {
    Desk desk;
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::size_t answered = 0;
    GroupCommit commit(
        loop, loop.clock(), *desk.store, diary, [&](const Job&, Lane, auto) { ++answered; });
    const auto submit = [&] {
        return commit.submit({{1}, {1}, desk.officer.asker(), protocol::Claim{}, 100}, Lane::Write);
    };
    for (std::size_t at = 0; at < bounds::requests_waiting; ++at)
        REQUIRE(submit().has_value());
    CHECK(submit().error().code == Code::too_many);
    commit.close();
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(answered == bounds::requests_waiting);
}

TEST_CASE("a peer that takes none of its answers is let go, and others are served meanwhile") {
    Town town;
    Peer deaf = town.session(town.ana);
    Peer ben = town.session(town.ben);
    REQUIRE(ben.ask(town.talk.post(0, std::string(protocol::longest_payload, 'x'))).has_value());
    REQUIRE(deaf.ask(town.ana.opening(town.talk.log, deaf.binding())).has_value());
    // The channel takes some frames on the way, and then no more.
    for (int at = 0; at < 100; ++at)
        deaf.ask_later(protocol::Read{town.talk.log, {0}});
    CHECK(ben.ask(town.talk.post(0, "meanwhile")).has_value());
    town.loop.run_for(2 * bounds::patience_for_sending + 5s);
    CHECK(ben.ask(town.talk.post(0, "after")).has_value());
    CHECK(town.server->sessions() == 1);
}

TEST_CASE("over the bytes of all sessions newcomers are turned away, and who is there goes on") {
    Town town;
    town.network.set_delays(0ms, 0ms);
    Peer ana = town.session(town.ana);
    // Deaf ones, who each have as much under way as a session may: what it costs is counted when it
    // is asked for, so that nothing large need be read.
    constexpr std::size_t enough = bounds::bytes_of_all_sessions / bounds::bytes_per_session;
    constexpr int more_than_a_channel_takes = 70;
    const std::vector<Actor> actors(enough / bounds::sessions_per_device);
    Peer officer = town.session(town.officer);
    for (const Actor& actor : actors)
        REQUIRE(officer.ask(town.officer.order(actor.admission())).has_value());
    std::vector<Peer> deaf;
    for (std::size_t at = 0; at < enough; ++at) {
        deaf.push_back(town.session(actors[at / bounds::sessions_per_device]));
        for (int each = 0; each < more_than_a_channel_takes; ++each)
            deaf.back().ask_later(protocol::Read{town.talk.log, {0}});
    }
    town.loop.run_for(1s);
    const std::size_t sessions = town.server->sessions();
    CHECK(sessions == enough + 2);
    const auto turned_away = town.server->tally().sessions_turned_away;
    const auto channel = town.dial();
    CHECK_FALSE(town.loop.run_until(channel->receive(town.loop.in(1s))).has_value());
    CHECK(town.server->tally().sessions_turned_away == turned_away + 1);
    CHECK(town.server->sessions() == sessions);
    // One thing may always be asked for by who has nothing under way.
    for (int each = 0; each < 3; ++each)
        CHECK(ana.ask(town.talk.post(0, "meanwhile")).has_value());
    // Who takes nothing is let go, and then there is room again.
    town.loop.run_for(2 * bounds::patience_for_sending + 5s);
    CHECK(town.server->sessions() == 2);
    CHECK(town.session(town.ben).ask(town.talk.post(0, "after")).has_value());
}
