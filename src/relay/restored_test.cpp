// SPDX-License-Identifier: AGPL-3.0-or-later

// A relay that was restored from a backup takes back what its readers have kept, and nothing else,
// before it goes on.

#include <catch2/catch_test_macros.hpp>

#include "net/succession.h"
#include "relay/chain.h"
#include "relay/recovery.h"
#include "relay/verify.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;

constexpr Stamp restored_at{2'000'000};

/// People and their conversation, to be put before one relay and another.
struct Circle {
    Actor ana;
    Actor ben;
    Actor zoe;
    Talk talk;
};

/// A relay that has heard of all of them, and of what was said before the backup.
void furnish(Desk& desk, Circle& circle) {
    desk.admit(circle.ana);
    desk.admit(circle.ben);
    desk.admit(circle.zoe);
    desk.create(circle.ana, circle.talk, {circle.ana.reader_key(), circle.ben.reader_key()});
    REQUIRE(desk.ask(circle.ana.asker(), circle.talk.post(0, "before")).has_value());
}

/// What a reader of the relay's former life has kept of the log behind a position.
std::vector<protocol::Entry> kept(Desk& desk, const Actor& actor, const LogId& log, Seq after) {
    const auto answer = desk.ask(actor.reading(), protocol::Read{log, after});
    REQUIRE(answer.has_value());
    return std::get<protocol::Entries>(answer->body).entries;
}

/// The relay before the accident, with more than the backup: a message, Zoe's coming in, another.
class Former : public Desk {
  public:
    explicit Former(Circle& circle) {
        furnish(*this, circle);
        now = {1'500'000};
        REQUIRE(ask(circle.ben.asker(), circle.talk.post(0, "lost")).has_value());
        auto bundle = circle.talk.bundle(circle.ana, 0);
        bundle.readers_added = {circle.zoe.reader_key()};
        REQUIRE(ask(circle.ana.asker(), circle.talk.signed_by(circle.ana, bundle)).has_value());
        REQUIRE(ask(circle.zoe.asker(), circle.talk.post(1, "lost too")).has_value());
    }
};

/// The same restored from a backup of before.
class Restored : public Desk {
  public:
    explicit Restored(Circle& circle) {
        furnish(*this, circle);
        now = {restored_at.value + 1'000};
        allowance.recovery = std::make_shared<Recovery>(protocol::IncarnationStatement{
            {}, protocol::Incarnation::random(chance()), restored_at});
    }
};

protocol::DeclareKept declared(const Circle& circle, std::uint64_t upto) {
    return {circle.talk.log, {upto}};
}

}  // namespace

TEST_CASE("a restored log is given back what it has forgotten, hash by hash, and goes on") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    const auto lost = kept(former, circle.ana, circle.talk.log, {1});
    REQUIRE(lost.size() == 3);
    // Zoe's key came in by what is forgotten.
    CHECK(restored.refusal(circle.zoe.asker(), circle.zoe.opening(circle.talk.log)) ==
          Code::refused);
    REQUIRE(
        restored.ask(circle.ana.reading(), protocol::GiveBack{circle.talk.log, lost}).has_value());
    CHECK(restored.texts(circle.ben, circle.talk.log) == former.texts(circle.ben, circle.talk.log));
    CHECK(kept(restored, circle.ben, circle.talk.log, {1}).back().chain == lost.back().chain);
    CHECK(restored.ask(circle.zoe.asker(), circle.zoe.opening(circle.talk.log)).has_value());
    for (const Actor* actor : {&circle.ana, &circle.ben, &circle.zoe})
        REQUIRE(restored.ask(actor->reading(), declared(circle, 4)).has_value());
    CHECK(restored.positions(circle.zoe.asker(), circle.talk.post(1, "new")) ==
          std::vector<std::uint64_t>{5});
    CHECK(verify(*restored.store).has_value());
}

TEST_CASE("a restored log takes nothing new before its readers have declared themselves") {
    Circle circle;
    Restored restored(circle);
    const auto say = [&] {
        return restored.refusal(circle.ana.asker(), circle.talk.post(0, "new"));
    };
    CHECK(say() == Code::relay_restored);
    CHECK(restored.refusal(circle.ana.asker(),
                           circle.talk.signed_by(circle.ana, circle.talk.bundle(circle.ana, 0))) ==
          Code::relay_restored);
    REQUIRE(restored.ask(circle.ana.reading(), declared(circle, 1)).has_value());
    CHECK(say() == Code::relay_restored);
    // Who has read more gives it back first.
    CHECK(restored.refusal(circle.ben.reading(), declared(circle, 2)) == Code::refused);
    const auto last = restored.ask(circle.ben.reading(), declared(circle, 1));
    REQUIRE(last.has_value());
    CHECK(last->effects.size() == 1);  // whoever waits hears of it
    CHECK(say() == Code::unknown);
}

TEST_CASE("a restored log waits five minutes for its readers, and no longer") {
    Circle circle;
    Restored restored(circle);
    restored.now = {restored_at.value + 299'999};
    CHECK(restored.refusal(circle.ana.asker(), circle.talk.post(0, "new")) == Code::relay_restored);
    restored.now = {restored_at.value + 300'000};
    CHECK(restored.refusal(circle.ana.asker(), circle.talk.post(0, "new")) == Code::unknown);
}

TEST_CASE("a log that has gone on in its new life waits for nobody, also after another start") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    for (const Actor* actor : {&circle.ana, &circle.ben})
        REQUIRE(restored.ask(actor->reading(), declared(circle, 1)).has_value());
    REQUIRE(restored.ask(circle.ana.asker(), circle.talk.post(0, "new")).has_value());
    restored.allowance.recovery =
        std::make_shared<Recovery>(restored.allowance.recovery->statement());
    CHECK(restored.refusal(circle.ben.asker(), circle.talk.post(0, "newer")) == Code::unknown);
    // What was lost has no place any more.
    CHECK(restored.refusal(circle.ana.reading(),
                           protocol::GiveBack{circle.talk.log,
                                              kept(former, circle.ana, circle.talk.log, {1})}) ==
          Code::stale);
}

TEST_CASE("what two readers give back stands there once") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    const auto lost = kept(former, circle.ana, circle.talk.log, {0});
    for (const Actor* actor : {&circle.ben, &circle.ana})
        REQUIRE(
            restored.ask(actor->reading(), protocol::GiveBack{circle.talk.log, lost}).has_value());
    CHECK(restored.texts(circle.ben, circle.talk.log).size() == 4);
}

TEST_CASE("attack: what does not go on from a restored log's chain is not put back") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    const auto lost = kept(former, circle.ana, circle.talk.log, {1});
    const auto give = [&](const Actor& actor, auto change) {
        auto changed = lost;
        change(changed);
        return restored.refusal(actor.reading(),
                                protocol::GiveBack{circle.talk.log, std::move(changed)});
    };
    const auto chained = [&circle](std::vector<protocol::Entry>& entries, ChainHash before) {
        for (auto& entry : entries)
            before = entry.chain = chain_after(before, circle.talk.log, entry);
    };
    const ChainHash start = kept(former, circle.ana, circle.talk.log, {0}).front().chain;
    CHECK(give(circle.ana, [](auto& all) { all[0].payload = to_bytes("other"); }) == Code::refused);
    CHECK(give(circle.ana, [](auto& all) { all[2].stamp.value -= 1; }) == Code::refused);
    CHECK(give(circle.ana, [](auto& all) { all.erase(all.begin()); }) == Code::refused);
    CHECK(give(circle.ana, [](auto& all) { std::swap(all[0], all[1]); }) == Code::refused);
    // Of the new life, though along the chain.
    CHECK(give(circle.ana, [&](auto& all) {
              all[0].stamp = restored_at;
              chained(all, start);
          }) == Code::refused);
    // A bundle that its epoch's key has not signed, under an author who has not either.
    CHECK(give(circle.ana, [&](auto& all) {
              auto letter = *codec::decode<protocol::SignedBundle>(all[1].payload);
              letter.epoch_signature[3] ^= 1U;
              all[1].payload = codec::encode(letter);
              chained(all, start);
          }) == Code::refused);
    // An epoch that no bundle leads to; a letter for an inbox.
    CHECK(give(circle.ana, [&](auto& all) {
              all[2].epoch = {7};
              chained(all, start);
          }) == Code::refused);
    CHECK(give(circle.ana, [&](auto& all) {
              all[2].kind = protocol::EntryKind::Deposit;
              chained(all, start);
          }) == Code::refused);
    // Nobody but who reads the log.
    Asker stranger = circle.zoe.asker();
    stranger.reader = circle.zoe.reader_key();
    CHECK(restored.refusal(stranger, protocol::GiveBack{circle.talk.log, lost}) == Code::refused);
    CHECK(restored.refusal(circle.ana.asker(), protocol::GiveBack{circle.talk.log, lost}) ==
          Code::refused);
    // And of all that nothing was kept.
    CHECK(restored.texts(circle.ana, circle.talk.log) == std::vector<std::string>{"before"});
}

TEST_CASE("attack: nothing is put into a restored log's past once its readers have declared") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    const auto lost = kept(former, circle.ana, circle.talk.log, {1});
    for (const Actor* actor : {&circle.ana, &circle.ben})
        REQUIRE(restored.ask(actor->reading(), declared(circle, 1)).has_value());
    CHECK(restored.refusal(circle.ana.reading(), protocol::GiveBack{circle.talk.log, lost}) ==
          Code::stale);
    CHECK(restored.texts(circle.ana, circle.talk.log) == std::vector<std::string>{"before"});
}

TEST_CASE("attack: nothing is put into a restored log's past an hour later, though it is idle") {
    Circle circle;
    Former former(circle);
    Restored restored(circle);
    const auto lost = kept(former, circle.ana, circle.talk.log, {1});
    const auto give = [&] {
        return restored.refusal(circle.ana.reading(), protocol::GiveBack{circle.talk.log, lost});
    };
    restored.now = {restored_at.value + 3'600'000};
    CHECK(give() == Code::stale);
    CHECK(restored.texts(circle.ana, circle.talk.log) == std::vector<std::string>{"before"});
    restored.now = {restored_at.value + 3'599'999};
    CHECK(give() == Code::unknown);
}

TEST_CASE("attack: a relay that was not restored takes nothing back") {
    Circle circle;
    Former former(circle);
    Desk forgetful;
    furnish(forgetful, circle);
    CHECK(forgetful.refusal(circle.ana.reading(),
                            protocol::GiveBack{circle.talk.log,
                                               kept(former, circle.ana, circle.talk.log, {1})}) ==
          Code::refused);
    CHECK(forgetful.refusal(circle.ana.asker(), protocol::GetIncarnation{}) == Code::refused);
}

TEST_CASE("a restored relay signs which life it lives, by the key that devices know") {
    Town town;
    town.stop();
    const protocol::IncarnationStatement statement{
        {}, protocol::Incarnation::random(chance()), {7}};
    Terms terms;
    terms.allowance.recovery = std::make_shared<Recovery>(statement);
    town.server = must(Server::start(town.loop,
                                     town.loop.clock(),
                                     town.network,
                                     {"relay", 7443},
                                     town.identity,
                                     *town.fragile,
                                     town.diary,
                                     std::move(terms)));
    Peer ana = town.session(town.ana);
    const auto answer = ana.ask(protocol::GetIncarnation{});
    REQUIRE(answer.has_value());
    const auto& said = std::get<protocol::SignedIncarnation>(*answer);
    CHECK(net::fingerprint_of(said.key) == town.identity.key());
    CHECK(access::verify(said.key, access::Label::Incarnation, said.statement, said.signature)
              .has_value());
    CHECK(codec::decode<protocol::IncarnationStatement>(said.statement)->now == statement.now);
}
