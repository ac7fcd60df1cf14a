// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/gathered_writes.h"

#include <deque>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::store;

/// A file that notes what is written to it, and may refuse.
struct NotedFile {
    sqlite3_file base{};
    std::vector<std::pair<sqlite3_int64, Bytes>> writes{};
    std::deque<int> refusals{};
};

int note(sqlite3_file* file, const void* source, int size, sqlite3_int64 offset) {
    auto& noted = *reinterpret_cast<NotedFile*>(file);
    const auto* const bytes = static_cast<const std::uint8_t*>(source);
    noted.writes.emplace_back(offset, Bytes(bytes, bytes + size));
    if (noted.refusals.empty()) return SQLITE_OK;
    const int code = noted.refusals.front();
    noted.refusals.pop_front();
    return code;
}

sqlite3_io_methods noting() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xWrite = note;
    return methods;
}

}  // namespace

TEST_CASE("neighbouring writes reach the disk as one, and others in their order") {
    const sqlite3_io_methods methods = noting();
    NotedFile file;
    file.base.pMethods = &methods;
    GatheredWrites gathered;
    CHECK(gathered.write(&file.base, Bytes(24, 1), 100) == SQLITE_OK);
    CHECK(gathered.write(&file.base, Bytes(76, 2), 124) == SQLITE_OK);
    CHECK(file.writes.empty());
    // Before what is held back, and not behind it.
    CHECK(gathered.write(&file.base, Bytes(8, 3), 96) == SQLITE_OK);
    REQUIRE(file.writes.size() == 1);
    Bytes both(24, 1);
    both.insert(both.end(), 76, 2);
    CHECK(file.writes[0] == std::pair(sqlite3_int64{100}, both));
    CHECK(gathered.flush(&file.base) == SQLITE_OK);
    CHECK(gathered.flush(&file.base) == SQLITE_OK);
    REQUIRE(file.writes.size() == 2);
    CHECK(file.writes[1] == std::pair(sqlite3_int64{96}, Bytes(8, 3)));
}

TEST_CASE("no more is held back than there is room for") {
    const sqlite3_io_methods methods = noting();
    NotedFile file;
    file.base.pMethods = &methods;
    GatheredWrites gathered;
    constexpr std::size_t piece = 4096;
    for (std::size_t at = 0; at < GatheredWrites::most + piece; at += piece) {
        const auto offset = static_cast<sqlite3_int64>(at);
        REQUIRE(gathered.write(&file.base, Bytes(piece, 7), offset) == SQLITE_OK);
    }
    REQUIRE(file.writes.size() == 1);
    CHECK(file.writes[0].second.size() == GatheredWrites::most);
    CHECK(gathered.flush(&file.base) == SQLITE_OK);
    CHECK(file.writes.size() == 2);
}

TEST_CASE("a disk that refuses what was held back is believed, and the rest is not written later") {
    const sqlite3_io_methods methods = noting();
    NotedFile file;
    file.base.pMethods = &methods;
    GatheredWrites gathered;
    file.refusals = {SQLITE_FULL, SQLITE_FULL};
    CHECK(gathered.write(&file.base, Bytes(8, 1), 0) == SQLITE_OK);
    CHECK(gathered.flush(&file.base) == SQLITE_FULL);
    CHECK(gathered.flush(&file.base) == SQLITE_OK);
    CHECK(gathered.write(&file.base, Bytes(8, 2), 0) == SQLITE_OK);
    // Told to the next write, whose own bytes are not taken either.
    CHECK(gathered.write(&file.base, Bytes(8, 3), 64) == SQLITE_FULL);
    CHECK(gathered.flush(&file.base) == SQLITE_OK);
    CHECK(file.writes.size() == 2);
}
