// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/simulated_disk.h"

#include <catch2/catch_test_macros.hpp>

#include "store/transaction.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::store;

constexpr std::array<Sql, 1> tables{"CREATE TABLE said (number INTEGER PRIMARY KEY, text TEXT)"};

Secret some_key() {
    return Secret(key_size);
}

Result<Database> open(const Disk& disk) {
    TRY(auto database, Database::open(disk.place("/home/vault.db"), some_key()));
    TRY_VOID(database.migrate(tables));
    return database;
}

Result<void> say(Database& database, std::int64_t number) {
    TRY(auto transaction, database.begin());
    TRY_VOID(transaction.run("INSERT INTO said VALUES (?1, ?2)", number, std::string(900, 'x')));
    return std::move(transaction).commit();
}

std::vector<std::int64_t> said(Database& database) {
    std::vector<std::int64_t> numbers;
    const auto rows = database.all<std::int64_t>("SELECT number FROM said ORDER BY number");
    REQUIRE(rows.has_value());
    for (const auto& [number] : *rows)
        numbers.push_back(number);
    return numbers;
}

/// Says up to twenty things until the disk crashes; how many were called committed.
std::int64_t say_until_crash(SimulatedDisk& disk) {
    std::int64_t committed = 0;
    auto database = open(disk);
    if (!database) return committed;
    for (std::int64_t number = 1; number <= 20; ++number) {
        if (!say(*database, number)) break;
        committed = number;
        if (number == 10 && !database->checkpoint()) break;
    }
    return committed;
}

}  // namespace

TEST_CASE("what a transaction has committed outlives a crash at any operation of the disk") {
    vectors::SeededRandom random(1);
    std::uint64_t crashes = 0;
    for (const auto kind : {Trouble::Kind::PowerLoss, Trouble::Kind::Kill}) {
        for (std::uint64_t at = 1;; ++at) {
            SimulatedDisk disk(random);
            disk.plan({kind, at});
            const std::int64_t committed = say_until_crash(disk);
            if (!disk.dead()) break;
            ++crashes;
            disk.revive();
            auto database = open(disk);
            REQUIRE(database.has_value());
            REQUIRE(database->check_integrity().has_value());
            const auto numbers = said(*database);
            // One more than was answered may be there; nothing is missing, nothing in between.
            REQUIRE(numbers.size() >= static_cast<std::size_t>(committed));
            REQUIRE(numbers.size() <= static_cast<std::size_t>(committed) + 1);
            REQUIRE((numbers.empty() || numbers.back() == std::ssize(numbers)));
        }
    }
    CHECK(crashes > 100);
}

TEST_CASE(
    "a disk that fails or is full at any operation undoes the transaction and loses nothing") {
    vectors::SeededRandom random(2);
    for (const auto kind : {Trouble::Kind::Fault, Trouble::Kind::Full}) {
        for (std::uint64_t at = 1; at <= 120; ++at) {
            SimulatedDisk disk(random);
            std::vector<std::int64_t> committed;
            if (auto database = open(disk)) {
                disk.plan({kind, at});
                for (std::int64_t number = 1; number <= 12; ++number) {
                    if (say(*database, number)) committed.push_back(number);
                }
                disk.forget_plan();
                CHECK(said(*database) == committed);
            }
            disk.crash(Ending::PowerLost);
            disk.revive();
            auto database = open(disk);
            REQUIRE(database.has_value());
            CHECK(said(*database) == committed);
        }
    }
}

TEST_CASE("what a failed sync left behind takes nothing with it that was committed later") {
    vectors::SeededRandom random(6);
    for (std::uint64_t at = 1; at <= 60; ++at) {
        SimulatedDisk disk(random);
        std::int64_t committed = 0;
        if (auto database = open(disk)) {
            disk.plan({Trouble::Kind::Fault, at});
            for (std::int64_t number = 1; number <= 5; ++number) {
                if (!say(*database, number)) break;
            }
            // The process ends, the machine goes on: what was never synced still looks written.
            disk.crash(Ending::Killed);
        }
        disk.revive();
        {
            auto database = open(disk);
            REQUIRE(database.has_value());
            for (std::int64_t number = 11; number <= 15; ++number) {
                REQUIRE(say(*database, number).has_value());
                committed = number;
            }
            disk.crash(Ending::PowerLost);
        }
        disk.revive();
        auto database = open(disk);
        REQUIRE(database.has_value());
        const auto numbers = said(*database);
        CHECK((!numbers.empty() && numbers.back() == committed));
    }
}

TEST_CASE("what was not synced may be lost with the power, and is not with the process") {
    vectors::SeededRandom random(3);
    std::size_t lost = 0;
    for (int round = 0; round < 40; ++round) {
        SimulatedDisk disk(random);
        auto file = disk.open("/file");
        REQUIRE(disk.write_at(*file, 0, view_of("once")).has_value());
        REQUIRE(disk.sync(*file).has_value());
        REQUIRE(disk.write_at(*file, 0, view_of("then")).has_value());
        disk.crash(round % 2 == 0 ? Ending::Killed : Ending::PowerLost);
        disk.revive();
        const auto left = disk.read("/file", 10);
        REQUIRE(left.has_value());
        const std::string text = to_text(left->reveal());
        if (round % 2 == 0) CHECK(text == "then");
        if (text == "once") ++lost;
    }
    CHECK(lost > 5);
    CHECK(lost < 20);
}

TEST_CASE("a disk that lies about syncing loses what was called committed, whole or torn") {
    vectors::SeededRandom random(4);
    std::size_t shorter = 0;
    for (int round = 0; round < 20; ++round) {
        SimulatedDisk disk(random);
        {
            auto database = open(disk);
            REQUIRE(database.has_value());
            disk.set_honesty(Honesty::Lying);
            for (std::int64_t number = 1; number <= 10; ++number)
                REQUIRE(say(*database, number).has_value());
            disk.crash(Ending::PowerLost);
        }
        disk.revive();
        auto database = open(disk);
        if (!database || said(*database).size() < 10) ++shorter;
    }
    CHECK(shorter > 0);
}

TEST_CASE("a private file is written whole or not at all, wherever the machine crashes") {
    vectors::SeededRandom random(5);
    std::size_t before = 0;
    std::size_t after = 0;
    for (std::uint64_t at = 1; at <= 4; ++at) {
        for (int round = 0; round < 10; ++round) {
            SimulatedDisk disk(random);
            REQUIRE(disk.write("/slot", view_of("old")).has_value());
            disk.plan({Trouble::Kind::PowerLoss, at});
            CHECK_FALSE(disk.write("/slot", view_of("new")).has_value());
            disk.revive();
            const auto left = disk.read("/slot", 10);
            REQUIRE(left.has_value());
            const std::string text = to_text(left->reveal());
            CHECK((text == "old" || text == "new"));
            ++(text == "old" ? before : after);
        }
    }
    CHECK(before > 0);
    CHECK(after > 0);
}
