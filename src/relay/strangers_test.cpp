// SPDX-License-Identifier: AGPL-3.0-or-later

// Bad input at the relay's door, before and after a session is admitted: cut, flipped,
// lengthened, and made up. Every one ends in a refusal or a closed session.

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

class Mutator {
  public:
    explicit Mutator(std::uint32_t seed)
        : random_(seed) {}

    Bytes operator()(Bytes frame) {
        for (std::uint32_t times = below(3); times <= 3; ++times) {
            if (frame.empty()) break;
            const std::size_t at = below(static_cast<std::uint32_t>(frame.size()));
            switch (below(5)) {
                case 0:
                    frame.at(at) ^= static_cast<std::uint8_t>(1U << below(8));
                    break;
                case 1:
                    frame.resize(at);
                    break;
                case 2:
                    frame.at(at) = 0xff;
                    break;
                case 3:
                    frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), 7, 0x80);
                    break;
                default:
                    frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(at));
                    break;
            }
        }
        return frame;
    }

  private:
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(random_() % bound);
    }

    std::minstd_rand random_;
};

std::vector<Bytes> requests(Town& town, const Peer& peer) {
    std::vector<protocol::RequestBody> bodies;
    bodies.emplace_back(protocol::Claim{});
    bodies.emplace_back(town.officer.numbered(99, town.ana.admission()));
    bodies.emplace_back(Talk{}.creation({town.ana.reader_key()}));
    bodies.emplace_back(town.talk.post(0, "text"));
    bodies.emplace_back(town.talk.signed_by(town.ana, town.talk.bundle(town.ana, 0)));
    bodies.emplace_back(town.ana.opening(town.talk.log, peer.binding()));
    bodies.emplace_back(protocol::Read{town.talk.log, {0}});
    bodies.emplace_back(town.ben.letter("letter"));
    bodies.emplace_back(protocol::PutKeyPackages{town.ana.inbox, {to_bytes("package")}});
    bodies.emplace_back(protocol::TakeKeyPackage{town.ben.inbox, town.ben.deposit.copy(), {}});
    bodies.emplace_back(protocol::PutStep{{}, new_token(), 0, to_bytes("step")});
    std::vector<Bytes> frames;
    std::uint32_t number = 0;
    for (auto& body : bodies) {
        frames.push_back(codec::encode(protocol::Request{{++number}, std::move(body)}));
    }
    return frames;
}

}  // namespace

TEST_CASE("mutated frames before hello end their own session and nothing else") {
    Town town;
    Mutator mutate(1);
    for (int round = 0; round < 150; ++round) {
        Peer peer = town.stranger();
        const Bytes hello = codec::encode(protocol::Hello{1, peer.proof(town.ana)});
        static_cast<void>(peer.send(mutate(hello)).has_value());
        static_cast<void>(peer.response().has_value());
    }
    CHECK(town.session(town.ana).ask(town.talk.post(0, "text")).has_value());
}

TEST_CASE("mutated requests of an admitted session end in refusals or its end") {
    Town town;
    Mutator mutate(2);
    for (int round = 0; round < 60; ++round) {
        Peer peer = town.session(town.ana);
        for (const Bytes& frame : requests(town, peer)) {
            if (!peer.send(mutate(frame)).has_value()) break;
        }
        while (peer.receive(std::chrono::seconds{1}).has_value()) {
        }
    }
    // A bundle that a mutation left whole may have moved the log on; the relay lives and keeps.
    Talk talk;
    Peer peer = town.session(town.ben);
    CHECK(peer.ask(talk.creation({town.ben.reader_key()})).has_value());
    CHECK(peer.ask(talk.post(0, "text")).has_value());
}

TEST_CASE("made-up frames of every first byte and many lengths are survived") {
    Town town;
    for (unsigned first = 0; first < 256; first += 5) {
        Peer peer = town.session(town.ana);
        Bytes frame(1 + first * 37 % 4000, static_cast<std::uint8_t>(first));
        static_cast<void>(peer.send(std::move(frame)).has_value());
        const auto answer = peer.response();
        if (answer.has_value()) {
            CHECK(std::holds_alternative<protocol::Refused>(answer->body));
        }
    }
    CHECK(town.session(town.ana).ask(town.talk.post(0, "text")).has_value());
}

TEST_CASE("a request whose number is zero ends the session: zero is nobody's number") {
    Town town;
    Peer peer = town.session(town.ana);
    REQUIRE(peer.send(codec::encode(protocol::Request{{0}, protocol::Claim{}})).has_value());
    const auto answer = peer.response();
    REQUIRE(answer.has_value());
    CHECK(std::get<protocol::Refused>(answer->body).refusal == protocol::Refusal::Malformed);
    CHECK_FALSE(peer.response().has_value());
}
