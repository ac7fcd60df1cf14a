// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/memory_network.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "net/network_trial.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace cercle::net::trial;
using namespace std::chrono_literals;

struct World {
    explicit World(std::uint64_t seed, Weather weather = {})
        : random(seed),
          network(loop, random, weather),
          identity(ServerIdentity::generate(random)),
          listener(network.listen({"relay", 0}, identity).value()) {}

    Pair pair() { return loop.run_until(meet(network, *listener, identity.key(), loop)).value(); }

    Result<std::unique_ptr<Channel>> dial() {
        return loop.run_until(network.dial(listener->address(), identity.key(), loop.in(1min)));
    }

    Loop loop{Loop::Kind::Virtual};
    SeededRandom random;
    MemoryNetwork network;
    ServerIdentity identity;
    std::unique_ptr<Listener> listener;
};

Task<void> note_arrivals(Channel& channel, Loop& loop, char name, std::string& trace) {
    while (true) {
        CO_TRY(const auto frame, co_await channel.receive(loop.in(1h)));
        trace += name + std::to_string(frame.at(0)) + "@" +
                 std::to_string(loop.clock().steady().time_since_epoch().count()) + " ";
    }
}

std::string trace_of(std::uint64_t seed) {
    World world(seed);
    SilentDiary diary;
    TaskGroup group(world.loop, diary);
    std::string trace;
    Pair first = world.pair();
    Pair second = world.pair();
    static_cast<void>(group.spawn(note_arrivals(*first.called, world.loop, 'a', trace)));
    static_cast<void>(group.spawn(note_arrivals(*second.called, world.loop, 'b', trace)));
    for (Channel* channel : {first.caller.get(), second.caller.get()}) {
        static_cast<void>(group.spawn(send_all(*channel, world.loop, {1, 1, 1, 1, 1})));
    }
    world.loop.run_for(1min);
    static_cast<void>(world.loop.run_until(group.close()));
    return trace;
}

Task<void> note_end(Channel& channel, Loop& loop, std::optional<Code>& ended_in) {
    const auto frame = co_await channel.receive(loop.in(1h));
    if (!frame) ended_in = frame.error().code;
    co_return Result<void>{};
}

}  // namespace

TEST_CASE("frames in memory keep their order and their boundaries, however long each travels") {
    World world(1, {.shortest_delay = 1ms, .longest_delay = 500ms, .most_under_way = 4});
    SilentDiary diary;
    TaskGroup group(world.loop, diary);
    Pair pair = world.pair();
    const std::vector<std::size_t> sizes = {0, 1, 1000, 3, 0, 70000, 2, 9};
    REQUIRE(group.spawn(send_all(*pair.caller, world.loop, sizes)));
    const auto frames =
        world.loop.run_until(receive_all(*pair.called, world.loop, sizes.size())).value();
    for (std::size_t number = 0; number < sizes.size(); ++number) {
        CHECK(is_frame(frames[number], sizes[number], number));
    }
    CHECK(world.loop.run_until(group.close()));
}

TEST_CASE("the same seed gives the same trace, and another one another") {
    CHECK(trace_of(7) == trace_of(7));
    CHECK(trace_of(7) != trace_of(8));
}

TEST_CASE("both ends of a connection in memory share a binding, two connections do not") {
    World world(2);
    const Pair first = world.pair();
    const Pair second = world.pair();
    CHECK(first.caller->binding() == first.called->binding());
    CHECK(first.caller->binding() != second.caller->binding());
}

TEST_CASE("a cut loses what is under way, and both ends learn of it") {
    World world(3);
    SilentDiary diary;
    TaskGroup group(world.loop, diary);
    Pair pair = world.pair();
    std::optional<Code> caller_end;
    std::optional<Code> called_end;
    REQUIRE(world.loop.run_until(pair.caller->send(frame_of(9, 1), world.loop.in(1s))));
    REQUIRE(group.spawn(note_end(*pair.caller, world.loop, caller_end)));
    REQUIRE(group.spawn(note_end(*pair.called, world.loop, called_end)));
    world.network.cut({"elsewhere", 1});
    world.loop.run_for(0ms);
    CHECK(world.network.connections() == 1);
    world.network.cut(world.listener->address());
    world.loop.run_for(1min);
    CHECK(caller_end == Code::unreachable_peer);
    CHECK(called_end == Code::unreachable_peer);
    CHECK(world.network.connections() == 0);
    const auto sent = world.loop.run_until(pair.caller->send(frame_of(9, 1), world.loop.in(1s)));
    CHECK(sent.error().code == Code::unreachable_peer);
    CHECK(world.loop.run_until(group.close()));
}

TEST_CASE("what was sent before a goodbye still arrives, and then the goodbye") {
    World world(4);
    Pair pair = world.pair();
    REQUIRE(world.loop.run_until(send_all(*pair.caller, world.loop, {5, 6})));
    pair.caller.reset();
    const auto frames = world.loop.run_until(receive_all(*pair.called, world.loop, 2));
    CHECK(frames.has_value());
    const auto end = world.loop.run_until(pair.called->receive(world.loop.in(1min)));
    CHECK(end.error().code == Code::unreachable_peer);
}

TEST_CASE("a call in memory is refused for the wrong key, the wrong place, and by order") {
    World world(5);
    RelayKey other = world.identity.key();
    other.bytes[31] ^= 1U;
    CHECK(world.loop
              .run_until(world.network.dial(world.listener->address(), other, world.loop.in(1s)))
              .error()
              .code == Code::relay_key_mismatch);
    CHECK(world.loop
              .run_until(world.network.dial({"relay", 9}, world.identity.key(), world.loop.in(1s)))
              .error()
              .code == Code::unreachable_peer);
    world.network.set_dialing(world.listener->address(), MemoryNetwork::Dialing::Refused);
    CHECK(world.dial().error().code == Code::unreachable_peer);
    world.network.set_dialing(world.listener->address(), MemoryNetwork::Dialing::Answered);
    CHECK(world.dial().has_value());
    CHECK(world.network.listen(world.listener->address(), world.identity).error().code ==
          Code::already_exists);
    world.listener->close();
    CHECK(world.dial().error().code == Code::unreachable_peer);
}

TEST_CASE("a sender in memory waits while too much is under way, until his deadline") {
    World world(6, {.most_under_way = 2});
    Pair pair = world.pair();
    const auto sent = world.loop.run_until(send_all(*pair.caller, world.loop, {1, 1, 1}));
    CHECK(sent.error().code == Code::deadline_passed);
    const auto after = world.loop.run_until(pair.caller->send(frame_of(1, 1), world.loop.in(1s)));
    CHECK(after.error().code == Code::closing);
}

TEST_CASE("a deadline that passes while receiving loses no frame") {
    World world(7);
    Pair pair = world.pair();
    CHECK(world.loop.run_until(pair.called->receive(world.loop.in(5s))).error().code ==
          Code::deadline_passed);
    REQUIRE(world.loop.run_until(pair.caller->send(frame_of(3, 1), world.loop.in(1s))));
    CHECK(world.loop.run_until(pair.called->receive(world.loop.in(5s))).value() == frame_of(3, 1));
}

namespace {

/// A machine with a seat that calls another one's.
struct TwoMachines {
    explicit TwoMachines(std::uint64_t seed = 11)
        : random(seed) {
        listener = relay->listen({"relay", 1}, identity).value();
        caller = dial().value();
        called = loop.run_until(listener->accept()).value();
    }

    Result<std::unique_ptr<Channel>> dial() {
        return loop.run_until(device->dial({"relay", 1}, identity.key(), loop.in(5s)));
    }

    Result<Bytes> receive(Channel& channel, Duration patience = 10min) {
        return loop.run_until(channel.receive(loop.in(patience)));
    }

    void send(Channel& channel, std::size_t number) {
        REQUIRE(loop.run_until(channel.send(frame_of(9, number), loop.in(1s))));
    }

    Loop loop{Loop::Kind::Virtual};
    SeededRandom random;
    MemoryNetwork network{loop, random};
    ServerIdentity identity = ServerIdentity::generate(random);
    std::unique_ptr<MemoryNetwork::Seat> device = network.seat();
    std::unique_ptr<MemoryNetwork::Seat> relay = network.seat();
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Channel> caller;
    std::unique_ptr<Channel> called;
};

}  // namespace

TEST_CASE("who is cut off for a while loses nothing, and for long his connections") {
    TwoMachines two;
    two.send(*two.caller, 1);
    two.device->set_reach(Reach::Nobody);
    two.send(*two.called, 2);
    CHECK(two.receive(*two.called, 5s).error().code == Code::deadline_passed);
    CHECK(two.dial().error().code == Code::deadline_passed);
    two.device->set_reach(Reach::Everybody);
    CHECK(two.receive(*two.called).value() == frame_of(9, 1));
    CHECK(two.receive(*two.caller).value() == frame_of(9, 2));
    two.device->set_reach(Reach::Nobody);
    CHECK(two.receive(*two.called).error().code == Code::unreachable_peer);
    CHECK(two.receive(*two.caller).error().code == Code::unreachable_peer);
    two.device->set_reach(Reach::Everybody);
    CHECK(two.dial().has_value());
}

TEST_CASE("a machine that crashes without a word leaves its peer waiting for a sign of life") {
    TwoMachines two;
    two.send(*two.caller, 1);
    two.device->crash(Parting::Silent);
    CHECK(two.receive(*two.caller).error().code == Code::unreachable_peer);
    CHECK(two.dial().error().code == Code::unreachable_peer);
    // What it had sent is on its way all the same.
    CHECK(two.receive(*two.called).value() == frame_of(9, 1));
    two.send(*two.called, 2);
    const SteadyTime before = two.loop.clock().steady();
    CHECK(two.receive(*two.called).error().code == Code::unreachable_peer);
    CHECK(two.loop.clock().steady() - before > 50s);
    two.device->revive();
    CHECK(two.dial().has_value());
}

TEST_CASE("a killed process is missed soon, and some of what it sent has arrived") {
    std::size_t arrived = 0;
    for (std::uint64_t round = 0; round < 20; ++round) {
        TwoMachines two(round);
        two.send(*two.caller, 1);
        two.device->crash(Parting::Told);
        const SteadyTime before = two.loop.clock().steady();
        auto frame = two.receive(*two.called);
        if (frame) {
            ++arrived;
            frame = two.receive(*two.called);
        }
        CHECK(frame.error().code == Code::unreachable_peer);
        CHECK(two.loop.clock().steady() - before < 1s);
    }
    CHECK(arrived > 0);
    CHECK(arrived < 20);
}

TEST_CASE("a relay that is down is unreachable or silent, as it went") {
    TwoMachines two;
    two.relay->crash(Parting::Told);
    CHECK(two.dial().error().code == Code::unreachable_peer);
    two.relay->crash(Parting::Silent);
    CHECK(two.dial().error().code == Code::deadline_passed);
    two.relay->revive();
    CHECK(two.dial().has_value());
}

TEST_CASE("the tap hears what is sent, in both directions") {
    TwoMachines two;
    std::string heard;
    two.network.set_tap([&heard](std::uint64_t from, std::uint64_t to, BytesView frame) {
        heard += std::to_string(from) + ">" + std::to_string(to) + ":" +
                 std::to_string(frame.size()) + " ";
    });
    two.send(*two.caller, 1);
    two.send(*two.called, 2);
    CHECK(heard == "1>2:9 2>1:9 ");
}
