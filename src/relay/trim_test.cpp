// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/trim.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/verify.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;
using Positions = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

std::uint64_t count(Duration span) {
    return static_cast<std::uint64_t>(span.count());
}

struct Play : Desk {
    Play() {
        for (const Actor* actor : {&ana, &ben, &cleo})
            admit(*actor);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
    }

    void say(std::initializer_list<std::string_view> texts, std::uint64_t epoch = 0) {
        for (const std::string_view text : texts)
            REQUIRE(ask(ana.asker(), talk.post(epoch, text)).has_value());
    }

    void keeps(const Actor& actor, const LogId& log, std::uint64_t upto) {
        REQUIRE(ask(actor.reading(), protocol::Acknowledge{log, {upto}, {0}}).has_value());
    }

    /// One walk over all logs, at this moment; what is left holds together.
    void trim() {
        Trimmed walk;
        do {
            const auto trimmed = trim_once(*store, retention, walk.behind, now);
            REQUIRE(trimmed.has_value());
            walk = *trimmed;
            ++pieces;
        } while (walk.again);
        const auto verified = verify(*store);
        INFO((verified.has_value() ? "" : verified.error().reason.text));
        REQUIRE(verified.has_value());
    }

    Log state(const LogId& id) {
        std::optional<Log> log;
        REQUIRE(store
                    ->look([&](LogTables& tables) -> Result<void> {
                        TRY(log, tables.find_log(id));
                        return {};
                    })
                    .has_value());
        return *log;
    }

    Positions opened(const Actor& actor, const LogId& log) {
        const auto answer = ask(actor.asker(), actor.opening(log));
        REQUIRE(answer.has_value());
        const auto& opened = std::get<protocol::Opened>(answer->body);
        return {opened.since.value, opened.head.value};
    }

    Retention retention{};
    int pieces = 0;
    Actor ana{};
    Actor ben{};
    Actor cleo{};
    Talk talk{};
};

std::uintmax_t size_of(const Directory& directory) {
    std::uintmax_t size = 0;
    for (const char* name : {"relay.db", "relay.db-wal"}) {
        const auto path = directory.path() / name;
        if (std::filesystem::exists(path)) size += std::filesystem::file_size(path);
    }
    return size;
}

}  // namespace

TEST_CASE("a log is trimmed up to what all of its readers have kept, and no further") {
    Play play;
    play.say({"one", "two", "three"});
    play.keeps(play.ana, play.talk.log, 3);
    play.trim();
    CHECK(play.texts(play.ben, play.talk.log) == Texts{"one", "two", "three"});
    play.keeps(play.ben, play.talk.log, 2);
    play.trim();
    CHECK(play.texts(play.ben, play.talk.log) == Texts{"three"});
    CHECK(play.opened(play.ben, play.talk.log) == Positions{3, 3});
    CHECK(play.state(play.talk.log).bytes == 5);
    play.keeps(play.ben, play.talk.log, 3);
    play.trim();
    CHECK(play.texts(play.ben, play.talk.log).empty());
    CHECK(play.opened(play.ben, play.talk.log) == Positions{4, 3});
    CHECK(play.state(play.talk.log).bytes == 0);
}

TEST_CASE("a log whose entries are all gone goes on where it was, with the same chain") {
    Play play;
    play.say({"one", "two"});
    const ChainHash chain = play.state(play.talk.log).chain;
    play.keeps(play.ana, play.talk.log, 2);
    play.keeps(play.ben, play.talk.log, 2);
    play.trim();
    CHECK(play.state(play.talk.log).base_chain == chain);
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, "three")) == Positions{3});
    const auto read = play.ask(play.ben.reading(), protocol::Read{play.talk.log, {2}});
    REQUIRE(read.has_value());
    const auto& entries = std::get<protocol::Entries>(read->body).entries;
    REQUIRE(entries.size() == 1);
    play.trim();
    play.store.reset();
    play.store = play.directory.open_store();
    CHECK(verify(*play.store).has_value());
}

TEST_CASE("a trimmed log knows its epoch, whether or not a bundle was the last to go") {
    for (const std::uint64_t upto : {1U, 2U, 3U}) {
        Play play;
        play.say({"one"});
        REQUIRE(play.positions(play.ana.asker(),
                               play.talk.signed_by(play.ana, play.talk.bundle(play.ana, 0))) ==
                Positions{2});
        play.say({"two"}, 1);
        play.keeps(play.ana, play.talk.log, upto);
        play.keeps(play.ben, play.talk.log, upto);
        play.trim();
        CHECK(play.state(play.talk.log).base.value == upto);
        CHECK(play.positions(play.ana.asker(), play.talk.post(1, "more")) == Positions{4});
        CHECK(verify(*play.store).has_value());
        CHECK(play.refusal(play.ana.asker(), play.talk.post(0, "late")) == Code::stale);
    }
}

TEST_CASE("a reader who came later needs nothing from before its time") {
    Play play;
    play.say({"one"});
    play.keeps(play.ben, play.talk.log, 1);
    auto change = play.talk.bundle(play.ana, 0);
    change.readers_added = {play.cleo.reader_key()};
    REQUIRE(play.positions(play.ana.asker(), play.talk.signed_by(play.ana, change)) ==
            Positions{2});
    play.say({"two"}, 1);
    play.keeps(play.ana, play.talk.log, 3);
    play.keeps(play.ben, play.talk.log, 3);
    play.trim();
    // Cleo has said nothing yet: all from the bundle on that added her stays.
    CHECK(play.opened(play.cleo, play.talk.log) == Positions{2, 3});
    CHECK(play.texts(play.cleo, play.talk.log).size() == 2);
    play.keeps(play.cleo, play.talk.log, 3);
    play.trim();
    CHECK(play.texts(play.cleo, play.talk.log).empty());
}

TEST_CASE("a reader who was dropped counts until it has heard of that, or a week has passed") {
    for (const bool hears : {true, false}) {
        Play play;
        play.say({"one"});
        auto change = play.talk.bundle(play.ana, 0);
        change.readers_dropped = {play.ben.reader_key()};
        REQUIRE(play.positions(play.ana.asker(), play.talk.signed_by(play.ana, change)) ==
                Positions{2});
        play.say({"two"}, 1);
        play.keeps(play.ana, play.talk.log, 3);
        play.now.value += count(bounds::patience_for_the_dropped);
        play.trim();
        CHECK(play.opened(play.ben, play.talk.log) == Positions{1, 2});
        if (hears) {
            play.keeps(play.ben, play.talk.log, 2);
        } else {
            play.now.value += 1;
        }
        play.trim();
        CHECK(play.state(play.talk.log).base.value == 3);
        // Nothing is left that it might read.
        CHECK(play.opened(play.ben, play.talk.log) == Positions{4, 2});
    }
}

TEST_CASE("an inbox is trimmed by its one reader, and takes letters as before") {
    Play play;
    for (const char* text : {"first", "second"})
        REQUIRE(play.ask(play.ana.asker(), play.ben.letter(text)).has_value());
    play.keeps(play.ben, play.ben.inbox, 1);
    play.trim();
    CHECK(play.texts(play.ben, play.ben.inbox) == Texts{"second"});
    CHECK(play.positions(play.ana.asker(), play.ben.letter("third")) == Positions{3});
    CHECK(verify(*play.store).has_value());
}

TEST_CASE("when retention ends entries go unacknowledged, and the log says where it begins") {
    Play play;
    play.say({"old"});
    play.now.value += count(30 * 24h);
    play.say({"young"});
    play.now.value += count(play.retention.entries - 30 * 24h);
    play.trim();
    CHECK(play.texts(play.ben, play.talk.log) == Texts{"old", "young"});
    play.now.value += 1;
    play.trim();
    CHECK(play.texts(play.ben, play.talk.log) == Texts{"young"});
    CHECK(play.opened(play.ben, play.talk.log) == Positions{2, 2});
    play.retention.entries = 1h;
    play.trim();
    CHECK(play.opened(play.ben, play.talk.log) == Positions{3, 2});
}

TEST_CASE(
    "a repetition is known for as long as retention, though its entry is gone, and not for ever") {
    Play play;
    const auto letter = play.talk.post(0, "once");
    REQUIRE(play.positions(play.ana.asker(), play.talk.post(0, letter.entries)) == Positions{1});
    play.keeps(play.ana, play.talk.log, 1);
    play.keeps(play.ben, play.talk.log, 1);
    play.trim();
    CHECK(play.state(play.talk.log).base.value == 1);
    play.now.value += count(play.retention.entries) - 1;
    play.trim();
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, letter.entries)) == Positions{1});
    auto other = letter.entries;
    other.front().payload = to_bytes("other");
    CHECK(play.refusal(play.ana.asker(), play.talk.post(0, other)) == Code::id_reused);
    play.now.value += 1;
    play.trim();
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, other)) == Positions{2});
}

TEST_CASE("ids of entries that go later wait their own time") {
    Play play;
    const auto first = play.talk.post(0, "first");
    const auto second = play.talk.post(0, "second");
    const auto trim_to = [&](std::uint64_t upto) {
        play.keeps(play.ana, play.talk.log, upto);
        play.keeps(play.ben, play.talk.log, upto);
        play.trim();
    };
    REQUIRE(play.ask(play.ana.asker(), play.talk.post(0, first.entries)).has_value());
    trim_to(1);
    play.now.value += count(play.retention.entries) - 5;
    REQUIRE(play.ask(play.ana.asker(), play.talk.post(0, second.entries)).has_value());
    trim_to(2);
    play.now.value += 5;
    play.trim();
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, second.entries)) == Positions{2});
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, first.entries)) == Positions{3});
    play.now.value += count(play.retention.entries);
    play.trim();
    CHECK(play.positions(play.ana.asker(), play.talk.post(0, second.entries)) == Positions{4});
}

TEST_CASE("a recorded log is trimmed by its own retention alone, and never if it has none") {
    Play play;
    Talk record{};
    Log log{};
    log.id = record.log;
    log.kind = LogKind::Conversation;
    log.keeping = Keeping::Recorded;
    REQUIRE(play.store
                ->transact([&](LogTables& tables) -> Result<void> {
                    TRY_VOID(tables.insert_log(log));
                    TRY_VOID(tables.epochs().insert_candidate(
                        log.id, {Epoch{0}, Seq{0}, record.verifier(0)}));
                    return tables.put_reader(log.id, {play.ana.reader_key(), {1}, std::nullopt});
                })
                .has_value());
    REQUIRE(play.ask(play.ana.asker(), record.post(0, "minute")).has_value());
    play.keeps(play.ana, log.id, 1);
    play.now.value += count(100 * play.retention.entries);
    play.trim();
    CHECK(play.texts(play.ana, log.id) == Texts{"minute"});
    play.retention.records = 100 * play.retention.entries;
    play.trim();
    CHECK(play.texts(play.ana, log.id) == Texts{"minute"});
    play.now.value += 1;
    play.trim();
    CHECK(play.texts(play.ana, log.id).empty());
}

TEST_CASE(
    "what is trimmed frees its log's bounds, and gives its room back to the disk, in pieces") {
    Play play;
    const std::string text(protocol::longest_payload, 'x');
    play.trim();
    const std::uintmax_t before = size_of(play.directory);
    constexpr std::uint64_t many = 40;
    for (std::uint64_t at = 0; at < many; ++at)
        play.say({text});
    REQUIRE(play.store->give_back().has_value());
    CHECK(size_of(play.directory) > before + many * text.size());
    play.keeps(play.ana, play.talk.log, many);
    play.keeps(play.ben, play.talk.log, many);
    play.pieces = 0;
    play.trim();
    CHECK(play.pieces > 2);
    CHECK(play.state(play.talk.log).bytes == 0);
    CHECK(size_of(play.directory) < before + text.size());
}

TEST_CASE("a walk finds every log that has something to go, however many there are") {
    Play play;
    std::vector<Talk> talks(bounds::logs_per_look + 3);
    for (Talk& talk : talks) {
        play.create(play.ana, talk, {play.ana.reader_key()});
        REQUIRE(play.ask(play.ana.asker(), talk.post(0, "text")).has_value());
        play.keeps(play.ana, talk.log, 1);
    }
    play.trim();
    for (const Talk& talk : talks)
        CHECK(play.state(talk.log).base.value == 1);
}

TEST_CASE("a running relay trims what is acknowledged, without being asked for anything") {
    Town town;
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(town.talk.post(0, "one")).has_value());
    REQUIRE(ana.ask(town.ana.opening(town.talk.log, ana.binding())).has_value());
    REQUIRE(ana.ask(protocol::Acknowledge{town.talk.log, {1}, {0}}).has_value());
    Peer ben = town.session(town.ben);
    REQUIRE(ben.ask(town.ben.opening(town.talk.log, ben.binding())).has_value());
    const auto left = [&] {
        std::uint64_t entries = 0;
        REQUIRE(town.fragile
                    ->look([&entries](LogTables& tables) -> Result<void> {
                        TRY(const Counts counts, tables.counts());
                        entries = counts.entries;
                        return {};
                    })
                    .has_value());
        return entries;
    };
    town.loop.run_for(bounds::pause_between_trims + 1min);
    CHECK(left() == 1);
    REQUIRE(ben.ask(protocol::Acknowledge{town.talk.log, {1}, {0}}).has_value());
    // A disk that fails under it is tried again.
    town.fragile->fails_next = true;
    town.loop.run_for(bounds::pause_between_trims + 1min);
    CHECK(left() == 1);
    town.loop.run_for(bounds::pause_between_trims + 1min);
    CHECK(left() == 0);
}
