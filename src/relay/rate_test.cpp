// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/rate.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using namespace std::chrono_literals;

constexpr SteadyTime start{};

/// On a network that takes no time: what passes is what somebody waits for.
struct Swift : Town {
    Swift() { network.set_delays(0ms, 0ms); }
};

/// How long it takes until so many requests are answered, each asked for after the last one.
Duration time_for(Town& town, Peer& peer, std::uint64_t requests) {
    const SteadyTime began = town.loop.clock().steady();
    for (std::uint64_t at = 0; at < requests; ++at) {
        REQUIRE(peer.ask(protocol::CountKeyPackages{town.ana.inbox}).has_value());
    }
    return town.loop.clock().steady() - began;
}

Peer owner(Town& town) {
    Peer peer = town.session(town.ana);
    REQUIRE(peer.ask(town.ana.opening(town.ana.inbox, peer.binding())).has_value());
    return peer;
}

}  // namespace

TEST_CASE("a bucket gives a second's worth at once, and then as much as comes in") {
    Bucket bucket(100, start);
    CHECK(bucket.is_full(start));
    bucket.take(100, start);
    CHECK(bucket.wait(start) == 0ms);
    bucket.take(1, start);
    CHECK(bucket.wait(start) == 10ms);
    CHECK(bucket.wait(start + 9ms) == 1ms);
    CHECK(bucket.wait(start + 10ms) == 0ms);
    bucket.take(1, start + 10ms);
    CHECK(bucket.wait(start + 10ms) == 10ms);
}

TEST_CASE("a bucket does not become more than full, however long nobody takes anything") {
    Bucket bucket(3, start);
    const SteadyTime later = SteadyTime{Duration::max()} - 1h;
    CHECK(bucket.is_full(later));
    bucket.take(3, later);
    bucket.take(1, later);
    CHECK(bucket.wait(later) == 334ms);
}

TEST_CASE("what was taken beyond a bucket is owed, and a clock that stands still gives nothing") {
    Bucket bucket(std::uint64_t{64} << 20U, start);
    for (int at = 0; at < 128; ++at)
        bucket.take(1U << 20U, start);
    CHECK(bucket.wait(start) == 1s);
    CHECK(bucket.wait(start - 5s) == 1s);
    CHECK_FALSE(bucket.is_full(start + 1s));
    CHECK(bucket.is_full(start + 2s));
}

TEST_CASE("a device's pace is kept until it has rested, and no longer than it is of use") {
    Paces paces({10, 1'000});
    std::vector<protocol::DeviceKey> devices;
    for (int at = 0; at < 200; ++at)
        devices.push_back(protocol::DeviceKey::random(chance()));
    for (const auto& device : devices) {
        Pace& pace = paces.enter(device, start);
        for (int at = 0; at < 11; ++at)
            pace.take_request(1, start);
        paces.leave(device);
    }
    CHECK(paces.size() == 200);
    // Who comes back at once is where it was.
    CHECK(paces.enter(devices.front(), start + 50ms).wait(start + 50ms) == 50ms);
    for (int at = 0; at < 100; ++at) {
        const auto device = protocol::DeviceKey::random(chance());
        static_cast<void>(paces.enter(device, start + 1h));
        paces.leave(device);
    }
    CHECK(paces.size() <= 130);
    CHECK(paces.enter(devices.front(), start + 1h).wait(start + 1h) == 0ms);
}

TEST_CASE("a device that asks for more than its rate is heard later, and refused nothing") {
    Swift town;
    Peer ana = owner(town);
    const Duration quick = time_for(town, ana, bounds::requests_per_second - 10);
    const Duration slow = time_for(town, ana, bounds::requests_per_second);
    CHECK(quick < 100ms);
    CHECK(slow > 800ms);
    CHECK(slow < 2s);
    CHECK(town.server->tally().slowed > 0);
    // Nobody else is: another one's bucket is its own.
    Peer ben = town.session(town.ben);
    const SteadyTime began = town.loop.clock().steady();
    CHECK(ben.ask(town.talk.post(0, "meanwhile")).has_value());
    CHECK(town.loop.clock().steady() - began < 100ms);
}

TEST_CASE("attack: more sessions, or a new one, are no way around a device's rate") {
    Swift town;
    {
        Peer first = owner(town);
        static_cast<void>(time_for(town, first, bounds::requests_per_second));
    }
    Peer second = owner(town);
    CHECK(time_for(town, second, bounds::requests_per_second / 2) > 400ms);
}

TEST_CASE("a device's rate counts what it is sent, too") {
    Swift town;
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(town.ana.opening(town.talk.log, ana.binding())).has_value());
    for (int at = 0; at < 4; ++at) {
        REQUIRE(
            ana.ask(town.talk.post(0, std::string(protocol::longest_payload, 'x'))).has_value());
    }
    const SteadyTime began = town.loop.clock().steady();
    const std::uint64_t reads = 3 * bounds::bytes_per_second / bounds::bytes_per_answer;
    for (std::uint64_t at = 0; at < reads; ++at)
        REQUIRE(ana.ask(protocol::Read{town.talk.log, {0}}).has_value());
    CHECK(town.loop.clock().steady() - began > 1s);
}

TEST_CASE("a stranger is heard a few times a second") {
    Swift town;
    Peer peer = town.stranger();
    REQUIRE(peer.hello(protocol::AsNewcomer{}).has_value());
    const SteadyTime began = town.loop.clock().steady();
    for (std::uint64_t at = 0; at < 3 * bounds::requests_of_stranger_per_second; ++at)
        CHECK_FALSE(peer.ask(protocol::GetStep{{}, new_token(), 0}).has_value());
    CHECK(town.loop.clock().steady() - began > 1'500ms);
}

TEST_CASE("a session that waits for its turn ends when the relay does") {
    Swift town;
    Peer ana = owner(town);
    static_cast<void>(time_for(town, ana, bounds::requests_per_second));
    for (int at = 0; at < 40; ++at)
        ana.ask_later(protocol::CountKeyPackages{town.ana.inbox});
    const SteadyTime began = town.loop.clock().steady();
    town.stop();
    CHECK(town.loop.clock().steady() - began < bounds::patience_for_drain);
}
