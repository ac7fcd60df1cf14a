// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/verify.h"

#include <array>

#include <catch2/catch_test_macros.hpp>

#include "store/transaction.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Play : Desk {
    Play() {
        admit(ana);
        create(ana, talk, {ana.reader_key()});
        REQUIRE(ask(ana.asker(), talk.post(0, "one")).has_value());
        REQUIRE(ask(ana.asker(), talk.signed_by(ana, talk.bundle(ana, 0))).has_value());
        REQUIRE(ask(ana.asker(), talk.post(1, "two")).has_value());
        REQUIRE(ask(ana.asker(), ana.letter("letter")).has_value());
        REQUIRE(ask(ana.asker(), parcel.creation()).has_value());
        REQUIRE(ask(ana.asker(), parcel.put(0, 1)).has_value());
        REQUIRE(ask(ana.asker(), parcel.put(2, 3)).has_value());
    }

    /// Edits the closed store behind the relay's back, and asks for the verdict.
    Code verdict_after(store::Sql edit) {
        store.reset();
        {
            auto database = store::Database::open(directory.place());
            REQUIRE(database.has_value());
            auto transaction = database->begin();
            REQUIRE(transaction.has_value());
            REQUIRE(transaction->run(edit).has_value());
            REQUIRE(transaction->changed() > 0);
            REQUIRE(std::move(*transaction).commit().has_value());
        }
        store = directory.open_store();
        const auto verified = verify(*store);
        return verified.has_value() ? Code::unknown : verified.error().code;
    }

    Actor ana{};
    Talk talk{};
    Parcel parcel{};
};

}  // namespace

TEST_CASE("a store that nobody touched is verified, entry by entry") {
    Play play;
    const auto verified = verify(*play.store);
    REQUIRE(verified.has_value());
    CHECK(verified->logs == 2);
    CHECK(verified->entries == 4);
    CHECK(verified->blobs == 1);
    CHECK(verified->chunks == 2);
}

TEST_CASE("an edit behind the relay's back is in doubt, whatever it touches") {
    constexpr std::array<store::Sql, 22> edits{
        "UPDATE entries SET payload = x'00' WHERE seq = 1",
        "UPDATE entries SET stamp = stamp + 1 WHERE seq = 1",
        "UPDATE entries SET epoch = 5 WHERE seq = 1",
        "UPDATE entries SET kind = 1 WHERE kind = 3",
        "UPDATE entries SET chain = zeroblob(32) WHERE seq = 3",
        "UPDATE entries SET chain = x'00' WHERE seq = 3",
        "UPDATE entries SET seq = 9 WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 2",
        "DELETE FROM entries WHERE seq = 3",
        "UPDATE logs SET head = head + 1",
        "UPDATE logs SET bytes = bytes + 1",
        "UPDATE logs SET epoch = 0 WHERE epoch = 1",
        "UPDATE outcomes SET content = zeroblob(32) WHERE seq = 2",
        "DELETE FROM verifiers WHERE epoch = 1",
        "UPDATE chunks SET chunk = zeroblob(65552) WHERE number = 2",
        "UPDATE chunks SET chunk = x'00' WHERE number = 2",
        "UPDATE chunks SET content = zeroblob(32) WHERE number = 0",
        "UPDATE chunks SET number = 3 WHERE number = 2",
        "DELETE FROM chunks WHERE number = 0",
        "UPDATE blobs SET chunks = 2",
        "UPDATE blobs SET filled = 3",
        "UPDATE relay SET places = places + 1",
    };
    for (const store::Sql edit : edits) {
        Play play;
        INFO(edit.text);
        CHECK(play.verdict_after(edit) == Code::store_corrupt);
    }
}
