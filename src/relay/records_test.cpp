// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "merkle/checkpoint.h"
#include "merkle/proof.h"
#include "relay/chain.h"
#include "relay/trim.h"
#include "relay/verify.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using Positions = std::vector<std::uint64_t>;

merkle::Path path_of(const protocol::Proof& proof) {
    merkle::Path path;
    for (const auto& hash : proof.path)
        path.push_back({hash.bytes});
    return path;
}

struct Play : Desk {
    Play() {
        for (const Actor* actor : {&ana, &ben})
            admit(*actor);
        make(first, {ana.reader_key(), ben.reader_key()});
        make(second, {ana.reader_key()});
        create(ana, unrecorded, {ana.reader_key()});
    }

    void make(Talk& talk, std::vector<ReaderKey> readers) {
        REQUIRE(ask(ana.asker(),
                    protocol::CreateRecordedLog{talk.log, talk.verifier(0), std::move(readers)})
                    .has_value());
    }

    std::uint64_t say(Talk& talk, std::string_view text) {
        const Positions at = positions(ana.asker(), talk.post(0, text));
        REQUIRE(at.size() == 1);
        return at.front();
    }

    merkle::Checkpoint checkpoint() {
        const auto answer = ask(ben.asker(), protocol::GetCheckpoint{});
        REQUIRE(answer.has_value());
        const auto& said = std::get<protocol::SignedCheckpoint>(answer->body);
        const auto read = codec::decode<merkle::Checkpoint>(said.checkpoint);
        REQUIRE(read.has_value());
        return *read;
    }

    merkle::Sight sight() {
        const auto now_seen = checkpoint();
        return {now_seen.size, now_seen.root};
    }

    Result<protocol::Proof> prove(const Actor& actor, protocol::RequestBody request) {
        TRY(const auto answer, ask(actor.reading(), std::move(request)));
        return std::get<protocol::Proof>(answer.body);
    }

    /// Whether an entry is shown to be a record in a tree.
    bool is_recorded(const Actor& actor, const Talk& talk, std::uint64_t seq, merkle::Sight tree) {
        const auto read = ask(actor.reading(), protocol::Read{talk.log, {seq - 1}});
        REQUIRE(read.has_value());
        const auto& entry = std::get<protocol::Entries>(read->body).entries.front();
        REQUIRE(entry.seq.value == seq);
        const auto proof = prove(actor, protocol::ProveRecord{talk.log, {seq}, {tree.size.value}});
        if (!proof.has_value()) return false;
        return merkle::check_inclusion(record_hash(entry.chain, entry.seq),
                                       {proof->number.value},
                                       tree,
                                       path_of(*proof))
            .has_value();
    }

    Actor ana{};
    Actor ben{};
    Talk first{};
    Talk second{};
    Talk unrecorded{};
};

}  // namespace

TEST_CASE("entries of all recorded logs are records of one tree, and no others are") {
    Play play;
    CHECK(play.checkpoint().size.value == 0);
    CHECK(play.checkpoint().root == merkle::empty_root());
    const auto one = play.say(play.first, "one");
    play.say(play.unrecorded, "not a record");
    const auto two = play.say(play.second, "two");
    REQUIRE(play.ask(play.ana.asker(), play.ben.letter("letter")).has_value());
    const auto bundle = play.positions(
        play.ana.asker(), play.first.signed_by(play.ana, play.first.bundle(play.ana, 0)));
    REQUIRE(bundle.size() == 1);
    const auto tree = play.sight();
    CHECK(tree.size.value == 3);
    CHECK(play.is_recorded(play.ana, play.first, one, tree));
    CHECK(play.is_recorded(play.ana, play.second, two, tree));
    CHECK(play.is_recorded(play.ben, play.first, bundle.front(), tree));
    CHECK_FALSE(play.is_recorded(play.ana, play.unrecorded, 1, tree));
    CHECK(verify(*play.store).has_value());
}

TEST_CASE("a tree of records goes on from every one that was seen before, over a restart too") {
    Play play;
    std::vector<merkle::Sight> seen;
    for (int at = 0; at < 20; ++at) {
        seen.push_back(play.sight());
        play.say(at % 3 == 0 ? play.second : play.first, "text");
        if (at != 11) continue;
        play.store.reset();
        play.store = play.directory.open_store();
    }
    const auto now_seen = play.sight();
    for (const merkle::Sight& earlier : seen) {
        const auto proof = play.prove(
            play.ben, protocol::ProveGrowth{{earlier.size.value}, {now_seen.size.value}});
        REQUIRE(proof.has_value());
        CHECK(merkle::check_consistency(earlier, now_seen, path_of(*proof)).has_value());
    }
    // Everything that was a record then still is, in every tree since.
    for (std::uint64_t seq = 1; seq <= 5; ++seq)
        CHECK(play.is_recorded(play.ben, play.first, seq, seen.at(12)));
}

TEST_CASE("an append that is refused or repeated is no record") {
    Play play;
    const auto letter = play.first.post(0, "once");
    REQUIRE(play.ask(play.ana.asker(), play.first.post(0, letter.entries)).has_value());
    REQUIRE(play.ask(play.ana.asker(), play.first.post(0, letter.entries)).has_value());
    auto reused = letter.entries;
    reused.insert(reused.begin(), {EntryId::random(chance()), to_bytes("new")});
    reused.back().payload = to_bytes("other");
    CHECK(play.refusal(play.ana.asker(), play.first.post(0, reused)) == Code::id_reused);
    CHECK(play.checkpoint().size.value == 1);
}

TEST_CASE(
    "a proof is for who reads the log, a checkpoint for every device, and neither for others") {
    Play play;
    play.say(play.second, "one");
    const auto of_record = protocol::ProveRecord{play.second.log, {1}, {1}};
    CHECK(play.refusal(play.ana.reading(), of_record) == Code::unknown);
    CHECK(play.refusal(play.ben.reading(), of_record) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), of_record) == Code::refused);
    const auto refused = [&](std::uint64_t seq, std::uint64_t size) {
        return play.refusal(play.ana.reading(),
                            protocol::ProveRecord{play.second.log, {seq}, {size}}) == Code::refused;
    };
    constexpr std::uint64_t huge = ~std::uint64_t{0};
    CHECK(refused(0, 1));
    CHECK(refused(2, 1));
    CHECK(refused(huge, 1));
    CHECK(refused(1, 0));
    CHECK(refused(1, 2));
    CHECK(refused(1, huge));
    for (const auto& [earlier, later] : {std::pair(0U, 2U), std::pair(2U, 1U), std::pair(5U, 6U)}) {
        CHECK(play.refusal(play.ben.asker(), protocol::ProveGrowth{{earlier}, {later}}) ==
              Code::refused);
    }
    CHECK(play.refusal(Asker{}, protocol::GetCheckpoint{}) == Code::refused);
    CHECK(play.refusal(play.officer.asker(), protocol::ProveGrowth{}) == Code::refused);
}

TEST_CASE("a recorded log is made once, and is no other that a like request makes") {
    Play play;
    Talk talk;
    const auto creation = talk.creation({play.ana.reader_key()});
    const protocol::CreateRecordedLog recorded{talk.log, talk.verifier(0), {play.ana.reader_key()}};
    REQUIRE(play.ask(play.ana.asker(), recorded).has_value());
    CHECK(play.ask(play.ana.asker(), recorded).has_value());
    CHECK(play.refusal(play.ana.asker(), creation) == Code::refused);
}

TEST_CASE("records that their retention lets go stay in the tree") {
    Play play;
    for (const char* text : {"one", "two", "three"})
        play.say(play.first, text);
    const auto before = play.sight();
    for (const Actor* actor : {&play.ana, &play.ben}) {
        REQUIRE(play.ask(actor->reading(), protocol::Acknowledge{play.first.log, {3}, {0}})
                    .has_value());
    }
    Retention retention;
    play.now.value += 10'000;
    REQUIRE(trim_once(*play.store, retention, std::nullopt, play.now).has_value());
    CHECK(play.texts(play.ben, play.first.log).size() == 3);
    retention.records = Duration{5'000};
    REQUIRE(trim_once(*play.store, retention, std::nullopt, play.now).has_value());
    CHECK(play.texts(play.ben, play.first.log).empty());
    CHECK(play.sight().root == before.root);
    play.say(play.first, "four");
    CHECK(verify(*play.store).has_value());
    const auto proof = play.prove(play.ana, protocol::ProveGrowth{{3}, {4}});
    REQUIRE(proof.has_value());
    CHECK(merkle::check_consistency(before, play.sight(), path_of(*proof)).has_value());
}

TEST_CASE("a checkpoint is signed by the key that devices know the relay by") {
    Town town;
    Peer ana = town.session(town.ana);
    const auto answer = ana.ask(protocol::GetCheckpoint{});
    REQUIRE(answer.has_value());
    const auto& said = std::get<protocol::SignedCheckpoint>(*answer);
    CHECK(access::verify(town.identity.signing_key().public_key(),
                         access::Label::Checkpoint,
                         said.checkpoint,
                         said.signature)
              .has_value());
    const auto checkpoint = codec::decode<merkle::Checkpoint>(said.checkpoint);
    REQUIRE(checkpoint.has_value());
    CHECK(checkpoint->incarnation == ana.greeting.incarnation.bytes);
}
