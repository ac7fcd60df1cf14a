// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/checked_disk.h"

#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "store/database.h"
#include "store/transaction.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

constexpr std::array<Sql, 1> schema{
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"};

Bytes content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_to(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

Place checked(const std::filesystem::path& path) {
    return {path, {}, Pages::Checked};
}

void run(Database& database, Sql sql, const Bytes& body) {
    auto transaction = database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(transaction->run(sql, body).has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
}

/// With pages that hold something and, from what was deleted again, free ones.
void fill(const Place& place) {
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(schema).has_value());
    for (int at = 0; at < 12; ++at)
        run(*database, "INSERT INTO notes (body) VALUES (?1)", Bytes(3000, 0x5a));
    run(*database, "DELETE FROM notes WHERE id > 6 AND length(?1) = 1", Bytes(1));
}

/// In one transaction, so much that its writes are gathered and do not all fit together.
void fill_at_once(const Place& place) {
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    REQUIRE(database->migrate(schema).has_value());
    auto transaction = database->begin();
    REQUIRE(transaction.has_value());
    for (int at = 0; at < 400; ++at) {
        REQUIRE(transaction->run("INSERT INTO notes (body) VALUES (?1)", Bytes(3000, 0x5a))
                    .has_value());
    }
    REQUIRE(std::move(*transaction).commit().has_value());
}

/// Whether opening, the database's own check and reading all of it find nothing.
bool passes(const Place& place) {
    auto database = Database::open(place);
    if (!database.has_value()) return false;
    return database->check_integrity().has_value();
}

std::size_t notes_in(Database& database) {
    const auto rows = database.all<Bytes>("SELECT body FROM notes");
    return rows.has_value() ? rows->size() : 0;
}

}  // namespace

TEST_CASE("a transaction of more than a megabyte gets to a real disk, and back") {
    const Scratch scratch;
    const Place place = checked(scratch / "notes.db");
    fill_at_once(place);
    REQUIRE(passes(place));
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    const auto count =
        database->one<std::uint64_t>("SELECT count(*) FROM notes WHERE length(body) = 3000");
    REQUIRE(count.has_value());
    CHECK(std::get<0>(**count) == 400);
}

TEST_CASE("a page's checksum is another with any one bit of it, and with any other number") {
    Bytes page(page_size, 0);
    for (std::size_t at = 0; at < page.size(); ++at)
        page[at] = static_cast<std::uint8_t>(at * 7);
    const auto right = page_checksum(page, 5);
    for (std::size_t bit = 0; bit < 8 * (page_size - page_reserve); ++bit) {
        page[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        REQUIRE(page_checksum(page, 5) != right);
        page[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    for (std::uint64_t number = 6; number < 5'000; ++number)
        REQUIRE(page_checksum(page, number) != right);
    // Where a weak sum has its blind spot: the highest bits of two words.
    for (std::size_t at = 15; at < page_size - page_reserve; at += 8) {
        page[7] ^= 0x80;
        page[at] ^= 0x80;
        REQUIRE(page_checksum(page, 5) != right);
        page[7] ^= 0x80;
        page[at] ^= 0x80;
    }
    CHECK(page_checksum(page, 5) == right);
}

TEST_CASE("a header that denies its checksums, in one damaged byte, has nothing handed on unseen") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    fill(place);
    constexpr std::size_t reserve_in_header = 20;
    for (const std::size_t other : {std::size_t{20}, std::size_t{1'000}, 2 * page_size + 500}) {
        const Bytes right = content_of(place.path);
        Bytes wrong = right;
        wrong[other] ^= 0x5a;
        wrong[reserve_in_header] = 0;
        write_to(place.path, wrong);
        INFO("byte " << other);
        CHECK_FALSE(passes(place));
        write_to(place.path, right);
    }
    CHECK(passes(place));
}

TEST_CASE(
    "a database whose pages are checked is found damaged by any flipped bit, wherever it is") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    fill(place);
    REQUIRE(passes(place));
    const Bytes right = content_of(place.path);
    std::set<std::size_t> bits;
    // Of the header each; of all pages, in use or free, some, and their checksums' last ones.
    for (std::size_t bit = 0; bit < 800; ++bit)
        bits.insert(bit);
    for (std::size_t page = 0; page < right.size() / page_size; ++page) {
        for (std::size_t at = 0; at < 16; ++at)
            bits.insert(8 * page_size * page + at * 2'011 + page);
        bits.insert(8 * page_size * (page + 1) - 1);
        bits.insert(8 * page_size * (page + 1) - 33);
        bits.insert(8 * page_size * (page + 1) - 90);
    }
    for (const std::size_t bit : bits) {
        Bytes wrong = right;
        wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        write_to(place.path, wrong);
        INFO("bit " << bit);
        CHECK_FALSE(passes(place));
    }
    write_to(place.path, right);
    CHECK(passes(place));
}

TEST_CASE("a page that stands in another's place, and a file that is cut, are found") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    fill(place);
    const Bytes right = content_of(place.path);
    Bytes wrong = right;
    std::swap_ranges(wrong.end() - page_size, wrong.end(), wrong.end() - 2 * page_size);
    write_to(place.path, wrong);
    CHECK_FALSE(passes(place));
    wrong = right;
    wrong.resize(wrong.size() - 1);
    write_to(place.path, wrong);
    CHECK_FALSE(passes(place));
    wrong = right;
    wrong.resize(wrong.size() + page_size);
    write_to(place.path, wrong);
    CHECK_FALSE(passes(place));
}

TEST_CASE("a damaged page is never handed on, and the others are") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    fill(place);
    Bytes wrong = content_of(place.path);
    const std::string note(3000, 0x5a);
    const auto at = to_text(wrong).rfind(std::string(2000, 0x5a));
    REQUIRE(at != std::string::npos);
    wrong[at + 20] ^= 4;
    write_to(place.path, wrong);
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    std::size_t read = 0;
    std::size_t refused = 0;
    for (std::int64_t id = 1; id <= 6; ++id) {
        const auto row = database->one<Bytes>("SELECT body FROM notes WHERE id = ?1", id);
        if (!row.has_value()) {
            CHECK(row.error().code == Code::store_corrupt);
            ++refused;
        } else {
            REQUIRE(row->has_value());
            CHECK(to_text(std::get<0>(**row)) == note);
            ++read;
        }
    }
    CHECK(refused == 1);
    CHECK(read == 5);
}

TEST_CASE("a damaged page of a long value is never handed on either") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    {
        auto database = Database::open(place);
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(schema).has_value());
        run(*database, "INSERT INTO notes (body) VALUES (?1)", Bytes(100'000, 0x5a));
    }
    const Bytes right = content_of(place.path);
    REQUIRE(right.size() > 20 * page_size);
    for (std::size_t page = 4; page + 1 < right.size() / page_size; ++page) {
        Bytes wrong = right;
        wrong[page * page_size + 2'000] ^= 8;
        write_to(place.path, wrong);
        auto database = Database::open(place);
        REQUIRE(database.has_value());
        const auto row = database->one<Bytes>("SELECT body FROM notes");
        REQUIRE_FALSE(row.has_value());
        CHECK(row.error().code == Code::store_corrupt);
    }
}

TEST_CASE("a database that was made without checksums gets them when it is opened with them") {
    const Scratch scratch;
    const Place plain{scratch / "a.db"};
    fill(plain);
    const Place place = checked(plain.path);
    {
        auto database = Database::open(place);
        REQUIRE(database.has_value());
        CHECK(notes_in(*database) == 6);
        run(*database, "INSERT INTO notes (body) VALUES (?1)", Bytes(3000, 1));
    }
    CHECK(passes(place));
    Bytes wrong = content_of(place.path);
    wrong[wrong.size() / 2] ^= 1;
    write_to(place.path, wrong);
    CHECK_FALSE(passes(place));
}

TEST_CASE("checked pages are given back to the disk like others, and checked all the same") {
    const Scratch scratch;
    const Place place = checked(scratch / "a.db");
    fill(place);
    auto database = Database::open(place);
    REQUIRE(database.has_value());
    const auto before = std::filesystem::file_size(place.path);
    REQUIRE(database->give_back_pages(100).has_value());
    REQUIRE(database->checkpoint().has_value());
    CHECK(std::filesystem::file_size(place.path) < before);
    CHECK(database->check_integrity().has_value());
    CHECK(notes_in(*database) == 6);
}
