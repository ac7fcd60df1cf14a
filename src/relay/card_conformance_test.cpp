// SPDX-License-Identifier: AGPL-3.0-or-later

// What every store of logs must do with cards. Written against relay/card_tables.h alone; a further
// implementation adds its name to the list of openers.

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "relay/bounds.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::Tier;

struct Opener {
    const char* name;
    std::unique_ptr<LogStore> (*open)(const Directory&);
};

constexpr std::array openers{
    Opener{"SQLite", [](const Directory& directory) { return directory.open_store(); }},
};

Log new_inbox() {
    Log log{};
    log.id = LogId::random(chance());
    log.kind = LogKind::Inbox;
    return log;
}

Card new_card(const Log& inbox) {
    Card card{};
    card.id = CardId::random(chance());
    card.inbox = inbox.id;
    card.secret = TokenHash::random(chance());
    card.terms = {Tier::Note, 7, {{10, 20}, {30, 40}}};
    card.face = to_bytes("face");
    return card;
}

template <class Work>
void in(LogStore& store, const Work& work) {
    REQUIRE(store.transact(work).has_value());
}

}  // namespace

TEST_CASE("a store keeps all of a card, over a restart, and puts another state in its place") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    const Log inbox = new_inbox();
    Card card = new_card(inbox);
    const auto is_kept = [&](LogTables& tables) -> Result<void> {
        TRY(const auto kept, tables.cards().find_card(card.id));
        REQUIRE(kept.has_value());
        CHECK(codec::encode(*kept) == codec::encode(card));
        return {};
    };
    {
        const auto store = opener.open(directory);
        in(*store, [&](LogTables& tables) -> Result<void> {
            TRY_VOID(tables.insert_log(inbox));
            return tables.cards().put_card(card);
        });
        in(*store, is_kept);
        card.claimant = HolderKey::random(chance());
        card.holder = HolderKey::random(chance());
        card.bound_by = ReaderKey::random(chance());
        card.signature = Bytes(64, 7);
        card.frozen = 1;
        card.revoked = 1;
        card.told = 1;
        card.day = {20'000};
        card.used = 6;
        card.terms = {Tier::Never, 0, {}};
        card.face = {};
        in(*store, [&](LogTables& tables) { return tables.cards().put_card(card); });
    }
    const auto store = opener.open(directory);
    in(*store, is_kept);
}

TEST_CASE("a store lists an inbox's cards in order, in pieces, and no other inbox's") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log inbox = new_inbox();
    const Log other = new_inbox();
    in(*store, [&](LogTables& tables) -> Result<void> {
        TRY_VOID(tables.insert_log(inbox));
        TRY_VOID(tables.insert_log(other));
        TRY_VOID(tables.cards().put_card(new_card(other)));
        for (int at = 0; at < 5; ++at) {
            const auto put = tables.cards().put_card(new_card(inbox));
            TRY_VOID(put);
        }
        TRY(const auto count, tables.cards().count_cards(inbox.id));
        CHECK(count == 5);
        TRY(const auto first, tables.cards().cards_of(inbox.id, {}, 3));
        REQUIRE(first.size() == 3);
        TRY(const auto rest, tables.cards().cards_of(inbox.id, first.back().id, 3));
        REQUIRE(rest.size() == 2);
        CHECK(first.at(0).id < first.at(1).id);
        CHECK(first.back().id < rest.front().id);
        return {};
    });
}

TEST_CASE("a store counts misuse by its kind, to a bound, and forgets it with its card or inbox") {
    const auto opener = GENERATE(from_range(openers));
    const Directory directory;
    const auto store = opener.open(directory);
    const Log inbox = new_inbox();
    const Card first = new_card(inbox);
    const Card second = new_card(inbox);
    in(*store, [&](LogTables& tables) -> Result<void> {
        CardTables& cards = tables.cards();
        TRY_VOID(tables.insert_log(inbox));
        TRY_VOID(cards.put_card(first));
        TRY_VOID(cards.put_card(second));
        TRY_VOID(cards.count_misuse(first.id, Misuse::Late, {5}));
        TRY_VOID(cards.count_misuse(first.id, Misuse::Late, {9}));
        TRY_VOID(cards.count_misuse(first.id, Misuse::Forged, {7}));
        TRY_VOID(cards.count_misuse(second.id, Misuse::Late, {8}));
        TRY_VOID(cards.count_misuse({}, Misuse::Forged, {8}));
        // What is put in its place keeps what was counted.
        TRY_VOID(cards.put_card(first));
        TRY(const auto rows, cards.misuses(first.id));
        REQUIRE(rows.size() == 2);
        CHECK(rows.at(0).why == Misuse::Forged);
        CHECK(rows.at(1).count == 2);
        CHECK(rows.at(1).first.value == 5);
        CHECK(rows.at(1).last.value == 9);
        TRY_VOID(cards.delete_card(first.id));
        TRY(const auto gone, cards.misuses(first.id));
        CHECK(gone.empty());
        TRY_VOID(tables.delete_log(inbox.id));
        std::size_t left = 0;
        TRY_VOID(cards.each_misuse([&](const CardId& id, const auto&) -> Result<void> {
            CHECK(id == CardId{});
            ++left;
            return {};
        }));
        CHECK(left == 1);
        return {};
    });
}
