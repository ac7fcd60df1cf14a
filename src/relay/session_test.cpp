// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/session.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;

Code code_of(const auto& result) {
    return result.has_value() ? Code::unknown : result.error().code;
}

std::vector<std::uint64_t> heads(const Peer& peer) {
    std::vector<std::uint64_t> heads;
    for (const auto& one : peer.news) {
        if (const auto* grew = std::get_if<protocol::Grew>(&one)) heads.push_back(grew->head.value);
    }
    return heads;
}

}  // namespace

TEST_CASE("the relay speaks first, and says its version and the life of its store") {
    Town town;
    const Peer peer = town.stranger();
    CHECK(peer.greeting.version == protocol::protocol_version);
    CHECK(peer.greeting.incarnation != protocol::Incarnation{});
}

TEST_CASE("who says nothing is let go after ten seconds") {
    Town town;
    Peer peer = town.stranger();
    CHECK(town.server->sessions() == 1);
    town.loop.run_for(bounds::patience_for_hello + 5s);
    CHECK(town.server->sessions() == 0);
    CHECK(code_of(peer.receive()) != Code::deadline_passed);
}

TEST_CASE("a hello of another version is answered as unsupported, and then the session ends") {
    Town town;
    Peer peer = town.stranger();
    REQUIRE(peer.send(codec::encode(protocol::Hello{99, protocol::AsNewcomer{}})).has_value());
    const auto answer = peer.response();
    REQUIRE(answer.has_value());
    CHECK(answer->number.value == 0);
    CHECK(std::get<protocol::Refused>(answer->body).refusal == protocol::Refusal::Unsupported);
    CHECK_FALSE(peer.response().has_value());
}

TEST_CASE("an unknown device, a forged proof and a proof for another connection read alike") {
    Town town;
    const Actor unknown;
    const auto answer_to = [&](auto make_proof) {
        Peer peer = town.stranger();
        REQUIRE(peer.send(codec::encode(protocol::Hello{1, make_proof(peer)})).has_value());
        const auto frame = peer.receive();
        REQUIRE(frame.has_value());
        CHECK_FALSE(peer.receive().has_value());
        return *frame;
    };
    const Bytes first = answer_to([&](Peer& peer) { return peer.proof(unknown); });
    CHECK(first == answer_to([&](Peer& peer) {
              auto proof = peer.proof(town.ana);
              proof.signature.at(0) ^= 1U;
              return proof;
          }));
    Peer other = town.stranger();
    CHECK(first == answer_to([&](Peer&) { return other.proof(town.ana); }));
    CHECK(first == answer_to([&](Peer& peer) {
              // An officer's proof of the same key is no device's.
              const Officer disguised{town.ana.key.copy(), 0};
              return protocol::AsDevice{town.ana.device_key(), peer.proof(disguised).signature};
          }));
}

TEST_CASE("a subscriber hears that a log has grown, and reads what came") {
    Town town;
    Peer ana = town.session(town.ana);
    Peer ben = town.session(town.ben);
    REQUIRE(ben.ask(town.ben.opening(town.talk.log, ben.binding())).has_value());
    REQUIRE(ana.ask(town.talk.post(0, "text")).has_value());
    ben.listen();
    CHECK(heads(ben) == std::vector<std::uint64_t>{1});
    const auto read = ben.ask(protocol::Read{town.talk.log, {0}});
    REQUIRE(read.has_value());
    const auto& entries = std::get<protocol::Entries>(*read).entries;
    REQUIRE(entries.size() == 1);
    CHECK(to_text(entries.at(0).payload) == "text");
}

TEST_CASE("a removed reader hears of its removal, and then no more") {
    Town town;
    Peer ana = town.session(town.ana);
    Peer ben = town.session(town.ben);
    REQUIRE(ben.ask(town.ben.opening(town.talk.log, ben.binding())).has_value());
    auto removal = town.talk.bundle(town.ana, 0);
    removal.readers_dropped = {town.ben.reader_key()};
    REQUIRE(ana.ask(town.talk.signed_by(town.ana, removal)).has_value());
    REQUIRE(ana.ask(town.talk.post(1, "after")).has_value());
    ben.listen();
    CHECK(heads(ben) == std::vector<std::uint64_t>{1});
    const auto read = ben.ask(protocol::Read{town.talk.log, {0}});
    REQUIRE(read.has_value());
    CHECK(std::get<protocol::Entries>(*read).entries.size() == 1);
    CHECK(std::get<protocol::Entries>(*read).head.value == 1);
    // Nor does opening it anew change that.
    REQUIRE(ben.ask(town.ben.opening(town.talk.log, ben.binding())).has_value());
    REQUIRE(ana.ask(town.talk.post(1, "later")).has_value());
    ben.news.clear();
    ben.listen();
    CHECK(ben.news.empty());
}

TEST_CASE("a log is read in the session that opened it, and in no other") {
    Town town;
    Peer first = town.session(town.ben);
    Peer second = town.session(town.ben);
    REQUIRE(first.ask(town.ben.opening(town.talk.log, first.binding())).has_value());
    CHECK(code_of(second.ask(protocol::Read{town.talk.log, {0}})) == Code::refused);
    CHECK(code_of(second.ask(town.ben.opening(town.talk.log, first.binding()))) == Code::refused);
}

TEST_CASE("requests may follow each other without waiting, and each sees the ones before it") {
    Town town;
    Peer ana = town.session(town.ana);
    Talk talk;
    ana.ask_later(talk.creation({town.ana.reader_key()}));
    ana.ask_later(talk.post(0, "text"));
    ana.ask_later(town.ana.opening(talk.log, ana.binding()));
    const auto number = ana.ask_later(protocol::Read{talk.log, {0}});
    std::optional<protocol::Response> last;
    for (int at = 0; at < 4; ++at) {
        auto answer = ana.response();
        REQUIRE(answer.has_value());
        CHECK_FALSE(std::holds_alternative<protocol::Refused>(answer->body));
        last = *std::move(answer);
    }
    CHECK(last->number == number);
    CHECK(std::get<protocol::Entries>(last->body).entries.size() == 1);
}

TEST_CASE("the sessions of a dropped device end, and it opens no new ones") {
    Town town;
    Peer ben = town.session(town.ben);
    Peer officer = town.session(town.officer);
    REQUIRE(
        officer.ask(town.officer.order(protocol::DropDevice{town.ben.device_key()})).has_value());
    CHECK_FALSE(ben.response().has_value());
    Peer again = town.stranger();
    CHECK(code_of(again.hello(again.proof(town.ben))) == Code::refused);
}

TEST_CASE("a device that comes back once more than it may has its oldest session closed") {
    Town town;
    std::vector<std::unique_ptr<Peer>> peers;
    for (std::size_t at = 0; at <= bounds::sessions_per_device; ++at) {
        peers.push_back(std::make_unique<Peer>(town.session(town.ana)));
    }
    CHECK_FALSE(peers.front()->response().has_value());
    CHECK(peers.back()->ask(town.talk.post(0, "text")).has_value());
    CHECK(town.server->sessions() == bounds::sessions_per_device);
}

TEST_CASE("strangers are counted: beyond their number they are refused, and members are not") {
    Town town;
    std::vector<std::unique_ptr<Peer>> strangers;
    for (std::size_t at = 0; at < bounds::strangers; ++at) {
        strangers.push_back(std::make_unique<Peer>(town.stranger()));
        REQUIRE(strangers.back()->hello(protocol::AsNewcomer{}).has_value());
    }
    Peer late = town.stranger();
    CHECK(code_of(late.hello(protocol::AsNewcomer{})) == Code::too_many);
    CHECK(town.session(town.ana).ask(town.talk.post(0, "text")).has_value());
    town.loop.run_for(bounds::patience_for_strangers + 10s);
    CHECK(town.server->sessions() == 0);
}

TEST_CASE("a peer that asks and never listens is let go, and its answers with it") {
    Town town;
    Peer reader = town.session(town.ben);
    REQUIRE(reader.ask(town.ben.opening(town.talk.log, reader.binding())).has_value());
    for (int at = 0; at < 500; ++at) {
        const Bytes frame = codec::encode(protocol::Request{
            {static_cast<std::uint32_t>(at) + 100}, protocol::CountKeyPackages{town.ben.inbox}});
        if (!reader.send(frame).has_value()) break;
    }
    town.loop.run_for(10min);
    CHECK(town.server->sessions() == 0);
    CHECK(town.session(town.ana).ask(town.talk.post(0, "text")).has_value());
}

TEST_CASE("who waits for a step of an exchange is told when it is written") {
    Town town;
    const ExchangeId exchange = ExchangeId::random(chance());
    const Secret token = new_token();
    const Stamp far_future{std::uint64_t{1} << 60U};
    Peer officer = town.session(town.officer);
    REQUIRE(officer
                .ask(town.officer.order(protocol::OpenExchange{
                    exchange, hash_of(access::Right::Exchange, token), far_future}))
                .has_value());
    REQUIRE(officer.ask(protocol::GetStep{exchange, token.copy(), 0}).has_value());
    Peer newcomer = town.stranger();
    REQUIRE(newcomer.hello(protocol::AsNewcomer{}).has_value());
    REQUIRE(newcomer.ask(protocol::PutStep{exchange, token.copy(), 0, to_bytes("request")})
                .has_value());
    officer.listen();
    REQUIRE(officer.news.size() == 1);
    CHECK(std::get<protocol::Moved>(officer.news.front()).exchange == exchange);
    const auto step = officer.ask(protocol::GetStep{exchange, token.copy(), 0});
    REQUIRE(step.has_value());
    CHECK(std::get<protocol::Step>(*step).payload == to_bytes("request"));
}

TEST_CASE("stopping answers what was accepted, durably, and then says goodbye") {
    Town town;
    Peer ana = town.session(town.ana);
    for (int at = 0; at < 20; ++at)
        ana.ask_later(town.talk.post(0, "text"));
    town.loop.run_for(Duration{30});
    town.stop();
    std::size_t durable = 0;
    while (true) {
        const auto answer = ana.response();
        if (!answer.has_value()) break;
        if (std::holds_alternative<protocol::Posted>(answer->body)) ++durable;
    }
    CHECK(durable > 0);
    town.fragile.reset();
    const auto reopened = town.directory.open_store();
    REQUIRE(reopened
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto log, tables.find_log(town.talk.log));
                    CHECK(log->head.value >= durable);
                    return {};
                })
                .has_value());
}
