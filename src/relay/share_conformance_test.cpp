// SPDX-License-Identifier: AGPL-3.0-or-later

// What every store of unlock shares must do, whatever lies below it. Written against
// relay/share_tables.h alone; a further implementation adds its name to the list of openers.

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "relay/share_sqlite.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Opener {
    const char* name;
    std::unique_ptr<ShareStore> (*open)(const Directory&);
};

constexpr std::array openers{
    Opener{"SQLite",
           [](const Directory& directory) {
               return must(open_sqlite_shares({directory.path() / "shares.db"}, chance()));
           }},
};

UnlockShare new_share() {
    UnlockShare share{};
    share.device = DeviceKey::random(chance());
    share.key = HolderKey::random(chance());
    share.verifier = TokenHash::random(chance());
    share.share = new_token();
    return share;
}

bool put(ShareStore& store, const UnlockShare& share) {
    return store.transact([&](ShareTables& tables) { return tables.put_share(share); }).has_value();
}

template <class Find>
std::optional<UnlockShare> found(ShareStore& store, const Find& find) {
    std::optional<UnlockShare> share;
    REQUIRE(store
                .look([&](ShareTables& tables) -> Result<void> {
                    TRY(share, find(tables));
                    return {};
                })
                .has_value());
    return share;
}

StoredTally tally_of(ShareStore& store) {
    StoredTally tally{};
    REQUIRE(store
                .look([&](ShareTables& tables) -> Result<void> {
                    TRY(tally, tables.tally());
                    return {};
                })
                .has_value());
    return tally;
}

}  // namespace

TEST_CASE("a store of shares keeps all of a share, over a restart") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    UnlockShare share = new_share();
    share.wrong = 3;
    share.wrong_before = 2;
    share.last = {77};
    share.became = LastGuess::Wrong;
    share.asked_under = HolderKey::random(chance());
    share.asked = ContentHash::random(chance());
    {
        const auto store = opener.open(directory);
        REQUIRE(put(*store, share));
    }
    const auto store = opener.open(directory);
    for (const auto& kept :
         {found(*store, [&](ShareTables& tables) { return tables.find_share(share.key); }),
          found(*store, [&](ShareTables& tables) { return tables.find_share_of(share.device); }),
          found(*store, [&](ShareTables& tables) {
              return tables.find_share_asked_under(share.asked_under);
          })}) {
        REQUIRE(kept.has_value());
        CHECK(codec::encode_secret(*kept) == codec::encode_secret(share));
    }
}

TEST_CASE("a device has one share at most, and a key stands for one device") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    const auto store = opener.open(directory);
    UnlockShare share = new_share();
    const HolderKey first = share.key;
    REQUIRE(put(*store, share));
    share.key = HolderKey::random(chance());
    REQUIRE(put(*store, share));
    CHECK_FALSE(found(*store, [&](ShareTables& tables) { return tables.find_share(first); }));
    UnlockShare other = new_share();
    other.key = share.key;
    CHECK(store->transact([&](ShareTables& tables) { return tables.put_share(other); })
              .error()
              .code == Code::already_exists);
    std::size_t count = 0;
    REQUIRE(store
                ->look([&](ShareTables& tables) {
                    return tables.each_share([&count](const UnlockShare&) -> Result<void> {
                        ++count;
                        return {};
                    });
                })
                .has_value());
    CHECK(count == 1);
}

TEST_CASE("nobody finds a share under the key of a guess that was never made") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    const auto store = opener.open(directory);
    REQUIRE(put(*store, new_share()));
    CHECK_FALSE(found(
        *store, [](ShareTables& tables) { return tables.find_share_asked_under(HolderKey{}); }));
}

TEST_CASE("a store of shares keeps its life and its tally, and a failed transaction changes none") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    StoredTally next{};
    {
        const auto store = opener.open(directory);
        next = tally_of(*store);
        CHECK(next.tally.life != ShareLife{});
        CHECK(next.tally.changes.value == 0);
        CHECK(next.anchored == 0);
        next.tally.changes = {9};
        next.anchored = 1;
        const auto set = [&](ShareTables& tables) { return tables.set_tally(next); };
        CHECK_FALSE(store
                        ->transact([&](ShareTables& tables) -> Result<void> {
                            TRY_VOID(set(tables));
                            return fail(Code::refused, "a test's refusal");
                        })
                        .has_value());
        CHECK(tally_of(*store).tally.changes.value == 0);
        REQUIRE(store->transact(set).has_value());
    }
    const auto store = opener.open(directory);
    CHECK(tally_of(*store).tally == next.tally);
    CHECK(tally_of(*store).anchored == 1);
}
