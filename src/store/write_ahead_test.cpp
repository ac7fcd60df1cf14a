// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/write_ahead.h"

#include <array>
#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>

#include "store/checked_disk.h"
#include "store/database.h"
#include "store/transaction.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

constexpr std::array<Sql, 1> schema{
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"};
constexpr std::size_t frame = 24 + page_size;

Bytes content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_to(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

void add_note(Database& database, std::size_t size) {
    auto transaction = database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(transaction->run("INSERT INTO notes (body) VALUES (?1)", Bytes(size, 7)).has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
}

Bytes flipped(const Bytes& bytes, std::size_t bit) {
    Bytes wrong = bytes;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    return wrong;
}

/// What a process leaves that is killed: a database with so many commits in its log, of several
/// pages each.
struct Killed {
    explicit Killed(std::size_t commits) {
        auto database = Database::open(place);
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(schema).has_value());
        REQUIRE(database->checkpoint().has_value());
        for (std::size_t at = 0; at < commits; ++at) {
            last = log.size();
            add_note(*database, 9'000);
            log = content_of(place.path.string() + "-wal");
        }
        base = content_of(place.path);
    }

    /// As it was left, but with this log.
    void leave(const Bytes& other) const {
        write_to(place.path, base);
        write_to(place.path.string() + "-wal", other);
    }

    Scratch scratch{};
    Place place{scratch / "a.db", {}, Pages::Checked};
    Bytes base{};
    Bytes log{};
    std::size_t last = 0;  // where the last commit begins
};

}  // namespace

TEST_CASE("a log as it was written is whole, and so is one that ends anywhere") {
    const Killed killed(3);
    REQUIRE(killed.log.size() > 6 * frame);
    CHECK(judge_write_ahead(killed.log) == WriteAhead::Whole);
    for (std::size_t size = 0; size < killed.log.size(); size += 509)
        CHECK(judge_write_ahead(BytesView(killed.log).first(size)) == WriteAhead::Whole);
}

TEST_CASE(
    "a flipped bit in a log is never taken for nothing, and is certain before the last commit") {
    const Killed killed(3);
    for (std::size_t bit = 0; bit < 8 * killed.log.size(); bit += bit < 8 * 56 ? 1 : 211) {
        const WriteAhead verdict = judge_write_ahead(flipped(killed.log, bit));
        INFO("bit " << bit);
        CHECK(verdict != WriteAhead::Whole);
        if (bit < 8 * killed.last) CHECK(verdict == WriteAhead::Damaged);
    }
    // Every bit of the last frame's head, which says that it is a commit and whose it is.
    const std::size_t head = killed.log.size() - frame;
    for (std::size_t bit = 8 * head; bit < 8 * (head + 24); ++bit)
        CHECK(judge_write_ahead(flipped(killed.log, bit)) != WriteAhead::Whole);
}

TEST_CASE("a commit that power cut short is in doubt, and no more than that") {
    const Killed killed(3);
    for (std::size_t at = killed.last; at + 512 <= killed.log.size(); at += 512) {
        Bytes torn = killed.log;
        std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(at), 512, std::uint8_t{0});
        if (torn == killed.log) continue;
        INFO("at " << at);
        CHECK(judge_write_ahead(torn) != WriteAhead::Damaged);
    }
}

TEST_CASE("what an earlier round has left behind a log's end is no part of it") {
    const Scratch scratch;
    const Place place{scratch / "a.db", {}, Pages::Checked};
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(schema).has_value());
    for (int at = 0; at < 20; ++at)
        add_note(*database, 30'000);
    const Bytes before = content_of(place.path.string() + "-wal");
    // More than a thousand pages: the library begins its log anew over the old one.
    for (int at = 0; at < 110; ++at)
        add_note(*database, 30'000);
    const Bytes log = content_of(place.path.string() + "-wal");
    REQUIRE(log.size() > before.size());
    REQUIRE_FALSE(std::ranges::equal(BytesView(log).first(32), BytesView(before).first(32)));
    CHECK(judge_write_ahead(log) == WriteAhead::Whole);
    // Damage there loses nothing; it is said all the same.
    CHECK(judge_write_ahead(flipped(log, 8 * (log.size() - 100))) == WriteAhead::Doubtful);
}

TEST_CASE("a database whose log is damaged does not open, and nothing of it is touched") {
    const Killed killed(3);
    const Bytes wrong = flipped(killed.log, 8 * (32 + 24 + 100));
    killed.leave(wrong);
    for (int times = 0; times < 2; ++times) {
        const auto database = Database::open(killed.place);
        REQUIRE_FALSE(database.has_value());
        CHECK(database.error().code == Code::store_corrupt);
    }
    const bool log_is_as_it_was = content_of(killed.place.path.string() + "-wal") == wrong;
    const bool file_is_as_it_was = content_of(killed.place.path) == killed.base;
    CHECK(log_is_as_it_was);
    CHECK(file_is_as_it_was);
}

TEST_CASE("a database opens without its last commit if that is in doubt, and says so") {
    const Killed killed(3);
    killed.leave(flipped(killed.log, 8 * (killed.log.size() - 50)));
    {
        auto database = Database::open(killed.place);
        REQUIRE(database.has_value());
        const auto rows = database->all<std::int64_t>("SELECT id FROM notes");
        REQUIRE(rows.has_value());
        CHECK(rows->size() == 2);
        REQUIRE_FALSE(database->check_opening().has_value());
        CHECK(database->check_opening().error().code == Code::store_corrupt);
    }
    killed.leave(killed.log);
    auto database = Database::open(killed.place);
    REQUIRE(database.has_value());
    CHECK(database->check_opening().has_value());
    const auto rows = database->all<std::int64_t>("SELECT id FROM notes");
    REQUIRE(rows.has_value());
    CHECK(rows->size() == 3);
}
