// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using Positions = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
    }

    Actor ana{};
    Actor ben{};
    Talk talk{};
};

protocol::NewEntry entry(std::string_view text) {
    return {EntryId::random(chance()), to_bytes(text)};
}

}  // namespace

TEST_CASE("entries are kept in the order in which they were appended") {
    Play play;
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, "one")) == Positions{1});
    CHECK(play.positions(play.ben.asker(), play.talk.post(0, {entry("two"), entry("three")})) ==
          Positions{2, 3});
    CHECK(play.texts(play.ben, play.talk.log) == Texts{"one", "two", "three"});
    CHECK(play.texts(play.ben, play.talk.log, 2) == Texts{"three"});
    CHECK(play.texts(play.ben, play.talk.log, 3).empty());
    CHECK(play.texts(play.ben, play.talk.log, ~std::uint64_t{0}).empty());
}

TEST_CASE("a retry answers the same position and appends nothing") {
    Play play;
    const auto first = entry("once");
    const auto second = entry("twice");
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, {first})) == Positions{1});
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, {first})) == Positions{1});
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, {second, first, second})) ==
          Positions{2, 1, 2});
    CHECK(play.texts(play.ana, play.talk.log) == Texts{"once", "twice"});
}

TEST_CASE("a retry answers even after the epoch has ended, and its token with it") {
    Play play;
    const auto letter = play.talk.post(0, {entry("text")});
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, letter.entries)) == Positions{1});
    REQUIRE(play.positions(play.ana.asker(),
                           play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0))) ==
            Positions{2});
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, letter.entries)) == Positions{1});
}

TEST_CASE("an id with other content is id_reused, and takes its whole Post with it") {
    Play play;
    const auto first = entry("text");
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, {first})) == Positions{1});
    const protocol::NewEntry other{first.id, to_bytes("other text")};
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, {entry("new"), other})) ==
          Code::id_reused);
    CHECK(play.texts(play.ana, play.talk.log) == Texts{"text"});
}

TEST_CASE("an id is its log's own: the same in another log is another entry") {
    Play play;
    Talk other;
    play.create(play.ana, other, {play.ana.reader_key()});
    const auto same = entry("text");
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, {same})) == Positions{1});
    CHECK(play.positions(play.ana.asker(), other.post(0, {{same.id, to_bytes("else")}})) ==
          Positions{1});
}

TEST_CASE("a token of an epoch that has ended is stale, one that never was is refused") {
    Play play;
    REQUIRE(play.positions(play.ana.asker(),
                           play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0))) ==
            Positions{1});
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, "late")) == Code::stale);
    auto forged = play.talk.post(1, "forged");
    forged.token = new_token();
    CHECK(play.refusal(play.ana.asker(), std::move(forged)) == Code::refused);
    auto mixed = play.talk.post(1, "mixed");
    mixed.token = play.talk.token(0).copy();
    CHECK(play.refusal(play.ana.asker(), std::move(mixed)) == Code::refused);
    auto cut = play.talk.post(1, "cut");
    cut.token = Secret(5);
    CHECK(play.refusal(play.ana.asker(), std::move(cut)) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), play.talk.post(7, "early")) == Code::refused);
    CHECK(play.positions(play.ana.asker(), play.talk.post(1, "right")) == Positions{2});
}

TEST_CASE("an unknown log, a wrong token and an inbox's id are refused alike") {
    Play play;
    Talk unknown;
    CHECK(play.refusal(play.ana.asker(), unknown.post(0, "text")) == Code::refused);
    auto to_inbox = play.talk.post(0, "text");
    to_inbox.log = play.ben.inbox;
    CHECK(play.refusal(play.ana.asker(), std::move(to_inbox)) == Code::refused);
}

TEST_CASE("a Post of nothing, of too much or of too long a payload is refused") {
    Play play;
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, std::vector<protocol::NewEntry>{})) ==
          Code::malformed);
    std::vector<protocol::NewEntry> many;
    for (std::size_t at = 0; at <= protocol::most_entries; ++at)
        many.push_back(entry("x"));
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, std::move(many))) == Code::too_large);
    const std::string longest(protocol::longest_payload, 'x');
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, longest)) == Positions{1});
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, longest + "x")) == Code::too_large);
}

TEST_CASE("a log is made once, and made again only by the same request") {
    Play play;
    Talk talk;
    const auto creation = talk.creation({play.ana.reader_key()});
    CHECK(play.ask(play.ana.asker(), creation).has_value());
    CHECK(play.ask(play.ana.asker(), creation).has_value());
    CHECK(play.refusal(play.ben.asker(), talk.creation({play.ben.reader_key()})) == Code::refused);
    // An inbox's id makes no conversation.
    talk.log = play.ben.inbox;
    CHECK(play.refusal(play.ana.asker(), talk.creation({play.ana.reader_key()})) == Code::refused);
}

TEST_CASE("a log needs readers, and a device may not make logs without end") {
    Play play;
    CHECK(play.refusal(play.ana.asker(), Talk{}.creation({})) == Code::malformed);
    const auto busy = play.store->transact([&](LogTables& tables) -> Result<void> {
        for (std::uint64_t made = 1; made < bounds::logs_per_device; ++made) {
            TRY_VOID(tables.count_log_made(play.ana.device_key()));
        }
        return {};
    });
    REQUIRE(busy.has_value());
    CHECK(play.refusal(play.ana.asker(), Talk{}.creation({play.ana.reader_key()})) ==
          Code::too_many);
    CHECK(play.ask(play.ben.asker(), Talk{}.creation({play.ben.reader_key()})).has_value());
}

TEST_CASE("a deposit needs the inbox's token, and a retry does not deposit twice") {
    Play play;
    const protocol::NewEntry letter = entry("letter");
    const auto deposit = [&](const LogId& inbox, const Secret& token, protocol::NewEntry content) {
        return protocol::Deposit{inbox, token.copy(), std::move(content)};
    };
    const Actor& ben = play.ben;
    CHECK(play.positions(play.ana.asker(), deposit(ben.inbox, ben.deposit, letter)) ==
          Positions{1});
    CHECK(play.positions(play.ana.asker(), deposit(ben.inbox, ben.deposit, letter)) ==
          Positions{1});
    CHECK(play.refusal(play.ana.asker(), deposit(ben.inbox, new_token(), entry("letter"))) ==
          Code::refused);
    CHECK(play.refusal(play.ana.asker(),
                       deposit(ben.inbox, ben.deposit, {letter.id, to_bytes("x")})) ==
          Code::id_reused);
    // A conversation is no inbox.
    CHECK(play.refusal(play.ana.asker(), deposit(play.talk.log, ben.deposit, letter)) ==
          Code::refused);
    CHECK(play.texts(play.ben, play.ben.inbox) == Texts{"letter"});
}

TEST_CASE("an inbox is read by its own reader alone") {
    Play play;
    CHECK(play.ask(play.ben.asker(), play.ben.opening(play.ben.inbox)).has_value());
    CHECK(play.refusal(play.ana.asker(), play.ana.opening(play.ben.inbox)) == Code::refused);
    auto stolen = play.ben.opening(play.ben.inbox);
    stolen.signature = play.ana.opening(play.ben.inbox).signature;
    CHECK(play.refusal(play.ana.asker(), std::move(stolen)) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), protocol::Read{play.ben.inbox, {0}}) == Code::refused);
}

TEST_CASE("a reader's signature opens a log on its own connection and no other") {
    Play play;
    Asker elsewhere = play.ben.asker();
    elsewhere.binding.fill(9);
    CHECK(play.refusal(elsewhere, play.ben.opening(play.talk.log)) == Code::refused);
    CHECK(play.ask(elsewhere, play.ben.opening(play.talk.log, elsewhere.binding)).has_value());
}

TEST_CASE("a full log refuses what comes, and keeps all it has") {
    Play play;
    Talk full{};
    // As if all but one of its entries had been appended.
    Log log{};
    log.id = full.log;
    log.kind = LogKind::Conversation;
    log.head = {bounds::entries_per_log - 1};
    const auto put = play.store->transact([&](LogTables& tables) -> Result<void> {
        TRY_VOID(tables.insert_log(log));
        TRY_VOID(tables.epochs().insert_candidate(log.id, {Epoch{0}, Seq{0}, full.verifier(0)}));
        return tables.put_reader(log.id, {play.ana.reader_key(), Seq{1}, std::nullopt});
    });
    REQUIRE(put.has_value());
    CHECK(play.positions(play.ana.asker(), full.post(0, "last")) ==
          Positions{bounds::entries_per_log});
    CHECK(play.refusal(play.ana.asker(), full.post(0, "one too many")) == Code::log_full);
    CHECK(play.texts(play.ana, full.log) == Texts{"last"});
}
