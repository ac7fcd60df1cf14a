// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using Positions = std::vector<std::uint64_t>;

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
        REQUIRE(positions(ana.asker(), talk.post(0, "one")) == Positions{1});
        REQUIRE(positions(ana.asker(), talk.signed_by(ana, talk.bundle(ana, 0))) == Positions{2});
        REQUIRE(positions(ana.asker(), talk.post(1, "two")) == Positions{3});
    }

    Code acknowledge(const Asker& asker,
                     const LogId& log,
                     std::uint64_t upto,
                     std::uint64_t follows) {
        return refusal(asker, protocol::Acknowledge{log, {upto}, {follows}});
    }

    /// What the relay has heard of a reader: up to where, and whom it follows.
    Positions heard(const Actor& actor, const LogId& log) {
        Positions said;
        REQUIRE(store
                    ->look([&](LogTables& tables) -> Result<void> {
                        TRY(const auto reader, tables.find_reader(log, actor.reader_key()));
                        said = {reader->acknowledged.value, reader->follows.value};
                        return {};
                    })
                    .has_value());
        return said;
    }

    Actor ana{};
    Actor ben{};
    Talk talk{};
};

constexpr Code done = Code::unknown;

}  // namespace

TEST_CASE("what a reader has kept and whom it follows is remembered, each reader's own") {
    Play play;
    CHECK(play.heard(play.ana, play.talk.log) == Positions{0, 0});
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 3, 2) == done);
    CHECK(play.heard(play.ana, play.talk.log) == Positions{3, 2});
    CHECK(play.heard(play.ben, play.talk.log) == Positions{0, 0});
    REQUIRE(play.positions(play.ana.asker(), play.ben.letter("letter")) == Positions{1});
    CHECK(play.acknowledge(play.ben.reading(), play.ben.inbox, 1, 0) == done);
    CHECK(play.heard(play.ben, play.ben.inbox) == Positions{1, 0});
}

TEST_CASE("acknowledgements only go forward, and an earlier one is done without effect") {
    Play play;
    REQUIRE(play.acknowledge(play.ana.reading(), play.talk.log, 3, 2) == done);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 1, 0) == done);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 0, 2) == done);
    CHECK(play.heard(play.ana, play.talk.log) == Positions{3, 2});
}

TEST_CASE(
    "an acknowledgement of what is not there, or of a bundle that is none, is refused whole") {
    Play play;
    constexpr std::uint64_t huge = ~std::uint64_t{0};
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 4, 2) == Code::refused);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, huge, 2) == Code::refused);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 3, 1) == Code::refused);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 3, 3) == Code::refused);
    CHECK(play.acknowledge(play.ana.reading(), play.talk.log, 3, huge) == Code::refused);
    // An inbox has no bundles.
    REQUIRE(play.positions(play.ana.asker(), play.ben.letter("letter")) == Positions{1});
    CHECK(play.acknowledge(play.ben.reading(), play.ben.inbox, 1, 1) == Code::refused);
    CHECK(play.heard(play.ana, play.talk.log) == Positions{0, 0});
    CHECK(play.heard(play.ben, play.ben.inbox) == Positions{0, 0});
}

TEST_CASE("an acknowledgement is of a reader of that log, up to where it may read") {
    Play play;
    const Actor stranger;
    play.admit(stranger);
    CHECK(play.acknowledge(play.ana.asker(), play.talk.log, 1, 0) == Code::refused);
    CHECK(play.acknowledge(stranger.reading(), play.talk.log, 1, 0) == Code::refused);
    CHECK(play.acknowledge(play.ana.reading(), LogId::random(chance()), 0, 0) == Code::refused);
    auto removal = play.talk.bundle(play.ana, 1);
    removal.readers_dropped = {play.ben.reader_key()};
    REQUIRE(play.positions(play.ana.asker(), play.talk.signed_by(play.ana, removal)) ==
            Positions{4});
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(2, "after")) == Positions{5});
    CHECK(play.acknowledge(play.ben.reading(), play.talk.log, 5, 4) == Code::refused);
    CHECK(play.acknowledge(play.ben.reading(), play.talk.log, 4, 4) == done);
}

TEST_CASE("a session acknowledges what it has opened, and nothing else") {
    Town town;
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(town.talk.post(0, "one")).has_value());
    const auto refused = ana.ask(protocol::Acknowledge{town.talk.log, {1}, {0}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::refused);
    REQUIRE(ana.ask(town.ana.opening(town.talk.log, ana.binding())).has_value());
    const auto done_now = ana.ask(protocol::Acknowledge{town.talk.log, {1}, {0}});
    REQUIRE(done_now.has_value());
    CHECK(std::holds_alternative<protocol::Done>(*done_now));
}
