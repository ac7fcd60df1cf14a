// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/backup.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>

#include "relay/incarnation.h"
#include "relay/left_out.h"
#include "store/transaction.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

namespace fs = std::filesystem;

Bytes content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Play : Desk {
    Play() {
        admit(ana);
        create(ana, talk, {ana.reader_key()});
        say("one");
        REQUIRE(ask(ana.asker(), parcel.creation()).has_value());
        REQUIRE(ask(ana.asker(), parcel.put(0, 1)).has_value());
        REQUIRE(
            store::write_private_file(data() / "relay.key", identity.save().reveal()).has_value());
    }

    void say(std::string_view text) { REQUIRE(ask(ana.asker(), talk.post(0, text)).has_value()); }

    [[nodiscard]] const fs::path& data() const { return directory.path(); }

    [[nodiscard]] fs::path snapshot() const { return data() / "snapshot.db"; }

    /// Backed up, with something said between the pieces.
    Result<Verified> back_up() {
        auto copy = must(store->begin_copy(snapshot()));
        say("while it is copied");
        while (must(copy->next()) == StoreCopy::Progress::More) {
        }
        auto made = complete_backup(snapshot(), data(), backup());
        fs::remove(snapshot());
        return made;
    }

    [[nodiscard]] fs::path backup() const { return elsewhere.path() / "backup"; }

    [[nodiscard]] fs::path restored() const { return elsewhere.path() / "restored"; }

    Result<Restored> restore() {
        must(store::make_private_directory(restored()));
        return restore_backup(backup(), restored(), {5}, chance());
    }

    Actor ana{};
    Talk talk{};
    Parcel parcel{};
    net::ServerIdentity identity = net::ServerIdentity::generate(chance());
    Directory elsewhere{};
};

}  // namespace

TEST_CASE("what was durable before a backup is in what is restored from it") {
    Play play;
    const auto made = play.back_up();
    REQUIRE(made.has_value());
    play.say("after it");
    const auto restored = play.restore();
    REQUIRE(restored.has_value());
    REQUIRE(restored->key == play.identity.key());
    REQUIRE(restored->verified.entries == made->entries);

    play.store = must(open_sqlite_store({play.restored() / "relay.db"}, chance()));
    REQUIRE(play.texts(play.ana, play.talk.log) ==
            std::vector<std::string>{"one", "while it is copied"});
    REQUIRE(play.ask(play.ana.asker(), play.parcel.get(0)).has_value());
    play.say("and it goes on");
}

TEST_CASE("a restored relay is another incarnation, and its key has signed which one it was") {
    Play play;
    Identity before{};
    must(play.store->look([&before](LogTables& tables) -> Result<void> {
        TRY(before, tables.identity());
        return {};
    }));
    must(play.back_up());
    const auto restored = play.restore();
    REQUIRE(restored.has_value());
    REQUIRE(restored->before == before.incarnation);
    REQUIRE(restored->now != before.incarnation);

    const auto statement =
        check_incarnation(content_of(play.restored() / "incarnation"), play.identity);
    REQUIRE(statement.has_value());
    REQUIRE(statement->before == before.incarnation);
    REQUIRE(statement->now == restored->now);
    const auto other = net::ServerIdentity::generate(chance());
    const auto forged = check_incarnation(content_of(play.restored() / "incarnation"), other);
    REQUIRE_FALSE(forged.has_value());
    REQUIRE(forged.error().code == Code::forged);
}

TEST_CASE("a backup replaces nothing, and neither does a restore") {
    Play play;
    must(play.back_up());
    const auto again = play.back_up();
    REQUIRE_FALSE(again.has_value());
    REQUIRE(again.error().code == Code::already_exists);

    must(play.restore());
    const auto twice = restore_backup(play.backup(), play.restored(), {5}, chance());
    REQUIRE_FALSE(twice.has_value());
    REQUIRE(twice.error().code == Code::already_exists);
}

TEST_CASE("a backup of which one bit is another one is not restored") {
    Play play;
    must(play.back_up());
    for (const char* const name : {"relay.db", "relay.key", "backup"}) {
        const Bytes whole = content_of(play.backup() / name);
        for (std::size_t at = 0; at < whole.size(); at += whole.size() / 23 + 1) {
            Bytes damaged = whole;
            damaged[at] ^= 4;
            must(store::write_private_file(play.backup() / name, damaged));
            INFO(name << " " << at);
            const auto checked = check_backup(play.backup());
            // The name of the incarnation in the list is told from the store's only by a restore.
            if (checked.has_value()) {
                REQUIRE(std::string_view(name) == "backup");
                REQUIRE_FALSE(play.restore().has_value());
                fs::remove_all(play.restored());
            }
        }
        must(store::write_private_file(play.backup() / name, whole));
    }
    REQUIRE(check_backup(play.backup()).has_value());
}

TEST_CASE("a backup that was not finished, or lacks a file, is not restored") {
    Play play;
    must(play.back_up());
    fs::remove(play.backup() / "backup");
    REQUIRE(check_backup(play.backup()).error().code == Code::not_found);
    fs::remove_all(play.backup());
    must(play.back_up());
    fs::remove(play.backup() / "relay.key");
    REQUIRE(check_backup(play.backup()).error().code == Code::store_corrupt);
}

TEST_CASE("what may not come back is not in a backup, nor its bytes") {
    const Directory place;
    static constexpr std::array<store::Sql, 1> tables{
        "CREATE TABLE kept (body BLOB); CREATE TABLE guesses (body BLOB);"};
    static constexpr std::array<LeftOut, 2> out{{
        {"guesses", "DELETE FROM guesses"},
        {"not_there_yet", "DELETE FROM kept"},
    }};
    const Bytes kept(3000, 0x5a);
    const Bytes guessed(3000, 0xa5);
    {
        auto database = must(store::Database::open({place.path() / "copy.db"}));
        must(database.migrate(tables));
        auto transaction = must(database.begin());
        must(transaction.run("INSERT INTO kept VALUES (?1)", kept));
        must(transaction.run("INSERT INTO guesses VALUES (?1)", guessed));
        must(std::move(transaction).commit());
    }
    const auto holds = [&place](const Bytes& bytes) {
        const Bytes file = content_of(place.path() / "copy.db");
        return !std::ranges::search(file, bytes).empty();
    };
    REQUIRE(holds(guessed));
    REQUIRE(leave_out({place.path() / "copy.db"}, out).has_value());
    REQUIRE(holds(kept));
    REQUIRE_FALSE(holds(Bytes(16, 0xa5)));
    REQUIRE_FALSE(fs::exists(place.path() / "copy.db-wal"));
}

TEST_CASE("whoever adds a table of shares or guesses has to leave it out of backups") {
    const Directory place;
    must(place.open_store() != nullptr);
    auto database = must(store::Database::open({place.path() / "relay.db"}));
    const auto names =
        must(database.all<std::string>("SELECT name FROM sqlite_schema WHERE type = 'table'"));
    REQUIRE(names.size() > 10);
    for (const auto& [name] : names) {
        const bool may_not_come_back = name.contains("share") || name.contains("guess");
        if (!may_not_come_back) continue;
        INFO(name);
        REQUIRE(std::ranges::contains(left_out, std::string_view(name), &LeftOut::table));
    }
}
