// SPDX-License-Identifier: AGPL-3.0-or-later

// What is remembered of a log lets its writers in without the tables (known_logs.h). It never says
// anything else than they would.

#include <catch2/catch_test_macros.hpp>

#include "relay/chain.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
        REQUIRE(positions(ana.asker(), talk.post(0, "one")) == std::vector<std::uint64_t>{1});
    }

    [[nodiscard]] std::optional<KnownLog> recall() const {
        std::optional<KnownLog> known;
        REQUIRE(store
                    ->look([&](LogTables& tables) -> Result<void> {
                        known = tables.recall_log(talk.log);
                        return {};
                    })
                    .has_value());
        return known;
    }

    [[nodiscard]] Log stored() const {
        std::optional<Log> log;
        REQUIRE(store
                    ->look([&](LogTables& tables) -> Result<void> {
                        TRY(log, tables.find_log(talk.log));
                        return {};
                    })
                    .has_value());
        return log.value();
    }

    /// Whether that is forgotten by it, after an append that was remembered.
    bool forgets(const LogStore::Work& change) {
        REQUIRE(positions(ana.asker(), talk.post(0, "again")).size() == 1);
        REQUIRE(recall().has_value());
        REQUIRE(store->transact(change).has_value());
        return !recall().has_value();
    }

    Actor ana{};
    Actor ben{};
    Talk talk{};
};

}  // namespace

TEST_CASE("what is remembered of a log goes with its end") {
    Play play;
    for (int at = 0; at < 3; ++at) {
        REQUIRE(play.positions(play.ben.asker(), play.talk.post(0, "more")).size() == 1);
        const auto known = play.recall();
        REQUIRE(known.has_value());
        const Log stored = play.stored();
        CHECK(known->log.head == stored.head);
        CHECK(known->log.chain == stored.chain);
        CHECK(known->log.bytes == stored.bytes);
    }
}

TEST_CASE("attack: who could write once is not let in by memory after the epoch has ended") {
    Play play;
    REQUIRE(play.positions(play.ana.asker(),
                           play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0)))
                .size() == 1);
    CHECK(play.refusal(play.ben.asker(), play.talk.post(0, "late")) == Code::stale);
    CHECK(play.positions(play.ben.asker(), play.talk.post(1, "right")).size() == 1);
    // Each refusal undoes its transaction here, and with it what was remembered.
    REQUIRE(play.recall().has_value());
    auto other_epoch = play.talk.post(0, "mixed");
    other_epoch.token = play.talk.token(1).copy();
    CHECK(play.refusal(play.ben.asker(), std::move(other_epoch)) == Code::refused);
    CHECK(play.positions(play.ben.asker(), play.talk.post(1, "again")).size() == 1);
    REQUIRE(play.recall().has_value());
    CHECK(play.refusal(play.ben.asker(), play.talk.post(0, "late")) == Code::stale);
}

TEST_CASE("attack: a forged token is refused by memory as it is by the tables") {
    Play play;
    REQUIRE(play.recall().has_value());
    auto forged = play.talk.post(0, "forged");
    forged.token = new_token();
    CHECK(play.refusal(play.ben.asker(), std::move(forged)) == Code::refused);
    CHECK(play.positions(play.ben.asker(), play.talk.post(0, "right")).size() == 1);
}

TEST_CASE("whatever changes a log makes it forgotten, unless it is an entry at its end") {
    Play play;
    const LogId log = play.talk.log;
    CHECK(play.forgets([&](LogTables& tables) {
        return tables.put_reader(log, {play.ben.reader_key(), Seq{0}, Seq{1}});
    }));
    CHECK(play.forgets([&](LogTables& tables) { return tables.set_forgetting(log, {1}, {9}); }));
    CHECK(play.forgets([&](LogTables& tables) { return tables.trim(log, {1}); }));
    CHECK(play.forgets(
        [&](LogTables& tables) { return tables.epochs().end_candidates(log, {7}, {}, {1}); }));
    CHECK(play.forgets(
        [&](LogTables& tables) { return tables.epochs().insert_candidate(log, {{1}, {1}, {}}); }));
    CHECK(play.forgets([&](LogTables& tables) { return tables.set_epoch(log, {0}); }));
    CHECK(play.forgets([&](LogTables& tables) { return tables.delete_log(log); }));
}

TEST_CASE("what is undone is not remembered") {
    Play play;
    const auto append_and_fail = [&](LogTables& tables) -> Result<void> {
        TRY(const auto log, tables.find_log(play.talk.log));
        protocol::Entry entry{
            log->head.next(), protocol::EntryKind::Application, {}, {1}, Bytes(9), {}};
        entry.chain = chain_after(log->chain, log->id, entry);
        TRY_VOID(tables.append(log->id, entry, EntryId::random(chance()), content_hash(entry)));
        return fail(Code::disk_fault, "for the test");
    };
    REQUIRE_FALSE(play.store->transact(append_and_fail).has_value());
    CHECK_FALSE(play.recall().has_value());
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, "two")) ==
            std::vector<std::uint64_t>{2});
    // A part of a transaction, too.
    REQUIRE(play.store
                ->transact([&](LogTables& tables) -> Result<void> {
                    CHECK_FALSE(
                        tables.attempt([&] { return append_and_fail(tables); }).has_value());
                    return {};
                })
                .has_value());
    CHECK_FALSE(play.recall().has_value());
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, "three")) ==
          std::vector<std::uint64_t>{3});
}
