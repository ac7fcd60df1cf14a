// SPDX-License-Identifier: AGPL-3.0-or-later

// Entries that came lately are known in memory alone until they are settled (recent.h). Nobody who
// asks the store is to see a difference, and no crash is to make one.

#include <catch2/catch_test_macros.hpp>

#include "relay/chain.h"
#include "relay/log_schema.h"
#include "relay/verify.h"
#include "store/simulated_disk.h"
#include "store/transaction.h"
#include "tests/stage/stage.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using store::SimulatedDisk;
using store::Trouble;

EntryId id_of(std::uint8_t log, std::uint64_t seq) {
    // Not in the order of the positions.
    return {{static_cast<std::uint8_t>(seq * 97), log, static_cast<std::uint8_t>(seq)}};
}

/// A relay's store on a disk in memory, and logs that are numbered.
struct Machine {
    vectors::SeededRandom random{1};
    SimulatedDisk disk{random};
    std::unique_ptr<LogStore> store;

    /// Whether it opens.
    bool start() {
        auto opened = open_sqlite_store(disk.place("/relay.db"), random);
        if (opened.has_value()) store = *std::move(opened);
        return opened.has_value();
    }

    /// The process ends at once, and starts again.
    void kill() {
        disk.crash(store::Ending::Killed);
        restart();
    }

    void restart() {
        store.reset();
        disk.forget_plan();
        disk.revive();
        REQUIRE(start());
    }

    [[nodiscard]] store::Database open_raw() {
        store.reset();
        disk.revive();
        store::Place place = disk.place("/relay.db");
        place.pages = store::Pages::Checked;
        return must(store::Database::open(place));
    }

    /// Behind the store's back.
    void edit(store::Sql sql) {
        auto database = open_raw();
        auto transaction = must(database.begin());
        must(transaction.run(sql));
        must(std::move(transaction).commit());
    }

    [[nodiscard]] std::uint64_t settled_head(std::uint8_t log) {
        auto database = open_raw();
        return std::get<0>(*must(
            database.one<std::uint64_t>("SELECT head FROM logs WHERE id = ?1", LogId{{log}})));
    }

    Result<void> found(std::uint8_t log) const {
        return store->transact([&](LogTables& tables) -> Result<void> {
            Log made{};
            made.id = {{log}};
            made.kind = LogKind::Conversation;
            TRY_VOID(tables.insert_log(made));
            return tables.epochs().insert_candidate(made.id, {{0}, {0}, {}});
        });
    }

    /// Each log's next entries, one after the other, in one transaction.
    Result<void> append(std::vector<std::uint8_t> logs) const {
        return store->transact([&](LogTables& tables) -> Result<void> {
            for (const std::uint8_t log : logs)
                TRY_VOID(append_one(tables, log));
            return {};
        });
    }

    static Result<void> append_one(LogTables& tables, std::uint8_t number) {
        TRY(const auto log, tables.find_log({{number}}));
        protocol::Entry entry{log->head.next(),
                              protocol::EntryKind::Application,
                              {},
                              {log->head.value + 100},
                              Bytes(900, number),
                              {}};
        entry.chain = chain_after(log->chain, log->id, entry);
        return tables.append(log->id, entry, id_of(number, entry.seq.value), content_hash(entry));
    }

    template <class T>
    T look(const std::function<Result<T>(LogTables&)>& work) const {
        std::optional<T> seen;
        const auto done = store->look([&](LogTables& tables) -> Result<void> {
            TRY(seen, work(tables));
            return {};
        });
        REQUIRE(done.has_value());
        return *std::move(seen);
    }

    [[nodiscard]] std::uint64_t head(std::uint8_t number) const {
        return look<std::uint64_t>([&](LogTables& tables) -> Result<std::uint64_t> {
            TRY(const auto log, tables.find_log({{number}}));
            return log ? log->head.value : 0;
        });
    }

    [[nodiscard]] std::vector<std::uint64_t> positions(std::uint8_t log,
                                                       std::uint64_t first,
                                                       std::size_t most) const {
        using Positions = std::vector<std::uint64_t>;
        return look<Positions>([&](LogTables& tables) -> Result<Positions> {
            TRY(const auto entries, tables.entries({{log}}, {first}, {1'000}, most, 1U << 20U));
            Positions found;
            for (const auto& entry : entries)
                found.push_back(entry.seq.value);
            return found;
        });
    }

    /// Every id of the log stands for its position.
    void check_ids(std::uint8_t log, std::uint64_t upto) const {
        for (std::uint64_t seq = 1; seq <= upto; ++seq) {
            const auto outcome = look<std::optional<Outcome>>(
                [&](LogTables& tables) { return tables.find_outcome({{log}}, id_of(log, seq)); });
            REQUIRE(outcome.has_value());
            CHECK(outcome->seq.value == seq);
        }
    }
};

using Positions = std::vector<std::uint64_t>;

/// Two logs, a part of each settled and a part not: 1 has 5, of which 3 are settled; 2 has 2, none.
struct Mixed : Machine {
    Mixed() {
        REQUIRE(start());
        REQUIRE(found(1).has_value());
        REQUIRE(append({1, 1, 1}).has_value());
        store.reset();  // settles
        REQUIRE(start());
        REQUIRE(found(2).has_value());
        REQUIRE(append({1, 2, 1, 2}).has_value());
    }
};

}  // namespace

TEST_CASE("entries are read, counted and verified alike, settled or not") {
    for (const bool killed : {false, true}) {
        INFO("killed: " << killed);
        Mixed machine;
        if (killed) machine.kill();
        CHECK(machine.head(1) == 5);
        CHECK(machine.head(2) == 2);
        CHECK(machine.positions(1, 1, 100) == Positions{1, 2, 3, 4, 5});
        CHECK(machine.positions(1, 3, 2) == Positions{3, 4});
        CHECK(machine.positions(1, 1, 3) == Positions{1, 2, 3});
        CHECK(machine.positions(1, 5, 9) == Positions{5});
        CHECK(machine.positions(2, 2, 9) == Positions{2});
        CHECK(machine.positions(2, 3, 9).empty());
        machine.check_ids(1, 5);
        machine.check_ids(2, 2);
        const auto sizes = machine.look<std::vector<EntrySize>>(
            [](LogTables& tables) { return tables.first_sizes({{1}}, 4); });
        REQUIRE(sizes.size() == 4);
        CHECK(sizes.back().seq == Seq{4});
        CHECK(sizes.back().bytes == 900);
        CHECK(sizes.back().stamp == Stamp{103});
        const auto verified = verify(*machine.store);
        REQUIRE(verified.has_value());
        CHECK(verified->entries == 7);
        // And they are gone on with.
        REQUIRE(machine.append({1, 2}).has_value());
        CHECK(machine.head(1) == 6);
        CHECK(machine.head(2) == 3);
        CHECK(verify(*machine.store).has_value());
    }
}

TEST_CASE("an id that stands for an entry takes no other one, settled or not") {
    Mixed machine;
    const auto again = machine.store->transact([](LogTables& tables) -> Result<void> {
        TRY(const auto log, tables.find_log({{2}}));
        protocol::Entry entry{
            log->head.next(), protocol::EntryKind::Application, {}, {}, to_bytes("other"), {}};
        entry.chain = chain_after(log->chain, log->id, entry);
        return tables.append(log->id, entry, id_of(2, 1), content_hash(entry));
    });
    CHECK(again.error().code == Code::already_exists);
    CHECK(machine.head(2) == 2);
}

TEST_CASE("what is not settled can be trimmed, and goes with its log") {
    Mixed machine;
    REQUIRE(machine.store->transact([](LogTables& tables) { return tables.trim({{1}}, {4}); })
                .has_value());
    CHECK(machine.positions(1, 1, 9) == Positions{5});
    machine.check_ids(1, 5);
    machine.kill();
    CHECK(machine.positions(1, 1, 9) == Positions{5});
    machine.check_ids(1, 5);
    REQUIRE(machine.store->transact([](LogTables& tables) { return tables.delete_log({{2}}); })
                .has_value());
    const auto counts = machine.look<Counts>([](LogTables& tables) { return tables.counts(); });
    CHECK(counts.entries == 1);
    CHECK(verify(*machine.store).has_value());
    machine.kill();
    CHECK(verify(*machine.store).has_value());
}

TEST_CASE("a transaction that fails leaves what is not settled as it was") {
    Mixed machine;
    const auto failed = machine.store->transact([](LogTables& tables) -> Result<void> {
        TRY_VOID(Machine::append_one(tables, 1));
        TRY_VOID(tables.trim({{1}}, {4}));
        const auto attempted = tables.attempt([&]() -> Result<void> {
            TRY_VOID(Machine::append_one(tables, 2));
            return fail(Code::refused, "a test's refusal");
        });
        CHECK(attempted.error().code == Code::refused);
        TRY_VOID(tables.delete_log({{2}}));
        return fail(Code::disk_fault, "a test's fault");
    });
    CHECK(failed.error().code == Code::disk_fault);
    CHECK(machine.positions(1, 1, 9) == Positions{1, 2, 3, 4, 5});
    CHECK(machine.positions(2, 1, 9) == Positions{1, 2});
    machine.check_ids(1, 5);
    machine.check_ids(2, 2);
    CHECK(verify(*machine.store).has_value());
}

TEST_CASE("a crash at any step of appending and settling loses, doubles and disorders nothing") {
    std::size_t crashes = 0;
    for (const auto kind : {Trouble::Kind::Kill, Trouble::Kind::PowerLoss}) {
        for (std::uint64_t after = 1;; ++after) {
            INFO("operation " << after);
            Mixed machine;
            std::uint64_t answered = 0;
            bool crashed = false;
            machine.disk.set_on_crash([&crashed] { crashed = true; });
            machine.disk.plan({kind, after});
            for (int round = 0; round < 2 && !crashed; ++round) {
                for (int at = 0; at < 2 && !crashed; ++at) {
                    if (machine.append({1, 2, 2}).has_value()) ++answered;
                }
                machine.store.reset();  // settles
                if (!crashed && !machine.start()) break;
            }
            if (!crashed) break;
            ++crashes;
            machine.restart();
            const std::uint64_t there = machine.head(1) - 5;
            CHECK((there == answered || there == answered + 1));
            CHECK(machine.head(2) == 2 + 2 * there);
            CHECK(machine.positions(1, 1, 100).size() == 5 + there);
            CHECK(machine.positions(2, 1, 100).size() == 2 + 2 * there);
            machine.check_ids(1, 5 + there);
            machine.check_ids(2, 2 + 2 * there);
            CHECK(verify(*machine.store).has_value());
        }
    }
    CHECK(crashes > 40);
}

TEST_CASE("damage in one log's rows keeps no other log from being settled") {
    Mixed machine;
    machine.kill();
    // Where the first log's next entry is to go, another one stands already.
    machine.disk.crash(store::Ending::Killed);
    machine.edit(
        "INSERT INTO positions (log, seq, entry) SELECT log, 4, 1 FROM positions"
        " WHERE seq = 3");
    REQUIRE(machine.start());
    machine.store.reset();  // settles what it can
    CHECK(machine.settled_head(1) == 3);
    CHECK(machine.settled_head(2) == 2);
    // It is known as before, and as damaged.
    REQUIRE(machine.start());
    CHECK(machine.head(1) == 5);
    CHECK(verify(*machine.store).error().code == Code::store_corrupt);
    CHECK(machine.append({1, 2}).has_value());
}

TEST_CASE("a store does not open whose unsettled entries have a gap, or belong to no log") {
    constexpr std::array<store::Sql, 4> edits{
        "DELETE FROM entries WHERE number = (SELECT max(number) - 2 FROM entries)",
        "UPDATE entries SET id = NULL WHERE number = (SELECT max(number) FROM entries)",
        "UPDATE entries SET log = x'0907' WHERE number = (SELECT max(number) FROM entries)",
        "UPDATE entries SET id = (SELECT id FROM entries WHERE number ="
        " (SELECT max(number) - 2 FROM entries)) WHERE number = (SELECT max(number) FROM entries)",
    };
    for (const store::Sql sql : edits) {
        INFO(sql.text);
        Mixed machine;
        machine.disk.crash(store::Ending::Killed);
        machine.edit(sql);
        const auto opened = open_sqlite_store(machine.disk.place("/relay.db"), machine.random);
        REQUIRE_FALSE(opened.has_value());
        CHECK(opened.error().code == Code::store_corrupt);
    }
}

TEST_CASE("a store from before entries were settled is opened with all it has") {
    Machine machine;
    {
        auto database = machine.open_raw();
        must(database.migrate(std::span(log_schema).first(5)));
        auto transaction = must(database.begin());
        must(
            transaction.run("INSERT INTO relay (one, incarnation, last_order, last_content)"
                            " VALUES (1, zeroblob(16), 0, zeroblob(32))"));
        const LogId id{{1}};
        Log log{};
        log.id = id;
        must(
            transaction.run("INSERT INTO logs (id, kind, head, chain, epoch, bytes, founding)"
                            " VALUES (?1, 1, 0, zeroblob(32), 0, 0, zeroblob(32))",
                            id));
        must(
            transaction.run("INSERT INTO verifiers (log, epoch, candidate, token, bundle)"
                            " VALUES (?1, 0, 0, zeroblob(32), zeroblob(32))",
                            id));
        for (std::uint64_t seq = 1; seq <= 3; ++seq) {
            protocol::Entry entry{
                {seq}, protocol::EntryKind::Application, {}, {seq}, to_bytes("old"), {}};
            entry.chain = chain_after(log.chain, id, entry);
            log.chain = entry.chain;
            must(
                transaction.run("INSERT INTO entries (log, seq, kind, epoch, stamp, payload, chain)"
                                " VALUES (?1, ?2, 1, 0, ?2, ?3, ?4)",
                                id,
                                entry.seq,
                                entry.payload,
                                entry.chain));
            must(transaction.run(
                "INSERT INTO outcomes (log, id, content, seq) VALUES (?1, ?2, ?3, ?4)",
                id,
                id_of(1, seq),
                content_hash(entry),
                entry.seq));
        }
        must(transaction.run("UPDATE logs SET head = 3, bytes = 9, chain = ?1", log.chain));
        must(std::move(transaction).commit());
    }
    REQUIRE(machine.start());
    CHECK(machine.positions(1, 1, 9) == Positions{1, 2, 3});
    machine.check_ids(1, 3);
    REQUIRE(machine.append({1, 1}).has_value());
    machine.kill();
    CHECK(machine.positions(1, 1, 9) == Positions{1, 2, 3, 4, 5});
    CHECK(verify(*machine.store)->entries == 5);
}
