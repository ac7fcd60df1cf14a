// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/sweep.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "relay/verify.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;

constexpr std::uint32_t many = bounds::chunks_per_sweep + 10;

Counts counts_of(LogStore& store) {
    Counts counts;
    REQUIRE(store
                .look([&counts](LogTables& tables) -> Result<void> {
                    TRY(counts, tables.counts());
                    return {};
                })
                .has_value());
    return counts;
}

std::uintmax_t size_of(const Directory& directory) {
    std::uintmax_t size = 0;
    for (const char* name : {"relay.db", "relay.db-wal"}) {
        const auto path = directory.path() / name;
        if (std::filesystem::exists(path)) size += std::filesystem::file_size(path);
    }
    return size;
}

struct Play : Desk {
    Play() { admit(ana); }

    Stamp fill(const Parcel& parcel, std::uint32_t chunks) {
        const auto made = ask(ana.asker(), parcel.creation());
        REQUIRE(made.has_value());
        for (std::uint32_t number = 0; number < chunks; ++number) {
            REQUIRE(ask(ana.asker(), parcel.put(number, 1)).has_value());
        }
        return std::get<protocol::Blob>(made->body).until;
    }

    Actor ana{};
};

}  // namespace

TEST_CASE("what has ended goes away in pieces, what has not stays, and doubt never arises") {
    Play play;
    Parcel first;
    first.chunks = many;
    const Stamp until = play.fill(first, many);
    play.now.value += 1000;
    Parcel second;
    play.fill(second, 2);

    auto swept = sweep_once(*play.store, {until.value - 1});
    REQUIRE(swept.has_value());
    CHECK_FALSE(swept->again);
    CHECK(swept->next_end == until);
    CHECK(counts_of(*play.store).chunks == many + 2);

    swept = sweep_once(*play.store, until);
    REQUIRE(swept.has_value());
    CHECK(swept->again);
    CHECK(counts_of(*play.store).chunks == 10 + 2);
    CHECK(verify(*play.store).has_value());

    swept = sweep_once(*play.store, until);
    REQUIRE(swept.has_value());
    CHECK(counts_of(*play.store).chunks == 2);
    CHECK(counts_of(*play.store).blobs == 1);
    const auto verified = verify(*play.store);
    REQUIRE(verified.has_value());
    CHECK(verified->chunks == 2);
}

TEST_CASE("a blob that was never filled ends like any other, and its places are free again") {
    Play play;
    const Stamp until = play.fill(Parcel{}, 0);
    REQUIRE(sweep_once(*play.store, until).has_value());
    CHECK(counts_of(*play.store).blobs == 0);
    REQUIRE(play.store
                ->look([](LogTables& tables) -> Result<void> {
                    TRY(const auto taken, tables.blobs().places_taken());
                    CHECK(taken == 0);
                    return {};
                })
                .has_value());
}

TEST_CASE("what has ended gives its room back to the disk") {
    Play play;
    // Without the write-ahead log of its making.
    REQUIRE(play.store->give_back().has_value());
    const std::uintmax_t before = size_of(play.directory);
    Parcel parcel;
    parcel.chunks = many;
    const Stamp until = play.fill(parcel, many);
    REQUIRE(play.store->give_back().has_value());
    const std::uintmax_t full = size_of(play.directory);
    CHECK(full > before + std::uintmax_t{many} * protocol::chunk_size);
    for (int round = 0; round < 4; ++round) {
        REQUIRE(sweep_once(*play.store, until).has_value());
    }
    CHECK(size_of(play.directory) < before + 2 * protocol::chunk_size);
}

TEST_CASE("a running relay lets go of what ends, without being asked for anything") {
    Town town;
    Peer ana = town.session(town.ana);
    const Parcel parcel;
    REQUIRE(ana.ask(parcel.creation()).has_value());
    REQUIRE(ana.ask(parcel.put(0, 1)).has_value());
    town.loop.run_for(bounds::blob_retention - 2h);
    CHECK(counts_of(*town.fragile).blobs == 1);
    town.loop.run_for(2h + 2s);
    CHECK(counts_of(*town.fragile).blobs == 0);
    CHECK(counts_of(*town.fragile).chunks == 0);
}

TEST_CASE("a disk that fails under a sweep is tried again") {
    Town town;
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(Parcel{}.creation()).has_value());
    town.loop.run_for(bounds::blob_retention - 1h);
    town.fragile->fails_next = true;
    town.loop.run_for(90min);
    CHECK_FALSE(town.fragile->fails_next);
    CHECK(counts_of(*town.fragile).blobs == 1);
    town.loop.run_for(2h);
    CHECK(counts_of(*town.fragile).blobs == 0);
}
