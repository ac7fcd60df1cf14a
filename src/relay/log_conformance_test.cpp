// SPDX-License-Identifier: AGPL-3.0-or-later

// What every store of logs must do, whatever lies below it. Written against relay/log.h alone;
// a further implementation adds its name to the list of openers.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "relay/chain.h"
#include "relay/log.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Opener {
    const char* name;
    std::unique_ptr<LogStore> (*open)(const Directory&);
};

constexpr Opener openers[]{
    {"SQLite", [](const Directory& directory) { return directory.open_store(); }},
};

Log new_log() {
    Log log{};
    log.id = LogId::random(chance());
    log.kind = LogKind::Conversation;
    return log;
}

protocol::Entry entry_after(const Log& log, std::string_view text) {
    protocol::Entry entry{
        log.head.next(), protocol::EntryKind::Application, {}, {5}, to_bytes(text), {}};
    entry.chain = chain_after(log.chain, log.id, entry);
    return entry;
}

Result<void> append(LogTables& tables, const LogId& id, std::string_view text) {
    TRY(const auto log, tables.find_log(id));
    const auto entry = entry_after(*log, text);
    return tables.append(id, entry, EntryId::random(chance()), content_hash(entry));
}

std::size_t entry_count(LogStore& store, const LogId& id) {
    std::size_t count = 0;
    REQUIRE(store
                .look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto entries, tables.entries(id, {1}, {1000}, 1000, 1 << 20));
                    count = entries.size();
                    return {};
                })
                .has_value());
    return count;
}

}  // namespace

TEST_CASE("a store keeps what a transaction committed, over a restart") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const Log log = new_log();
    {
        const auto store = opener.open(directory);
        REQUIRE(store
                    ->transact([&](LogTables& tables) -> Result<void> {
                        TRY_VOID(tables.insert_log(log));
                        TRY_VOID(append(tables, log.id, "one"));
                        return append(tables, log.id, "two");
                    })
                    .has_value());
    }
    const auto store = opener.open(directory);
    CHECK(entry_count(*store, log.id) == 2);
    REQUIRE(store
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto kept, tables.find_log(log.id));
                    CHECK(kept->head.value == 2);
                    CHECK(kept->bytes == 6);
                    return {};
                })
                .has_value());
}

TEST_CASE("a store keeps its incarnation over a restart") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto incarnation = [&] {
        const auto store = opener.open(directory);
        protocol::Incarnation found{};
        REQUIRE(store
                    ->look([&](LogTables& tables) -> Result<void> {
                        TRY(const Identity identity, tables.identity());
                        found = identity.incarnation;
                        return {};
                    })
                    .has_value());
        return found;
    };
    const auto first = incarnation();
    CHECK(first == incarnation());
    CHECK(first != protocol::Incarnation{});
}

TEST_CASE("a transaction that fails leaves nothing, and an attempt that fails only its own part") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log kept = new_log();
    const Log undone = new_log();
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    TRY_VOID(tables.insert_log(kept));
                    const auto tried = tables.attempt([&]() -> Result<void> {
                        TRY_VOID(tables.insert_log(undone));
                        return fail(Code::refused, "a test's refusal");
                    });
                    CHECK(tried.error().code == Code::refused);
                    return append(tables, kept.id, "one");
                })
                .has_value());
    CHECK_FALSE(store
                    ->transact([&](LogTables& tables) -> Result<void> {
                        TRY_VOID(append(tables, kept.id, "two"));
                        return fail(Code::disk_fault, "a test's fault");
                    })
                    .has_value());
    CHECK(entry_count(*store, kept.id) == 1);
    REQUIRE(store
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto found, tables.find_log(undone.id));
                    CHECK_FALSE(found.has_value());
                    return {};
                })
                .has_value());
}

TEST_CASE("a store appends at the head only, once each, and says so") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    REQUIRE(store->transact([&](LogTables& tables) { return tables.insert_log(log); }).has_value());
    const auto entry = entry_after(log, "one");
    const auto add = [&](const protocol::Entry& one) {
        return store->transact([&](LogTables& tables) {
            return tables.append(log.id, one, EntryId::random(chance()), content_hash(one));
        });
    };
    REQUIRE(add(entry).has_value());
    CHECK(add(entry).error().code == Code::already_exists);
    auto later = entry;
    later.seq = {9};
    CHECK(add(later).error().code == Code::already_exists);
    CHECK(entry_count(*store, log.id) == 1);
}

TEST_CASE("a store hands out entries in order, as many and as large as asked, at least one") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    TRY_VOID(tables.insert_log(log));
                    for (int at = 0; at < 10; ++at) {
                        const auto appended = append(tables, log.id, "0123456789");
                        TRY_VOID(appended);
                    }
                    return {};
                })
                .has_value());
    const auto found =
        [&](std::uint64_t first, std::uint64_t last, std::size_t most, std::size_t bytes) {
            std::vector<std::uint64_t> positions;
            REQUIRE(store
                        ->look([&](LogTables& tables) -> Result<void> {
                            TRY(const auto entries,
                                tables.entries(log.id, {first}, {last}, most, bytes));
                            for (const auto& entry : entries)
                                positions.push_back(entry.seq.value);
                            return {};
                        })
                        .has_value());
            return positions;
        };
    using Positions = std::vector<std::uint64_t>;
    CHECK(found(2, 4, 100, 1000) == Positions{2, 3, 4});
    CHECK(found(2, 9, 2, 1000) == Positions{2, 3});
    CHECK(found(1, 9, 100, 35) == Positions{1, 2, 3});
    CHECK(found(5, 9, 100, 1) == Positions{5});
    CHECK(found(11, 20, 100, 1000).empty());
    CHECK(found(~std::uint64_t{0}, ~std::uint64_t{0}, 100, 1000).empty());
    CHECK(found(9, ~std::uint64_t{0}, 100, 1000) == Positions{9, 10});
}

TEST_CASE("a log that is deleted takes with it all that hangs on it") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    const EntryId id = EntryId::random(chance());
    const ReaderKey reader = as<ReaderKey>(new_key());
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    TRY_VOID(tables.insert_log(log));
                    const auto entry = entry_after(log, "one");
                    TRY_VOID(tables.append(log.id, entry, id, content_hash(entry)));
                    TRY_VOID(tables.put_reader(log.id, {reader, {1}, std::nullopt}));
                    TRY_VOID(tables.epochs().insert_candidate(log.id, {{0}, {0}, {}}));
                    TRY_VOID(tables.put_package(log.id, ContentHash{}, to_bytes("package")));
                    TRY_VOID(tables.delete_log(log.id));
                    TRY(const auto outcome, tables.find_outcome(log.id, id));
                    CHECK_FALSE(outcome.has_value());
                    TRY(const auto found, tables.find_reader(log.id, reader));
                    CHECK_FALSE(found.has_value());
                    TRY(const auto verifiers, tables.epochs().candidates(log.id, {0}));
                    CHECK(verifiers.empty());
                    TRY(const auto packages, tables.count_packages(log.id));
                    CHECK(packages == 0);
                    TRY(const auto counts, tables.counts());
                    CHECK(counts.entries == 0);
                    return {};
                })
                .has_value());
}

TEST_CASE("an epoch may have several candidates, which a store keeps apart") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    TRY_VOID(tables.insert_log(log));
                    TRY_VOID(tables.epochs().insert_candidate(log.id, {{1}, {7}, {}}));
                    TRY_VOID(tables.epochs().insert_candidate(log.id, {{1}, {4}, {}}));
                    TRY_VOID(tables.epochs().insert_candidate(log.id, {{2}, {9}, {}}));
                    TRY(const auto found, tables.epochs().candidates(log.id, {1}));
                    REQUIRE(found.size() == 2);
                    CHECK(found.at(0).position.value == 4);
                    CHECK(found.at(1).position.value == 7);
                    TRY(const auto third, tables.epochs().candidate_at(log.id, {9}));
                    REQUIRE(third.has_value());
                    CHECK(third->epoch == Epoch{2});
                    TRY(const auto none, tables.epochs().candidate_at(log.id, {8}));
                    CHECK_FALSE(none.has_value());
                    return {};
                })
                .has_value());
}

TEST_CASE("a bundle ends the candidates that have the key it was signed with, and no others") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    const auto key = as<protocol::BundleKey>(new_key());
    const auto author = as<ReaderKey>(new_key());
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    EpochTables& epochs = tables.epochs();
                    TRY_VOID(tables.insert_log(log));
                    TRY_VOID(epochs.insert_candidate(log.id, {{1}, {4}, {{}, key}, author, {2}}));
                    TRY_VOID(epochs.insert_candidate(log.id, {{1}, {7}, {}}));
                    TRY_VOID(epochs.insert_candidate(log.id, {{2}, {9}, {{}, key}}));
                    TRY_VOID(epochs.end_candidates(log.id, {1}, key, {9}));
                    TRY(const auto found, epochs.candidates(log.id, {1}));
                    REQUIRE(found.size() == 2);
                    CHECK(found.at(0).author == author);
                    CHECK(found.at(0).parent == Seq{2});
                    CHECK(found.at(0).ended == Seq{9});
                    CHECK(found.at(1).ended == Seq{0});
                    TRY(const auto later, epochs.candidates(log.id, {2}));
                    CHECK(later.at(0).ended == Seq{0});
                    return {};
                })
                .has_value());
}

TEST_CASE("departures stay until their bundle's are deleted, and each follower counts once") {
    const auto opener = GENERATE(from_range(std::begin(openers), std::end(openers)));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log log = new_log();
    const auto ana = as<ReaderKey>(new_key());
    const auto ben = as<ReaderKey>(new_key());
    REQUIRE(store
                ->transact([&](LogTables& tables) -> Result<void> {
                    EpochTables& epochs = tables.epochs();
                    TRY_VOID(tables.insert_log(log));
                    TRY_VOID(epochs.insert_departure(log.id, {{9}, ana}));
                    TRY_VOID(epochs.insert_departure(log.id, {{4}, ben}));
                    const std::vector<Departure> both{{{4}, ben}, {{9}, ana}};
                    TRY(const auto waiting, epochs.departures(log.id));
                    CHECK(waiting == both);
                    TRY(const auto one, epochs.add_follower(log.id, {4}, ana));
                    TRY(const auto again, epochs.add_follower(log.id, {4}, ana));
                    TRY(const auto two, epochs.add_follower(log.id, {4}, ben));
                    CHECK(one == 1);
                    CHECK(again == 1);
                    CHECK(two == 2);
                    TRY_VOID(epochs.delete_departures(log.id, {4}));
                    TRY(const auto left, epochs.departures(log.id));
                    CHECK(left == std::vector<Departure>{{{9}, ana}});
                    TRY(const auto anew, epochs.add_follower(log.id, {4}, ana));
                    CHECK(anew == 1);
                    return {};
                })
                .has_value());
}
