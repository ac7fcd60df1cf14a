// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Garbage: bundles that the relay cannot tell from good ones, and what they cannot do to others.

#include <array>

#include <catch2/catch_test_macros.hpp>

#include "relay/verify.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using Positions = std::vector<std::uint64_t>;

/// Mallory is a member of everybody's conversation, and says what he likes.
struct Play : Desk {
    Play() {
        std::vector<ReaderKey> readers;
        for (const Actor* actor : {&ana, &ben, &cleo, &mallory}) {
            admit(*actor);
            readers.push_back(actor->reader_key());
        }
        create(ana, talk, std::move(readers));
    }

    /// For that epoch: well signed, and its next epoch's rights are nobody else's.
    protocol::PostBundle garbage(std::uint64_t epoch, Seq passed_over = {}) {
        auto bundle = talk.bundle(mallory, epoch);
        bundle.next = {hash_of(access::Right::Append, his_token), as<BundleKey>(his_key)};
        return talk.signed_by(mallory, bundle, passed_over);
    }

    Positions post(const protocol::PostBundle& letter) { return positions(ana.asker(), letter); }

    std::vector<Effect> follow(const Actor& actor, std::uint64_t candidate) {
        auto answer = ask(actor.reading(), protocol::Acknowledge{talk.log, {0}, {candidate}});
        REQUIRE(answer.has_value());
        return std::move(answer->effects);
    }

    bool reads(const Actor& actor) {
        bool dropped = true;
        const auto done = store->look([&](LogTables& tables) -> Result<void> {
            TRY(const auto reader, tables.find_reader(talk.log, actor.reader_key()));
            dropped = !reader || reader->dropped_at.has_value();
            return {};
        });
        REQUIRE(done.has_value());
        return !dropped;
    }

    protocol::PostBundle dropping(const Actor& author,
                                  std::uint64_t epoch,
                                  std::initializer_list<const Actor*> dropped) {
        auto bundle = talk.bundle(author, epoch);
        if (&author == &mallory) {
            bundle.next = {hash_of(access::Right::Append, his_token), as<BundleKey>(his_key)};
        }
        for (const Actor* actor : dropped)
            bundle.readers_dropped.push_back(actor->reader_key());
        return talk.signed_by(author, bundle);
    }

    Actor ana{};
    Actor ben{};
    Actor cleo{};
    Actor mallory{};
    Talk talk{};
    Secret his_token = new_token();
    SigningKey his_key = new_key();
};

}  // namespace

TEST_CASE("a bundle that was passed over keeps nobody from going on from the same place") {
    Play play;
    REQUIRE(play.post(play.garbage(0)) == Positions{1});
    const auto anas = play.talk.bundle(play.ana, 0);
    CHECK(play.refusal(play.ana.asker(), play.talk.signed_by(play.ana, anas)) == Code::stale);
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, "too late")) == Code::stale);
    CHECK(play.post(play.talk.signed_by(play.ana, anas, Seq{1})) == Positions{2});
    CHECK(play.positions(play.ana.asker(), play.talk.post(1, "goes on")) == Positions{3});
}

TEST_CASE("who has not read the last rival is stale, and one of those who have goes on") {
    Play play;
    REQUIRE(play.post(play.garbage(0)) == Positions{1});
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0), Seq{1})) ==
            Positions{2});
    // Ben has read as much as Ana had; hers counts, as far as he can know.
    CHECK(play.refusal(play.ben.asker(),
                       play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 0), Seq{1})) ==
          Code::stale);
}

TEST_CASE("attack: garbage upon garbage leads the others nowhere, however far it goes") {
    Play play;
    REQUIRE(play.post(play.garbage(0)) == Positions{1});
    for (std::uint64_t epoch = 1; epoch < 50; ++epoch) {
        auto bundle = play.talk.bundle(play.mallory, epoch);
        bundle.next = {hash_of(access::Right::Append, play.his_token), as<BundleKey>(play.his_key)};
        REQUIRE(play.post(Talk::signed_by(play.mallory, bundle, play.his_key)) ==
                Positions{epoch + 1});
    }
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0), Seq{1})) ==
            Positions{51});
    CHECK(play.positions(play.ben.asker(), play.talk.post(1, "goes on")) == Positions{52});
    REQUIRE(play.post(play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 1))) ==
            Positions{53});
    CHECK(play.positions(play.ana.asker(), play.talk.post(2, "and on")) == Positions{54});
    CHECK(relay::verify(*play.store).has_value());
}

TEST_CASE("a reader has one bundle an epoch, so that contests end") {
    Play play;
    REQUIRE(play.post(play.garbage(0)) == Positions{1});
    CHECK(play.refusal(play.mallory.asker(), play.garbage(0, Seq{1})) == Code::refused);
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0), Seq{1})) ==
            Positions{2});
    CHECK(play.refusal(play.mallory.asker(), play.garbage(0, Seq{2})) == Code::refused);
}

TEST_CASE("garbage behind the bundle that counts stops nobody who goes on from that one") {
    Play play;
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0))) ==
            Positions{1});
    REQUIRE(play.post(play.garbage(0, Seq{1})) == Positions{2});
    CHECK(play.positions(play.ben.asker(), play.talk.post(1, "goes on")) == Positions{3});
    CHECK(play.post(play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 1))) == Positions{4});
}

TEST_CASE("attack: an epoch's rights are one candidate's, and nobody copies another's") {
    Play play;
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0))) ==
            Positions{1});
    // With the rights of Ana's epoch, which Mallory knows too; before it has ended, and after.
    const auto copy = play.talk.bundle(play.mallory, 0);
    CHECK(play.refusal(play.mallory.asker(), play.talk.signed_by(play.mallory, copy, Seq{1})) ==
          Code::refused);
    REQUIRE(play.post(play.talk.signed_by(play.ben, play.talk.bundle(play.ben, 1))) ==
            Positions{2});
    CHECK(play.refusal(play.mallory.asker(), play.talk.signed_by(play.mallory, copy, Seq{1})) ==
          Code::refused);
    CHECK(play.refusal(play.cleo.asker(), play.talk.post(1, "late")) == Code::stale);
}

TEST_CASE("attack: readers whom garbage brings in have no say in who is dropped, and no bundle") {
    Play play;
    auto bundle = play.talk.bundle(play.mallory, 0);
    bundle.next = {hash_of(access::Right::Append, play.his_token), as<BundleKey>(play.his_key)};
    std::array<Actor, 4> puppets{};
    for (const Actor& puppet : puppets) {
        play.admit(puppet);
        bundle.readers_added.push_back(puppet.reader_key());
    }
    for (const Actor* actor : {&play.ana, &play.ben, &play.cleo})
        bundle.readers_dropped.push_back(actor->reader_key());
    REQUIRE(play.post(play.talk.signed_by(play.mallory, bundle)) == Positions{1});
    for (const Actor& puppet : puppets)
        CHECK(play.follow(puppet, 1).empty());
    for (const Actor* actor : {&play.ana, &play.ben, &play.cleo})
        CHECK(play.reads(*actor));
    // From where the others are.
    auto another = play.talk.bundle(puppets[0], 0);
    another.next = {hash_of(access::Right::Append, new_token()), as<BundleKey>(new_key())};
    CHECK(play.refusal(puppets[0].asker(), play.talk.signed_by(puppets[0], another, Seq{1})) ==
          Code::refused);
}

TEST_CASE("attack: two who drop the others one by one have to be as many as all of them") {
    Play play;
    auto first = play.talk.bundle(play.mallory, 0);
    first.next = {hash_of(access::Right::Append, play.his_token), as<BundleKey>(play.his_key)};
    first.readers_dropped = {play.ana.reader_key()};
    REQUIRE(play.post(play.talk.signed_by(play.mallory, first)) == Positions{1});
    auto second = play.talk.bundle(play.mallory, 1);
    second.next = first.next;
    second.readers_dropped = {play.ben.reader_key()};
    REQUIRE(play.post(Talk::signed_by(play.mallory, second, play.his_key)) == Positions{2});
    // Cleo is with him.
    CHECK(play.follow(play.cleo, 2).empty());
    CHECK(play.reads(play.ana));
    CHECK(play.reads(play.ben));
}

TEST_CASE("attack: who is dropped writes no more, whatever he has begun before") {
    Play play;
    REQUIRE(play.post(play.garbage(0)) == Positions{1});
    auto removal = play.talk.bundle(play.ana, 0);
    removal.readers_dropped = {play.mallory.reader_key()};
    REQUIRE(play.post(play.talk.signed_by(play.ana, removal, Seq{1})) == Positions{2});
    REQUIRE(play.follow(play.ben, 2).size() == 1);
    protocol::Post post{
        play.talk.log, {1}, play.his_token.copy(), {{EntryId::random(chance()), to_bytes("x")}}};
    CHECK(play.refusal(play.mallory.asker(), std::move(post)) == Code::refused);
}

TEST_CASE("a dropped reader goes when somebody else follows the bundle that drops him") {
    Play play;
    REQUIRE(play.post(play.dropping(play.ana, 0, {&play.mallory})) == Positions{1});
    CHECK(play.reads(play.mallory));
    // Neither she who wrote it nor he whom it drops speaks for it.
    CHECK(play.follow(play.ana, 1).empty());
    CHECK(play.follow(play.mallory, 1).empty());
    CHECK(play.reads(play.mallory));
    const auto effects = play.follow(play.ben, 1);
    REQUIRE(effects.size() == 1);
    CHECK(std::get<ReaderDropped>(effects.front()).reader == play.mallory.reader_key());
    CHECK_FALSE(play.reads(play.mallory));
}

TEST_CASE("who follows a later bundle follows those that it goes on from") {
    Play play;
    REQUIRE(play.post(play.dropping(play.ana, 0, {&play.mallory})) == Positions{1});
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 1))) ==
            Positions{2});
    CHECK(play.follow(play.ben, 2).size() == 1);
    CHECK_FALSE(play.reads(play.mallory));
}

TEST_CASE("attack: a bundle that locks others out takes as many who follow it as it drops") {
    Play play;
    REQUIRE(play.post(play.dropping(play.mallory, 0, {&play.ana, &play.ben})) == Positions{1});
    // Cleo is with him, and says so over and over; the others go on without both.
    CHECK(play.follow(play.cleo, 1).empty());
    CHECK(play.follow(play.cleo, 1).empty());
    REQUIRE(play.post(play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0), Seq{1})) ==
            Positions{2});
    CHECK(play.follow(play.ben, 2).empty());
    CHECK(play.reads(play.ana));
    CHECK(play.reads(play.ben));
}

TEST_CASE("attack: one member who drops all others drops none") {
    Play play;
    REQUIRE(play.post(play.dropping(play.mallory, 0, {&play.ana, &play.ben, &play.cleo})) ==
            Positions{1});
    CHECK(play.follow(play.mallory, 1).empty());
    for (const Actor* actor : {&play.ana, &play.ben, &play.cleo})
        CHECK(play.reads(*actor));
}
