// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/loop.h"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "net/address.h"
#include "net/event.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace std::chrono_literals;

Task<void> tick(Loop& loop, Duration period, int times, std::string name, std::string& trace) {
    for (int count = 0; count < times; ++count) {
        CO_TRY_VOID(co_await loop.wait_until(loop.in(period)));
        trace += name + std::to_string(loop.clock().steady().time_since_epoch().count()) + " ";
    }
    co_return Result<void>{};
}

Task<int> answer() {
    co_return 42;
}

Task<void> wait_for_nothing(Loop& loop) {
    Signal nothing(loop);
    co_return co_await nothing.wait(Deadline::never());
}

}  // namespace

TEST_CASE("a virtual loop turns its clock instead of waiting") {
    Loop loop(Loop::Kind::Virtual, WallTime{std::chrono::seconds{1'000'000}});
    SilentDiary diary;
    TaskGroup group(loop, diary);
    std::string trace;
    REQUIRE(group.spawn(tick(loop, 30ms, 3, "a", trace)));
    REQUIRE(group.spawn(tick(loop, 45ms, 2, "b", trace)));
    loop.run();
    CHECK(trace == "a30 b45 a60 b90 a90 ");
    CHECK(loop.clock().wall() == WallTime{std::chrono::seconds{1'000'000}} + 90ms);
}

TEST_CASE("a task's result comes out of the loop that ran it, on both kinds") {
    for (const auto kind : {Loop::Kind::Real, Loop::Kind::Virtual}) {
        Loop loop(kind);
        CHECK(loop.run_until(answer()).value() == 42);
        CHECK(loop.run_until(loop.wait_until(loop.in(2ms))));
    }
}

TEST_CASE("a task for which nothing will ever happen is cancelled on a virtual loop") {
    Loop loop(Loop::Kind::Virtual);
    CHECK(loop.run_until(wait_for_nothing(loop)).error().code == Code::closing);
}

TEST_CASE("running for a span stops at its end, and goes on later") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    std::string trace;
    REQUIRE(group.spawn(tick(loop, 30ms, 3, "a", trace)));
    loop.run_for(59ms);
    CHECK(trace == "a30 ");
    CHECK(loop.clock().steady() == SteadyTime{59ms});
    loop.run_for(1ms);
    CHECK(trace == "a30 a60 ");
    loop.run();
    CHECK(trace == "a30 a60 a90 ");
}

TEST_CASE(
    "calls due at one moment are made in the order they were scheduled, save cancelled ones") {
    Loop loop(Loop::Kind::Virtual);
    std::vector<int> made;
    std::vector<Timer> timers;
    for (int call = 0; call < 5; ++call) {
        timers.push_back(
            loop.timers().schedule(loop.in(10ms), [&made, call] { made.push_back(call); }));
    }
    timers[2].cancel();
    loop.run();
    CHECK(made == std::vector<int>{0, 1, 3, 4});
}

TEST_CASE("a timer set while a later one sleeps is not late on a real loop") {
    Loop loop(Loop::Kind::Real);
    std::vector<int> made;
    const Timer late = loop.timers().schedule(loop.in(20ms), [&made, &loop] {
        made.push_back(2);
        loop.stop();
    });
    Timer cancelled = loop.timers().schedule(loop.in(1ms), [&made] { made.push_back(0); });
    const Timer early = loop.timers().schedule(loop.in(5ms), [&made] { made.push_back(1); });
    cancelled.cancel();
    loop.run();
    CHECK(made == std::vector<int>{1, 2});
}

TEST_CASE("another thread may post and stop") {
    Loop loop(Loop::Kind::Real);
    int posted = 0;
    std::jthread other([&loop, &posted] {
        for (int count = 0; count < 1000; ++count)
            loop.post([&posted] { ++posted; });
        loop.post([&loop] { loop.stop(); });
    });
    loop.run();
    CHECK(posted == 1000);
}
