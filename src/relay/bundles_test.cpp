// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using Positions = std::vector<std::uint64_t>;

struct Play : Desk {
    Play() {
        for (const Actor* actor : {&ana, &ben, &cleo})
            admit(*actor);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
    }

    std::size_t readable(const Actor& actor) {
        const auto answer = ask(actor.reading(), protocol::Read{talk.log, {0}});
        if (!answer.has_value()) return 0;
        return std::get<protocol::Entries>(answer->body).entries.size();
    }

    Positions commit(const Actor& author, const protocol::Bundle& bundle) {
        return positions(author.asker(), talk.signed_by(author, bundle));
    }

    Actor ana{};
    Actor ben{};
    Actor cleo{};
    Talk talk{};
};

}  // namespace

TEST_CASE("the first bundle of an epoch ends it, and later ones for it are stale") {
    Play play;
    CHECK(play.commit(play.ana, play.talk.bundle(play.ana, 0)) == Positions{1});
    CHECK(play.refusal(play.ben.asker(),
                       play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 0))) ==
          Code::stale);
    CHECK(play.commit(play.ben, play.talk.bundle(play.ben, 1)) == Positions{2});
}

TEST_CASE("a bundle that is retried answers the same position, even when its epoch is over") {
    Play play;
    const auto letter = play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0));
    CHECK(play.positions(play.ana.asker(), letter) == Positions{1});
    CHECK(play.positions(play.ana.asker(), letter) == Positions{1});
    auto other = play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 1));
    other.id = letter.id;
    CHECK(play.refusal(play.ana.asker(), other) == Code::id_reused);
}

TEST_CASE("a bundle needs the epoch's signature and its author's, both over the same bytes") {
    Play play;
    const auto right = play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0));
    const auto refused = [&](auto change) {
        auto wrong = right;
        change(wrong.bundle);
        return play.refusal(play.ana.asker(), wrong) == Code::refused;
    };
    CHECK(refused([](auto& bundle) { bundle.epoch_signature.at(3) ^= 1U; }));
    CHECK(refused([](auto& bundle) { bundle.author_signature.at(3) ^= 1U; }));
    CHECK(refused([](auto& bundle) { bundle.epoch_signature.clear(); }));
    CHECK(refused([](auto& bundle) { bundle.author_signature.clear(); }));
    // Each signature under the label of the other.
    CHECK(
        refused([](auto& bundle) { std::swap(bundle.epoch_signature, bundle.author_signature); }));
    CHECK(play.readable(play.ana) == 0);
}

TEST_CASE("a member who is no reader, or another's name on a bundle, is refused") {
    Play play;
    CHECK(play.refusal(play.cleo.asker(),
                       play.talk.signed_by(play.cleo, play.talk.bundle(play.cleo, 0))) ==
          Code::refused);
    // Cleo signs in Ana's name.
    CHECK(play.refusal(play.cleo.asker(),
                       play.talk.signed_by(play.cleo, play.talk.bundle(play.ana, 0))) ==
          Code::refused);
}

TEST_CASE("a bundle of an epoch that has not begun is refused") {
    Play play;
    CHECK(play.refusal(play.ana.asker(),
                       play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 5))) ==
          Code::refused);
}

TEST_CASE("bytes that are no bundle are malformed, and a reader named twice too") {
    Play play;
    auto letter = play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0));
    letter.bundle.bundle.push_back(0);
    CHECK(play.refusal(play.ana.asker(), letter) == Code::trailing_bytes);
    auto twice = play.talk.bundle(play.ana, 0);
    twice.readers_added = {play.cleo.reader_key()};
    twice.readers_dropped = {play.cleo.reader_key()};
    CHECK(play.refusal(play.ana.asker(), play.talk.signed_by(play.ana, twice)) == Code::malformed);
}

TEST_CASE("a removed reader reads its own removal, and nothing later") {
    Play play;
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, "before")) == Positions{1});
    auto removal = play.talk.bundle(play.ana, 0);
    removal.readers_dropped = {play.ben.reader_key()};
    REQUIRE(play.commit(play.ana, removal) == Positions{2});
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(1, "after")) == Positions{3});
    CHECK(play.readable(play.ana) == 3);
    CHECK(play.readable(play.ben) == 2);
    const auto reopened = play.ask(play.ben.asker(), play.ben.opening(play.talk.log));
    REQUIRE(reopened.has_value());
    CHECK(std::get<protocol::Opened>(reopened->body).head.value == 2);
    // And commits no more.
    CHECK(play.refusal(play.ben.asker(),
                       play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 1))) ==
          Code::refused);
}

TEST_CASE("a reader who is added reads from its own bundle on, and nothing earlier") {
    Play play;
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, "before")) == Positions{1});
    auto addition = play.talk.bundle(play.ana, 0);
    addition.readers_added = {play.cleo.reader_key()};
    REQUIRE(play.commit(play.ana, addition) == Positions{2});
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(1, "after")) == Positions{3});
    const auto opened = play.ask(play.cleo.asker(), play.cleo.opening(play.talk.log));
    REQUIRE(opened.has_value());
    CHECK(std::get<protocol::Opened>(opened->body).since.value == 2);
    CHECK(play.readable(play.cleo) == 2);
}

TEST_CASE("who reads already keeps what it may read when it is added again") {
    Play play;
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, "before")) == Positions{1});
    auto addition = play.talk.bundle(play.ana, 0);
    addition.readers_added = {play.ben.reader_key()};
    REQUIRE(play.commit(play.ana, addition) == Positions{2});
    CHECK(play.readable(play.ben) == 2);
}

TEST_CASE("the subscribers hear of a removal before the removed reader hears no more") {
    Play play;
    auto removal = play.talk.bundle(play.ana, 0);
    removal.readers_dropped = {play.ben.reader_key()};
    const auto answer = play.ask(play.ana.asker(), play.talk.signed_by(play.ana, removal));
    REQUIRE(answer.has_value());
    REQUIRE(answer->effects.size() == 2);
    CHECK(std::holds_alternative<LogGrew>(answer->effects.at(0)));
    CHECK(std::holds_alternative<ReaderDropped>(answer->effects.at(1)));
}
