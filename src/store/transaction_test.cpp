// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/transaction.h"

#include <array>
#include <concepts>
#include <csignal>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

constexpr std::array<Sql, 1> tables{"CREATE TABLE notes (number INTEGER PRIMARY KEY, body BLOB);"};

Database open_notes(const Scratch& scratch) {
    auto database = Database::open({scratch / "notes.db"});
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(tables).has_value());
    return *std::move(database);
}

Result<void> insert(Transaction& transaction, int number) {
    return transaction.run("INSERT INTO notes (number, body) VALUES (?1, ?2)", number, Bytes{1});
}

std::int64_t count(Database& database) {
    return std::get<0>(database.one<std::int64_t>("SELECT count(*) FROM notes").value().value());
}

// Without std::movable's assignments, so that only construction is asked about.
template <class T>
concept MadeFromInt = std::constructible_from<Durable<int>, T>;

}  // namespace

TEST_CASE("a durable value comes out of a commit and from nowhere else") {
    static_assert(!MadeFromInt<int>);
    static_assert(!std::default_initializable<Durable<int>>);
    const Scratch scratch;
    Database database = open_notes(scratch);
    auto transaction = database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(insert(*transaction, 1).has_value());
    auto durable = std::move(*transaction).commit(std::string("ciphertext"));
    REQUIRE(durable.has_value());
    CHECK(durable->value() == "ciphertext");
    CHECK(std::move(*durable).take() == "ciphertext");
    CHECK(count(database) == 1);
}

TEST_CASE("a transaction that is not committed never happened") {
    const Scratch scratch;
    Database database = open_notes(scratch);
    {
        auto transaction = database.begin();
        REQUIRE(insert(*transaction, 1).has_value());
    }
    CHECK(count(database) == 0);
    // And leaves the way free for the next.
    auto transaction = database.begin();
    REQUIRE(insert(*transaction, 1).has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
    CHECK(count(database) == 1);
}

TEST_CASE("a savepoint undoes its part and nothing else") {
    const Scratch scratch;
    Database database = open_notes(scratch);
    auto transaction = database.begin();
    REQUIRE(insert(*transaction, 1).has_value());
    {
        auto part = transaction->savepoint();
        REQUIRE(part.has_value());
        REQUIRE(insert(*transaction, 2).has_value());
        CHECK(insert(*transaction, 2).error().code == Code::already_exists);
    }
    {
        auto part = transaction->savepoint();
        REQUIRE(insert(*transaction, 3).has_value());
        REQUIRE(std::move(*part).keep().has_value());
    }
    REQUIRE(std::move(*transaction).commit().has_value());
    const auto rows = database.all<int>("SELECT number FROM notes ORDER BY number");
    REQUIRE(rows.has_value());
    CHECK(*rows == std::vector<std::tuple<int>>{{1}, {3}});
}

TEST_CASE("a full disk is said to be full, nothing of the transaction stays, and it recovers") {
    const Scratch scratch;
    Database database = open_notes(scratch);
    // A limit on the size of files stands in for a full disk: write() fails half-way.
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    struct sigaction before{};
    REQUIRE(::sigaction(SIGXFSZ, &ignore, &before) == 0);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit small{256 * 1024, limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto insert_much = [&database]() -> Result<void> {
        TRY(auto transaction, database.begin());
        TRY_VOID(transaction.run("INSERT INTO notes (number, body) VALUES (1, ?1)",
                                 Bytes(1024 * 1024, 7)));
        return std::move(transaction).commit();
    };
    const auto outcome = insert_much();
    REQUIRE_FALSE(outcome.has_value());
    const bool said =
        outcome.error().code == Code::disk_full || outcome.error().code == Code::disk_fault;
    CHECK(said);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    REQUIRE(::sigaction(SIGXFSZ, &before, nullptr) == 0);
    CHECK(count(database) == 0);
    auto again = database.begin();
    REQUIRE(insert(*again, 1).has_value());
    CHECK(std::move(*again).commit().has_value());
}

TEST_CASE("what was committed survives a kill at any moment, and what was not does not") {
    const Scratch scratch;
    for (int round = 0; round < 5; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            auto database = Database::open({scratch / "notes.db"});
            if (!database.has_value() || !database->migrate(tables).has_value()) ::_exit(1);
            for (int number = round * 1000; number < (round + 1) * 1000; ++number) {
                auto transaction = database->begin();
                if (!transaction.has_value() || !insert(*transaction, number).has_value() ||
                    !std::move(*transaction).commit().has_value() ||
                    ::write(ends[1], &number, sizeof number) != sizeof number) {
                    ::_exit(1);
                }
            }
            ::_exit(1);
        }
        ::close(ends[1]);
        // Killed somewhere after its (7 * round)th acknowledgement.
        int acknowledged = -1;
        for (int read = 0; read <= 7 * round; ++read) {
            REQUIRE(::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
        }
        REQUIRE(::kill(child, SIGKILL) == 0);
        while (::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
        }
        ::close(ends[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        Database database = open_notes(scratch);
        const auto kept = database.one<int>("SELECT max(number) FROM notes");
        REQUIRE(kept.has_value());
        CHECK(std::get<0>(**kept) >= acknowledged);
        CHECK(database.check_integrity().has_value());
    }
}
