// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The trip of a Welcome to a device that is not where its sender thinks: it was away while it was
// put out and taken in again, its clock is wrong, or it gets letters that nobody should write.

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "client/inbox.h"
#include "envelope/inbox_letter.h"
#include "relay/chain.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::Town;
using Act = client::ChangeGroup::Act;
using Texts = std::vector<std::string>;

std::unique_ptr<Town> three_in_a_group() {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    for (const char* home : {"bertrand", "chloe"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    return town;
}

void change(Town& town, Act act, const char* whom) {
    REQUIRE(town.play("alice", client::ChangeGroup{act, "cellule", whom}).done());
}

/// Puts a letter for an inbox where the relay keeps them.
void deposit(Town& town, protocol::LogId inbox, const Bytes& letter, protocol::Stamp stamp) {
    REQUIRE(town.store()
                .transact([&](relay::LogTables& tables) -> Result<void> {
                    TRY(const auto log, tables.find_log(inbox));
                    protocol::Entry entry{
                        log->head.next(), protocol::EntryKind::Deposit, {}, stamp, letter, {}};
                    entry.chain = relay::chain_after(log->chain, inbox, entry);
                    const auto id =
                        protocol::EntryId::from(entry.chain.view().first(protocol::EntryId::size));
                    return tables.append(inbox, entry, *id, relay::content_hash(entry));
                })
                .has_value());
}

}  // namespace

TEST_CASE("who is put out and taken in again while away reads what was said before and after") {
    auto town = three_in_a_group();
    town->close("bertrand");
    REQUIRE(town->send("chloe", "cellule", "before").done());
    change(*town, Act::Remove, "bertrand");
    REQUIRE(town->send("alice", "cellule", "without you").done());
    change(*town, Act::Add, "bertrand");
    REQUIRE(town->send("alice", "cellule", "after").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("bertrand", "cellule") == Texts{"before", "after"});
    REQUIRE(town->send("bertrand", "cellule", "here again").done());
    CHECK(town->read("alice", "cellule").back() == "here again");
}

TEST_CASE("who is put out and taken in twice while away comes in, whenever his device dies") {
    for (std::uint64_t at = 1; at < 40; at += 3) {
        INFO("dies at operation " << at);
        auto town = three_in_a_group();
        town->close("bertrand");
        for (int round = 0; round < 2; ++round) {
            change(*town, Act::Remove, "bertrand");
            change(*town, Act::Add, "bertrand");
        }
        REQUIRE(town->send("alice", "cellule", "after").done());
        town->machine("bertrand").plan({store::Trouble::Kind::PowerLoss, at});
        static_cast<void>(town->play("bertrand", client::Sync{0}, 20));
        town->tidy();
        town->machine("bertrand").disk.forget_plan();
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(town->read("bertrand", "cellule") == Texts{"after"});
    }
}

TEST_CASE("a device whose clock is days off comes into what it was taken into all the same") {
    for (const auto off : {Duration(-72h), Duration(24h * 400)}) {
        auto town = Town::with({"alice", "bertrand"});
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        town->close("bertrand");
        REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
        REQUIRE(town->send("alice", "cellule", "bonjour").done());
        town->machine("bertrand").clock.jump(off);
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(town->read("bertrand", "cellule") == Texts{"bonjour"});
        town->close("bertrand");
        town->machine("bertrand").clock.jump(-off);
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(town->read("bertrand", "cellule") == Texts{"bonjour"});
    }
}

TEST_CASE("a relay that stamps a Welcome with another time gains and loses nothing by it") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->close("bertrand");
    town->relay_machine().clock.jump(-24h * 365 * 30);
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    town->relay_machine().clock.jump(24h * 365 * 30);
    REQUIRE(town->send("alice", "cellule", "bonjour").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour"});
}

TEST_CASE(
    "letters that come too early are kept in a small number, once each, and come to nothing") {
    auto town = three_in_a_group();
    client::Core& core = *town->core("bertrand");
    const auto row = core.conversations.group("cellule");
    REQUIRE(row.has_value());
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    const auto inbox = core.self.inbox;
    const protocol::Stamp now{
        static_cast<std::uint64_t>(core.world.clock.wall().time_since_epoch().count())};
    for (std::uint64_t number = 0; number < 40; ++number) {
        const envelope::WelcomeLetter letter{
            1, row->log, {1'000'000 + number}, {}, to_bytes("no Welcome")};
        deposit(
            *town, inbox, envelope::close_letter(keys.closing_key, letter, town->random()), now);
    }
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto kept =
        town->core("bertrand")->database.one<std::int64_t>("SELECT count(*) FROM kept_welcomes");
    REQUIRE(kept.has_value());
    CHECK(std::get<0>(**kept) == 16);
    change(*town, Act::Remove, "bertrand");
    const auto synced = town->play("bertrand", client::Sync{0});
    CHECK(synced.outcome.sentence == "");
    const auto left =
        town->core("bertrand")->database.one<std::int64_t>("SELECT count(*) FROM kept_welcomes");
    REQUIRE(left.has_value());
    CHECK(std::get<0>(**left) == 0);
    change(*town, Act::Add, "bertrand");
    REQUIRE(town->send("alice", "cellule", "bienvenue").done());
    CHECK(town->read("bertrand", "cellule").back() == "bienvenue");
}

TEST_CASE("attack: a Welcome takes somebody in once, at whatever place of its log it is said to") {
    auto town = three_in_a_group();
    client::Core& core = *town->core("bertrand");
    const auto row = core.conversations.group("cellule");
    REQUIRE(row.has_value());
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    const auto inbox = core.self.inbox;
    std::optional<envelope::WelcomeLetter> letter;
    protocol::Stamp stamp;
    const auto looked = town->store().look([&](relay::LogTables& tables) -> Result<void> {
        TRY(const auto entries, tables.entries(inbox, {1}, {1000}, 1000, std::size_t{1} << 20U));
        for (const auto& entry : entries) {
            TRY(auto opened, envelope::open_letter(keys.closing_key, entry.payload));
            stamp = entry.stamp;
            if (opened.log == row->log) letter = std::move(opened);
        }
        return {};
    });
    REQUIRE((looked.has_value() && letter.has_value()));
    change(*town, Act::Remove, "bertrand");
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    // The circle's members know the inbox's key: one of them lends the relay another letter.
    letter->seq = {1'000'000};
    deposit(*town, inbox, envelope::close_letter(keys.closing_key, *letter, town->random()), stamp);
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto conversation = town->core("bertrand")->conversations.load(row->log);
    REQUIRE(conversation.has_value());
    CHECK((*conversation)->row.state == client::ConversationState::Closed);
}

TEST_CASE("attack: who uses up another's key packages, however many, keeps him out of nothing") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    client::Core& core = *town->core("bertrand");
    const auto take_all = [&town, &core] {
        const auto taken = town->store().transact([&](relay::LogTables& tables) -> Result<void> {
            while (true) {
                const auto taker = protocol::EntryId::random(town->random());
                TRY(const auto package, tables.take_package(core.self.inbox, taker));
                if (!package) return {};
            }
        });
        REQUIRE(taken.has_value());
    };
    // As if he had done so for long: what was made stands there, and is never asked for again.
    auto transaction = core.database.begin();
    REQUIRE(transaction.has_value());
    for (int at = 0; at < 1'000; ++at) {
        REQUIRE(transaction
                    ->run("INSERT INTO key_packages (ref, public, secret, reader, deposited)"
                          " VALUES (randomblob(32), x'00', x'00', x'00', 1)")
                    .has_value());
    }
    REQUIRE(std::move(*transaction).commit().has_value());
    for (int round = 0; round < 3; ++round) {
        take_all();
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
    }
    const auto kept = core.database.one<std::int64_t>("SELECT count(*) FROM key_packages");
    REQUIRE(kept.has_value());
    CHECK(std::get<0>(**kept) <= client::most_kept_packages + 1);
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "cellule", "quand même").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"quand même"});
}
