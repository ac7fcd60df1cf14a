// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/copying.h"

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "store/transaction.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

constexpr std::array<Sql, 1> tables{"CREATE TABLE notes (number INTEGER PRIMARY KEY, body BLOB);"};
constexpr int some_pages = 4;

struct Original {
    Original()
        : database(*Database::open({scratch / "one.db", {}, Pages::Checked})) {
        REQUIRE(database.migrate(tables).has_value());
        for (std::int64_t number = 0; number < 40; ++number)
            write(number);
    }

    void write(std::int64_t number) {
        auto transaction = database.begin();
        REQUIRE(transaction.has_value());
        REQUIRE(transaction
                    ->run("INSERT OR REPLACE INTO notes (number, body) VALUES (?1, ?2)",
                          number,
                          Bytes(5000, ++filling))
                    .has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }

    Scratch scratch;
    Database database;
    std::uint8_t filling = 0;
};

using Notes = std::vector<std::tuple<std::int64_t, Bytes>>;

Notes notes_of(Database& database) {
    auto all = database.all<std::int64_t, Bytes>("SELECT number, body FROM notes ORDER BY number");
    REQUIRE(all.has_value());
    return *std::move(all);
}

}  // namespace

TEST_CASE("what is written while a database is copied is in the copy") {
    Original original;
    auto copying = Copying::begin(original.database, original.scratch / "two.db");
    REQUIRE(copying.has_value());
    std::int64_t pieces = 0;
    while (true) {
        const auto progress = copying->next(some_pages);
        REQUIRE(progress.has_value());
        if (*progress == Copying::Progress::Finished) break;
        if (pieces < 10) {
            // Before and behind the place at which the copy is.
            original.write(pieces);
            original.write(100 + pieces);
        }
        ++pieces;
    }
    REQUIRE(pieces > 10);
    const Notes expected = notes_of(original.database);

    struct stat status{};
    REQUIRE(::stat((original.scratch / "two.db").c_str(), &status) == 0);
    REQUIRE((status.st_mode & 0777U) == 0600);
    auto copy = Database::open({original.scratch / "two.db", {}, Pages::Checked});
    REQUIRE(copy.has_value());
    REQUIRE(copy->check_integrity().has_value());
    REQUIRE(copy->migrate(tables).has_value());
    REQUIRE(notes_of(*copy) == expected);
    // And the original goes on.
    original.write(7);
    REQUIRE(original.database.check_integrity().has_value());
}

TEST_CASE("a copy that was not finished leaves nothing behind") {
    Original original;
    {
        auto copying = Copying::begin(original.database, original.scratch / "two.db");
        REQUIRE(copying.has_value());
        const auto progress = copying->next(some_pages);
        REQUIRE(progress.has_value());
        REQUIRE(*progress == Copying::Progress::More);
    }
    REQUIRE_FALSE(std::filesystem::exists(original.scratch / "two.db"));
    original.write(1);
}

TEST_CASE("a copy replaces nothing") {
    Original original;
    const auto copying = Copying::begin(original.database, original.scratch / "one.db");
    REQUIRE_FALSE(copying.has_value());
    REQUIRE(copying.error().code == Code::already_exists);
}
