// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "relay/log_schema.h"
#include "store/transaction.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

bool is_done(const Result<Answer>& answer) {
    return answer.has_value() && std::holds_alternative<protocol::Done>(answer->body);
}

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
    }

    protocol::Blob create(const Parcel& one) {
        return std::get<protocol::Blob>(ask(ana.asker(), one.creation()).value().body);
    }

    Bytes fetched(protocol::GetChunk request) {
        const auto answer = ask(ben.asker(), std::move(request));
        return answer.has_value() ? std::get<protocol::Chunk>(answer->body).chunk : Bytes{};
    }

    Actor ana{};
    Actor ben{};
    Parcel parcel{};
};

constexpr std::uint64_t a_day = std::uint64_t{24} * 60 * 60 * 1000;

}  // namespace

TEST_CASE("a chunk is fetched as it was put, by whom holds the other token") {
    Play play;
    REQUIRE(play.create(play.parcel).filled.empty());
    constexpr std::array<std::uint8_t, 3> numbers{2, 0, 1};
    for (const std::uint8_t number : numbers) {
        REQUIRE(is_done(play.ask(play.ana.asker(), play.parcel.put(number, number))));
    }
    for (const std::uint8_t number : numbers) {
        CHECK(play.fetched(play.parcel.get(number)) == Parcel::chunk(number));
    }
}

TEST_CASE("an upload that was interrupted learns which chunks are there, and until when") {
    Play play;
    play.parcel.chunks = 20;
    const auto made = play.create(play.parcel);
    CHECK(made.until.value ==
          play.now.value + static_cast<std::uint64_t>(bounds::blob_retention.count()));
    for (const std::uint32_t number : {0U, 3U, 19U}) {
        REQUIRE(is_done(play.ask(play.ana.asker(), play.parcel.put(number, 7))));
    }
    play.now.value += 1000;
    const auto again = play.create(play.parcel);
    CHECK(again.until == made.until);
    for (std::uint32_t number = 0; number < 24; ++number) {
        CHECK(is_filled(again, {number}) == (number == 0 || number == 3 || number == 19));
    }
}

TEST_CASE("the same chunk again is done, and other bytes in its place are refused") {
    Play play;
    play.create(play.parcel);
    REQUIRE(is_done(play.ask(play.ana.asker(), play.parcel.put(1, 5))));
    CHECK(is_done(play.ask(play.ana.asker(), play.parcel.put(1, 5))));
    CHECK(play.refusal(play.ana.asker(), play.parcel.put(1, 6)) == Code::id_reused);
    CHECK(play.fetched(play.parcel.get(1)) == Parcel::chunk(5));
}

TEST_CASE("an unknown blob, a wrong token, a place that is none and an empty one read alike") {
    Play play;
    play.create(play.parcel);
    REQUIRE(is_done(play.ask(play.ana.asker(), play.parcel.put(0, 1))));
    const Asker asker = play.ben.asker();
    const Parcel unknown;
    CHECK(play.refusal(asker, unknown.get(0)) == Code::refused);
    CHECK(play.refusal(asker, unknown.put(0, 1)) == Code::refused);
    CHECK(play.refusal(asker, play.parcel.get(1)) == Code::refused);  // empty
    CHECK(play.refusal(asker, play.parcel.get(3)) == Code::refused);
    CHECK(play.refusal(asker, play.parcel.put(3, 1)) == Code::refused);
    CHECK(play.refusal(asker, play.parcel.get(0xffffffff)) == Code::refused);
    for (const auto& token : {play.parcel.put_token.reveal(), unknown.get_token.reveal()}) {
        const protocol::BlobId id = play.parcel.id;
        CHECK(play.refusal(asker, protocol::GetChunk{id, Secret::copy_of(token), {0}}) ==
              Code::refused);
    }
    for (const auto& token : {play.parcel.get_token.reveal(), unknown.put_token.reveal()}) {
        const protocol::BlobId id = play.parcel.id;
        CHECK(play.refusal(asker,
                           protocol::PutChunk{id, Secret::copy_of(token), {1}, Parcel::chunk(1)}) ==
              Code::refused);
    }
}

TEST_CASE("a blob is gone for everybody in the moment in which its time is over") {
    Play play;
    const auto made = play.create(play.parcel);
    REQUIRE(is_done(play.ask(play.ana.asker(), play.parcel.put(0, 1))));
    play.now.value = made.until.value - 1;
    CHECK_FALSE(play.fetched(play.parcel.get(0)).empty());
    play.now = made.until;
    CHECK(play.refusal(play.ben.asker(), play.parcel.get(0)) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), play.parcel.put(1, 1)) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), play.parcel.creation()) == Code::refused);
}

TEST_CASE("a blob's id stands for one blob") {
    Play play;
    play.create(play.parcel);
    auto other = play.parcel.creation();
    other.chunks = 4;
    CHECK(play.refusal(play.ana.asker(), other) == Code::refused);
    other = play.parcel.creation();
    other.get = hash_of(access::Right::GetChunk, new_token());
    CHECK(play.refusal(play.ana.asker(), other) == Code::refused);
    other = play.parcel.creation();
    other.put = hash_of(access::Right::PutChunk, new_token());
    CHECK(play.refusal(play.ben.asker(), other) == Code::refused);
}

TEST_CASE("a chunk of another size, and a blob of none or too many, are not taken") {
    Play play;
    play.create(play.parcel);
    for (const std::size_t size :
         {std::size_t{0}, protocol::chunk_size - 1, protocol::chunk_size + 1}) {
        CHECK(play.refusal(play.ana.asker(),
                           protocol::PutChunk{
                               play.parcel.id, play.parcel.put_token.copy(), {0}, Bytes(size)}) ==
              Code::malformed);
    }
    Parcel none;
    none.chunks = 0;
    CHECK(play.refusal(play.ana.asker(), none.creation()) == Code::malformed);
    Parcel many;
    many.chunks = protocol::most_chunks + 1;
    CHECK(play.refusal(play.ana.asker(), many.creation()) == Code::too_large);
}

TEST_CASE("only devices of the circle have to do with blobs") {
    Play play;
    play.create(play.parcel);
    for (const Asker& asker : {Asker{}, play.officer.asker(), Actor{}.asker()}) {
        CHECK(play.refusal(asker, Parcel{}.creation()) == Code::refused);
        CHECK(play.refusal(asker, play.parcel.put(0, 1)) == Code::refused);
        CHECK(play.refusal(asker, play.parcel.get(0)) == Code::refused);
    }
}

TEST_CASE("a device stores so much a day and no more, and its neighbours and tomorrow are free") {
    Play play;
    play.now.value = 20'000 * a_day + 5;
    std::uint64_t asked = 0;
    const auto make = [&play](const Actor& actor, std::uint32_t chunks) {
        Parcel parcel;
        parcel.chunks = chunks;
        const auto answer = play.ask(actor.asker(), parcel.creation());
        return answer.has_value() ? Code::unknown : answer.error().code;
    };
    while (asked + protocol::most_chunks <= bounds::places_per_device_and_day) {
        REQUIRE(make(play.ana, protocol::most_chunks) == Code::unknown);
        asked += protocol::most_chunks;
    }
    const auto left = static_cast<std::uint32_t>(bounds::places_per_device_and_day - asked);
    CHECK(make(play.ana, left + 1) == Code::too_many);
    CHECK(make(play.ana, left) == Code::unknown);
    CHECK(make(play.ana, 1) == Code::too_many);
    CHECK(make(play.ben, 1) == Code::unknown);
    play.now.value += a_day - 6;
    CHECK(make(play.ana, 1) == Code::too_many);
    play.now.value += 1;
    CHECK(make(play.ana, 1) == Code::unknown);
}

TEST_CASE("the same blob asked for again counts once") {
    Play play;
    for (int time = 0; time < 3; ++time)
        play.create(play.parcel);
    REQUIRE(
        play.store
            ->look([&](LogTables& tables) -> Result<void> {
                TRY(const auto asked,
                    tables.blobs().places_asked(play.ana.device_key(), {play.now.value / a_day}));
                CHECK(asked == 3);
                TRY(const auto taken, tables.blobs().places_taken());
                CHECK(taken == 3);
                return {};
            })
            .has_value());
}

TEST_CASE("the relay has room for so much and no more") {
    Play play;
    play.store.reset();
    {
        // As if that many had been stored before.
        auto database = store::Database::open(play.directory.place());
        REQUIRE(database.has_value());
        auto transaction = database->begin();
        REQUIRE(transaction.has_value());
        REQUIRE(transaction->run("UPDATE relay SET places = ?1", bounds::places - 3).has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }
    play.store = play.directory.open_store();
    Parcel large;
    large.chunks = 4;
    CHECK(play.refusal(play.ana.asker(), large.creation()) == Code::too_many);
    CHECK(play.ask(play.ana.asker(), play.parcel.creation()).has_value());
    CHECK(play.refusal(play.ben.asker(), Parcel{}.creation()) == Code::too_many);
}

TEST_CASE("a store of the version before this one is taken over with all it holds") {
    Directory directory;
    {
        auto database = store::Database::open({directory.path() / "relay.db"});
        REQUIRE(database.has_value());
        REQUIRE(database->migrate(std::span(log_schema).first(1)).has_value());
        auto transaction = database->begin();
        REQUIRE(transaction.has_value());
        REQUIRE(
            transaction
                ->run("INSERT INTO relay VALUES (1, ?1, NULL, 0, ?2)", Bytes(16, 4), Bytes(32, 0))
                .has_value());
        REQUIRE(
            transaction->run("INSERT INTO devices VALUES (?1, ?2, 9)", Bytes(32, 1), Bytes(16, 2))
                .has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }
    const auto store = directory.open_store();
    REQUIRE(store
                ->look([](LogTables& tables) -> Result<void> {
                    DeviceKey key;
                    key.bytes.fill(1);
                    TRY(const auto device, tables.find_device(key));
                    REQUIRE(device.has_value());
                    CHECK(device->logs_made == 9);
                    TRY(const auto identity, tables.identity());
                    CHECK(identity.incarnation.bytes[0] == 4);
                    TRY(const auto taken, tables.blobs().places_taken());
                    CHECK(taken == 0);
                    return {};
                })
                .has_value());
}
