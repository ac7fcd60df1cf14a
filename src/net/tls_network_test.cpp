// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_network.h"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "net/network_trial.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace cercle::net::trial;
using namespace std::chrono_literals;

struct Relay {
    explicit Relay(TlsLimits limits = {})
        : network(loop, limits),
          listener(network.listen({"127.0.0.1", 0}, identity).value()) {}

    Pair pair() { return loop.run_until(meet(network, *listener, identity.key(), loop)).value(); }

    Result<std::unique_ptr<Channel>> dial(RelayKey expected) {
        return loop.run_until(network.dial(listener->address(), expected, loop.in(10s)));
    }

    Loop loop{Loop::Kind::Real};
    crypto::SystemRandom random;
    ServerIdentity identity = ServerIdentity::generate(random);
    TlsNetwork network;
    std::unique_ptr<Listener> listener;
};

Task<void> close_and_receive(Channel& channel, Loop& loop) {
    channel.close();
    CO_TRY_VOID(co_await channel.receive(loop.in(10s)));
    co_return Result<void>{};
}

Task<void> receive_nothing(Channel& channel, Loop& loop, std::optional<Code>& ended_in) {
    const auto frame = co_await channel.receive(loop.in(1h));
    if (!frame) ended_in = frame.error().code;
    co_return Result<void>{};
}

}  // namespace

TEST_CASE("frames over TLS keep their order and their boundaries") {
    Relay relay;
    SilentDiary diary;
    TaskGroup group(relay.loop, diary);
    Pair pair = relay.pair();
    const std::vector<std::size_t> sizes = {
        0, 1, 125, 126, 16383, 16384, 16385, 65536, 1U << 20U, 0, 3};
    REQUIRE(group.spawn(send_all(*pair.caller, relay.loop, sizes)));
    const auto frames = relay.loop.run_until(receive_all(*pair.called, relay.loop, sizes.size()));
    REQUIRE(frames);
    for (std::size_t number = 0; number < sizes.size(); ++number) {
        CHECK(is_frame((*frames)[number], sizes[number], number));
    }
    REQUIRE(group.spawn(echo(*pair.caller, relay.loop)));
    CHECK(relay.loop.run_until(exchange(*pair.called, relay.loop, sizes)));
    CHECK(relay.loop.run_until(group.close()));
}

TEST_CASE("frames that are taken as they come keep their order, and none is lost at the end") {
    Relay relay;
    SilentDiary diary;
    TaskGroup group(relay.loop, diary);
    Pair pair = relay.pair();
    const std::vector<std::size_t> sizes = {3, 0, 16385, 1, 126, 65536, 2, 125};
    REQUIRE(group.spawn(send_all(*pair.caller, relay.loop, sizes)));
    std::size_t number = 0;
    bool in_order = true;
    const auto take = [&](std::size_t most) {
        return [&, most](const Bytes& frame) {
            in_order = in_order && is_frame(frame, sizes[number], number);
            return ++number == most ? Channel::Hearing::Enough : Channel::Hearing::More;
        };
    };
    REQUIRE(relay.loop.run_until(pair.called->receive_each(take(3), relay.loop.in(1min))));
    CHECK(number == 3);
    // The one that was read ahead is there for whoever asks next, in either way.
    const auto next = relay.loop.run_until(pair.called->receive(relay.loop.in(1min)));
    REQUIRE(next);
    CHECK(is_frame(*next, sizes[3], 3));
    ++number;
    REQUIRE(relay.loop.run_until(pair.called->receive_each(take(8), relay.loop.in(1min))));
    CHECK(in_order);
    CHECK(relay.loop.run_until(pair.called->receive_each(take(99), relay.loop.in(1ms)))
              .error()
              .code == Code::deadline_passed);
    REQUIRE(relay.loop.run_until(pair.caller->send(frame_of(9, 1), relay.loop.in(1min))));
    CHECK(relay.loop.run_until(pair.called->receive(relay.loop.in(1min))).value() ==
          frame_of(9, 1));
    pair.caller->close();
    CHECK(relay.loop.run_until(pair.called->receive_each(take(99), relay.loop.in(1min)))
              .error()
              .code == Code::unreachable_peer);
    CHECK(number == sizes.size());
    CHECK(relay.loop.run_until(group.close()));
}

TEST_CASE("several tasks may send on one channel, and their frames stay whole") {
    Relay relay;
    SilentDiary diary;
    TaskGroup group(relay.loop, diary);
    Pair pair = relay.pair();
    constexpr std::size_t senders = 20;
    for (std::size_t sender = 0; sender < senders; ++sender) {
        REQUIRE(group.spawn(send_all(
            *pair.caller, relay.loop, std::vector<std::size_t>(10, 1000 + sender * 3000))));
    }
    const auto frames = relay.loop.run_until(receive_all(*pair.called, relay.loop, senders * 10));
    REQUIRE(frames);
    std::vector<std::size_t> next(senders, 0);
    for (const Bytes& frame : *frames) {
        const std::size_t sender = (frame.size() - 1000) / 3000;
        CHECK(is_frame(frame, frame.size(), next.at(sender)++));
    }
    CHECK(relay.loop.run_until(group.close()));
}

TEST_CASE("both ends export the same binding, which no other connection has") {
    Relay relay;
    const Pair first = relay.pair();
    const Pair second = relay.pair();
    CHECK(first.caller->binding() == first.called->binding());
    CHECK(second.caller->binding() == second.called->binding());
    CHECK(first.caller->binding() != second.caller->binding());
    CHECK(first.caller->binding() != crypto::Digest{});
}

TEST_CASE(
    "a server with another key than the pinned one is refused, and only then with that code") {
    Relay relay;
    RelayKey other = relay.identity.key();
    other.bytes[0] ^= 1U;
    CHECK(relay.dial(other).error().code == Code::relay_key_mismatch);
    CHECK(relay.dial(relay.identity.key()).has_value());
    const Address address = relay.listener->address();
    relay.listener.reset();
    relay.loop.run_for(0ms);
    CHECK(
        relay.loop.run_until(relay.network.dial(address, other, relay.loop.in(10s))).error().code ==
        Code::unreachable_peer);
}

TEST_CASE("a frame over the bound is not sent, and the channel lives on") {
    Relay relay({.largest_frame = 1000});
    SilentDiary diary;
    TaskGroup group(relay.loop, diary);
    Pair pair = relay.pair();
    REQUIRE(group.spawn(echo(*pair.called, relay.loop)));
    CHECK(relay.loop.run_until(pair.caller->send(Bytes(1001), relay.loop.in(10s))).error().code ==
          Code::too_large);
    CHECK(relay.loop.run_until(exchange(*pair.caller, relay.loop, {1000})));
    CHECK(relay.loop.run_until(group.close()));
}

TEST_CASE("a peer that sends a frame over our bound is shut out") {
    Relay relay({.largest_frame = 1000});
    TlsNetwork generous(relay.loop);
    Pair pair =
        relay.loop.run_until(meet(generous, *relay.listener, relay.identity.key(), relay.loop))
            .value();
    REQUIRE(relay.loop.run_until(pair.caller->send(Bytes(1001), relay.loop.in(10s))));
    CHECK(relay.loop.run_until(pair.called->receive(relay.loop.in(10s))).error().code ==
          Code::too_large);
    CHECK(relay.loop.run_until(pair.caller->receive(relay.loop.in(10s))).error().code ==
          Code::unreachable_peer);
}

TEST_CASE("closing ends one's own wait with closing and the peer's with unreachable") {
    Relay relay;
    Pair pair = relay.pair();
    CHECK(relay.loop.run_until(close_and_receive(*pair.caller, relay.loop)).error().code ==
          Code::closing);
    CHECK(relay.loop.run_until(pair.called->receive(relay.loop.in(10s))).error().code ==
          Code::unreachable_peer);
    CHECK(relay.loop.run_until(pair.called->send(Bytes(1), relay.loop.in(10s))).error().code ==
          Code::unreachable_peer);
}

TEST_CASE("destroying a channel ends the tasks that wait in it") {
    Relay relay;
    SilentDiary diary;
    TaskGroup group(relay.loop, diary);
    Pair pair = relay.pair();
    std::optional<Code> ended_in;
    REQUIRE(group.spawn(receive_nothing(*pair.caller, relay.loop, ended_in)));
    relay.loop.run_for(1ms);
    pair.caller.reset();
    while (group.size() > 0)
        relay.loop.run_for(1ms);
    CHECK(ended_in == Code::closing);
}

TEST_CASE("a deadline that passes while receiving loses no frame over TLS") {
    Relay relay;
    Pair pair = relay.pair();
    CHECK(relay.loop.run_until(pair.called->receive(relay.loop.in(1ms))).error().code ==
          Code::deadline_passed);
    REQUIRE(relay.loop.run_until(pair.caller->send(frame_of(3, 1), relay.loop.in(10s))));
    CHECK(relay.loop.run_until(pair.called->receive(relay.loop.in(10s))).value() == frame_of(3, 1));
}

TEST_CASE("a peer that does not read is given up at the sender's deadline") {
    Relay relay;
    Pair pair = relay.pair();
    // A small frame fits into what the kernel holds for the peer, however busy the machine is.
    Result<void> sent = relay.loop.run_until(pair.called->send(Bytes(1), relay.loop.in(30s)));
    REQUIRE(sent.has_value());
    for (std::size_t frames = 0; sent && frames < 1000; ++frames) {
        sent = relay.loop.run_until(pair.called->send(Bytes(1U << 20U), relay.loop.in(50ms)));
    }
    REQUIRE_FALSE(sent.has_value());
    CHECK(sent.error().code == Code::deadline_passed);
}

TEST_CASE("where a relay may listen is checked") {
    Relay relay;
    CHECK(relay.network.listen(relay.listener->address(), relay.identity).error().code ==
          Code::already_exists);
    CHECK(relay.network.listen({"localhost", 0}, relay.identity).error().code ==
          Code::invalid_argument);
    CHECK(relay.network.listen({"192.0.2.1", 0}, relay.identity).error().code ==
          Code::invalid_argument);
    CHECK(relay.network.listen({"::1", 0}, relay.identity).has_value());
}

TEST_CASE("a loop may end with connections and calls under way") {
    Relay relay;
    Pair pair = relay.pair();
    SilentDiary diary;
    const Address address = relay.listener->address();
    {
        TaskGroup group(relay.loop, diary);
        std::optional<Code> ended_in;
        REQUIRE(group.spawn(receive_nothing(*pair.caller, relay.loop, ended_in)));
        relay.loop.run_for(1ms);
        CHECK(relay.loop.run_until(group.close()));
    }
    CHECK(
        relay.loop.run_until(relay.network.dial(address, relay.identity.key(), relay.loop.in(0ms)))
            .error()
            .code == Code::deadline_passed);
}
