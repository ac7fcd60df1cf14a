// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/database.h"

#include <array>
#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "store/transaction.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;
using NoteId = Id<struct NoteTag>;
using Spot = Number<struct SpotTag>;

constexpr std::array<Sql, 1> first_version{
    "CREATE TABLE notes (id BLOB PRIMARY KEY, place INTEGER, body BLOB, title TEXT);"};

constexpr std::array<Sql, 2> second_version{first_version[0],
                                            "ALTER TABLE notes ADD COLUMN extra INTEGER;"};

Secret key_of(std::uint8_t byte) {
    Secret key(key_size);
    for (auto& at : key.expose())
        at = byte;
    return key;
}

Bytes content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void add_note(Database& database, const NoteId& id, Spot place, std::string_view body) {
    auto transaction = database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(transaction
                ->run("INSERT INTO notes (id, place, body, title) VALUES (?1, ?2, ?3, ?4)",
                      id,
                      place,
                      to_bytes(body),
                      body)
                .has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
}

bool contains(const Bytes& haystack, std::string_view needle) {
    return to_text(haystack).find(needle) != std::string::npos;
}

}  // namespace

TEST_CASE("what was committed is there when the database is opened again, with its types") {
    const Scratch scratch;
    NoteId id;
    id.bytes.fill(7);
    {
        auto database = Database::open({scratch / "a.db"});
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(first_version).has_value());
        add_note(*database, id, {42}, "text");
    }
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    const auto row =
        database->one<NoteId, Spot, Bytes, std::string>("SELECT id, place, body, title FROM notes");
    REQUIRE(row.has_value());
    REQUIRE(row->has_value());
    const auto& [read_id, place, body, title] = **row;
    CHECK(read_id == id);
    CHECK(place.value == 42);
    CHECK(to_text(body) == "text");
    CHECK(title == "text");
}

TEST_CASE("an encrypted database opens under its own key only, and shows nothing of its content") {
    const Scratch scratch;
    const auto path = scratch / "vault.db";
    {
        auto database = Database::open({path}, key_of(1));
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(first_version).has_value());
        add_note(*database, NoteId{}, {1}, "a secret sentence");
        CHECK_FALSE(contains(content_of(scratch / "vault.db-wal"), "a secret sentence"));
    }
    const Bytes file = content_of(path);
    CHECK_FALSE(file.empty());
    CHECK_FALSE(contains(file, "a secret sentence"));
    CHECK_FALSE(contains(file, "SQLite format"));
    CHECK(Database::open({path}, key_of(2)).error().code == Code::wrong_key);
    CHECK(Database::open({path}).error().code == Code::store_corrupt);
    CHECK(Database::open({path}, Secret(16)).error().code == Code::invalid_argument);
    CHECK(Database::open({path}, key_of(1)).has_value());
}

TEST_CASE("a database has one connection: a second one is told that it is busy") {
    const Scratch scratch;
    auto first = Database::open({scratch / "a.db"});
    REQUIRE(first.has_value());
    REQUIRE(first->migrate(first_version).has_value());
    const auto second = Database::open({scratch / "a.db"});
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Code::busy);
}

TEST_CASE("a database file is made for its owner alone, and refused once others may read it") {
    const Scratch scratch;
    const auto path = scratch / "a.db";
    {
        auto database = Database::open({path});
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(first_version).has_value());
        for (const char* const name : {"a.db", "a.db-wal"}) {
            struct stat status{};
            REQUIRE(::stat((scratch / name).c_str(), &status) == 0);
            CHECK((status.st_mode & 07777U) == 0600U);
        }
    }
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    CHECK(Database::open({path}).error().code == Code::permissions);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    REQUIRE(::chmod(scratch.path().c_str(), 0750) == 0);
    CHECK(Database::open({path}).error().code == Code::permissions);
}

TEST_CASE("migration goes on from where it stopped, and refuses what a later version wrote") {
    const Scratch scratch;
    {
        auto database = Database::open({scratch / "a.db"});
        REQUIRE(database.has_value());
        CHECK(database->migrate(first_version).has_value());
        add_note(*database, NoteId{}, {1}, "kept");
        CHECK(database->migrate(second_version).has_value());
        CHECK(database->migrate(second_version).has_value());
        const auto row = database->one<std::string>("SELECT title FROM notes WHERE extra IS NULL");
        REQUIRE(row.has_value());
        CHECK(row->has_value());
    }
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    CHECK(database->migrate(first_version).error().code == Code::unsupported);
}

TEST_CASE("somebody else's database is not migrated") {
    const Scratch scratch;
    {
        auto database = Database::open({scratch / "a.db"});
        REQUIRE(database.has_value());
        auto transaction = database->begin();
        REQUIRE(transaction->run("CREATE TABLE theirs (x)").has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    CHECK(database->migrate(first_version).error().code == Code::store_corrupt);
}

TEST_CASE("a file of garbage is refused as corrupt, truncated files too") {
    const Scratch scratch;
    const auto path = scratch / "a.db";
    {
        auto database = Database::open({path});
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(first_version).has_value());
        for (std::uint8_t at = 0; at < 100; ++at) {
            NoteId id;
            id.bytes.fill(at);
            add_note(*database, id, {at}, std::string(500, 'x'));
        }
    }
    const auto size = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, size / 2);
    auto cut = Database::open({path});
    const bool refused = !cut.has_value() || !cut->check_integrity().has_value();
    CHECK(refused);
    cut = fail(Code::closing, "done");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(8192, 'g');
    CHECK(Database::open({path}).error().code == Code::store_corrupt);
}

TEST_CASE("what many commits wrote stays in the log until it is put away, and is all there after") {
    const Scratch scratch;
    const auto path = scratch / "a.db";
    constexpr std::uint8_t notes = 200;
    {
        auto database = Database::open({path});
        REQUIRE(database.has_value());
        REQUIRE(database->suit_many_commits(4'096).has_value());
        REQUIRE(database->migrate(first_version).has_value());
        REQUIRE(database->checkpoint().has_value());
        const auto before = std::filesystem::file_size(path);
        for (std::uint8_t at = 0; at < notes; ++at) {
            NoteId id;
            id.bytes.fill(at);
            add_note(*database, id, {at}, std::string(10'000, 'x'));
        }
        CHECK(database->rows_changed() >= notes);
        // More pages than would be moved by themselves, and not one of them was.
        CHECK(std::filesystem::file_size(path) == before);
        REQUIRE(database->put_away(1'000'000).has_value());
        CHECK(std::filesystem::file_size(path) == before);
        REQUIRE(database->put_away(1).has_value());
        CHECK(std::filesystem::file_size(path) > before);
        NoteId last;
        last.bytes.fill(notes);
        add_note(*database, last, {notes}, "one more");
    }
    auto database = Database::open({path});
    REQUIRE(database.has_value());
    const auto row = database->one<std::uint32_t>("SELECT count(*) FROM notes");
    REQUIRE(row.has_value());
    CHECK(std::get<0>(**row) == notes + 1U);
    CHECK(database->check_integrity().has_value());
}

TEST_CASE("a number above the store's range is refused and never wrapped") {
    const Scratch scratch;
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(first_version).has_value());
    const auto row =
        database->one<NoteId>("SELECT id FROM notes WHERE place > ?1", Spot{~std::uint64_t{0}});
    REQUIRE_FALSE(row.has_value());
    CHECK(row.error().code == Code::invalid_argument);
}

TEST_CASE("a column of another kind or size than expected is store_corrupt") {
    const Scratch scratch;
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    CHECK(database->one<NoteId>("SELECT x'00'").error().code == Code::store_corrupt);
    CHECK(database->one<NoteId>("SELECT 1").error().code == Code::store_corrupt);
    CHECK(database->one<std::string>("SELECT 1").error().code == Code::store_corrupt);
    CHECK(database->one<std::uint8_t>("SELECT 256").error().code == Code::store_corrupt);
    CHECK(database->one<std::uint64_t>("SELECT -1").error().code == Code::store_corrupt);
    CHECK(database->one<Bytes>("SELECT NULL").error().code == Code::store_corrupt);
    const auto none = database->one<std::optional<Bytes>>("SELECT NULL");
    REQUIRE(none.has_value());
    CHECK_FALSE(std::get<0>(**none).has_value());
}

TEST_CASE("empty bytes and empty text are not NULL") {
    const Scratch scratch;
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    const auto row = database->one<Bytes, std::string, Secret>(
        "SELECT ?1, ?2, ?3", Bytes{}, std::string_view{}, Secret{});
    REQUIRE(row.has_value());
    REQUIRE(row->has_value());
    CHECK(std::get<0>(**row).empty());
    CHECK(std::get<1>(**row).empty());
    CHECK(std::get<2>(**row).empty());
}

TEST_CASE("one statement may run inside itself") {
    const Scratch scratch;
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(first_version).has_value());
    for (std::uint8_t at = 1; at <= 3; ++at) {
        NoteId id;
        id.bytes.fill(at);
        add_note(*database, id, {at}, "x");
    }
    int pairs = 0;
    const auto inner = [&](Spot) -> Result<Visit> {
        ++pairs;
        return Visit::Continue;
    };
    const auto nested = [&](Spot) -> Result<Visit> {
        TRY_VOID(database->each<Spot>(inner, "SELECT place FROM notes"));
        return Visit::Continue;
    };
    CHECK(database->each<Spot>(nested, "SELECT place FROM notes").has_value());
    CHECK(pairs == 9);
}

TEST_CASE("a checkpoint empties the write-ahead log, and deleted content is overwritten") {
    const Scratch scratch;
    auto database = Database::open({scratch / "a.db"});
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(first_version).has_value());
    add_note(*database, NoteId{}, {1}, "forget this sentence");
    auto transaction = database->begin();
    REQUIRE(transaction->run("DELETE FROM notes").has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
    REQUIRE(database->checkpoint().has_value());
    CHECK(std::filesystem::file_size(scratch / "a.db-wal") == 0);
    CHECK_FALSE(contains(content_of(scratch / "a.db"), "forget this sentence"));
}
