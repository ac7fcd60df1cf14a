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
