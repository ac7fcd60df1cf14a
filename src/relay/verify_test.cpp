// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/verify.h"

#include <array>

#include <catch2/catch_test_macros.hpp>

#include "store/transaction.h"
#include "tests/stage/calling.h"
#include "tests/stage/locked.h"

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
        REQUIRE(ask(ana.reading(), card.put()).has_value());
        REQUIRE(ask(zoe.asker(), card.claim("claim")).has_value());
        REQUIRE(ask(Visitor{}.asker(), card.use("misuse")).has_value());
        REQUIRE(ask(Visitor{}.asker(), Ticket{}.use("misuse")).has_value());
        REQUIRE(ask(ana.reading(), card.bind(ana, zoe)).has_value());
        REQUIRE(ask(ana.asker(), phone.request()).has_value());
        REQUIRE(ask(phone.asker(), phone.guess_at("wrong")).has_value());
    }

    /// Edits the closed store behind the relay's back, and asks for the verdict.
    Code verdict_after(store::Sql edit, const char* file = "relay.db") {
        store.reset();
        {
            auto database = store::Database::open(directory.place(file));
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
    Ticket card{ana.inbox};
    Visitor zoe{};
    Locked phone{};
};

}  // namespace

TEST_CASE("a store that nobody touched is verified, entry by entry") {
    Play play;
    const auto verified = verify(*play.store);
    REQUIRE(verified.has_value());
    CHECK(verified->logs == 2);
    // The letter, the claim and the relay's own word of the misuse are in the inbox.
    CHECK(verified->entries == 6);
    CHECK(verified->cards == 1);
    CHECK(verified->shares == 1);
    CHECK(verified->blobs == 1);
    CHECK(verified->chunks == 2);
}

TEST_CASE("an edit behind the relay's back is in doubt, whatever it touches") {
    constexpr std::array<store::Sql, 35> edits{
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
        "UPDATE entries SET kind = 3 WHERE kind = 4",
        "UPDATE cards SET secret = zeroblob(32)",
        "UPDATE cards SET terms = x'0100ffffff00'",
        "UPDATE cards SET face = x'00'",
        "UPDATE cards SET holder = zeroblob(32)",
        "UPDATE cards SET holder = NULL",
        "UPDATE cards SET signature = x''",
        "UPDATE cards SET frozen = 1",
        "UPDATE cards SET revoked = 1",
        "UPDATE cards SET used = 2",
        "UPDATE misuses SET count = count + 1",
        "UPDATE misuses SET why = 3",
        "UPDATE misuses SET last = 0",
    };
    for (const store::Sql edit : edits) {
        Play play;
        INFO(edit.text);
        CHECK(play.verdict_after(edit) == Code::store_corrupt);
    }
}

TEST_CASE("an edit of the unlock shares behind the relay's back is in doubt, too") {
    constexpr std::array<store::Sql, 8> edits{
        "UPDATE shares SET share = zeroblob(32)",
        "UPDATE shares SET verifier = zeroblob(32)",
        "UPDATE shares SET key = zeroblob(32)",
        "UPDATE shares SET wrong = 0",
        "UPDATE shares SET last = 0",
        "UPDATE shares SET became = 0",
        "UPDATE shares SET asked = zeroblob(32)",
        "UPDATE shares SET device = zeroblob(32)",
    };
    for (const store::Sql edit : edits) {
        Play play;
        INFO(edit.text);
        CHECK(play.verdict_after(edit, "shares.db") == Code::store_corrupt);
    }
}
