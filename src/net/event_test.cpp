// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/event.h"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "net/mailbox.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace std::chrono_literals;

Task<void> note_when(Signal& signal, Deadline deadline, std::string name, std::string& trace) {
    const auto woken = co_await signal.wait(deadline);
    trace += name;
    trace += woken ? " " : std::string(":") + std::string(rule_name(woken.error().code)) + " ";
    co_return Result<void>{};
}

Task<void> fill(Mailbox<int>& mailbox, int count, Deadline deadline) {
    for (int item = 0; item < count; ++item)
        CO_TRY_VOID(co_await mailbox.push(item, deadline));
    mailbox.close();
    co_return Result<void>{};
}

Task<std::vector<int>> drain(Mailbox<int>& mailbox, Deadline deadline) {
    std::vector<int> items;
    while (true) {
        auto item = co_await mailbox.pop(deadline);
        if (!item && item.error().code == Code::closing) co_return items;
        if (!item) co_return std::unexpected(item.error());
        items.push_back(*item);
    }
}

}  // namespace

TEST_CASE("a signal wakes those who wait, in the order in which they began") {
    Loop loop(Loop::Kind::Virtual);
    Signal signal(loop);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    std::string trace;
    for (const char* name : {"a", "b", "c"}) {
        REQUIRE(group.spawn(note_when(signal, loop.in(1h), name, trace)));
    }
    loop.run_for(0ms);
    CHECK(trace.empty());
    signal.notify_one();
    CHECK(trace.empty());  // nobody runs inside a notify
    loop.run_for(0ms);
    CHECK(trace == "a ");
    signal.notify_all();
    loop.run_for(0ms);
    CHECK(trace == "a b c ");
    CHECK(group.size() == 0);
}

TEST_CASE("a signal remembers nothing, and an event does") {
    Loop loop(Loop::Kind::Virtual);
    Signal signal(loop);
    signal.notify_all();
    CHECK(loop.run_until(signal.wait(loop.in(1s))).error().code == Code::deadline_passed);
    Event event(loop);
    event.set();
    CHECK(loop.run_until(event.wait(loop.in(1s))));
    event.reset();
    CHECK(loop.run_until(event.wait(loop.in(1s))).error().code == Code::deadline_passed);
}

TEST_CASE("a wait ends at its deadline and not a moment before") {
    Loop loop(Loop::Kind::Virtual);
    Signal signal(loop);
    const SteadyTime start = loop.clock().steady();
    CHECK(loop.run_until(signal.wait(loop.in(250ms))).error().code == Code::deadline_passed);
    CHECK(loop.clock().steady() - start == 250ms);
}

TEST_CASE("who waits for a signal that dies is told so") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    std::string trace;
    {
        Signal signal(loop);
        REQUIRE(group.spawn(note_when(signal, loop.in(1h), "a", trace)));
        loop.run_for(0ms);
    }
    loop.run_for(0ms);
    CHECK(trace == "a:closing ");
}

TEST_CASE("a mailbox keeps order, holds its bound, and hands out what it had when it closed") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    Mailbox<int> mailbox(loop, 3);
    REQUIRE(group.spawn(fill(mailbox, 10, loop.in(1h))));
    loop.run_for(0ms);
    CHECK(mailbox.size() == 3);
    CHECK(mailbox.push(99).error().code == Code::busy);
    CHECK(loop.run_until(drain(mailbox, loop.in(1h))).value() ==
          std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(mailbox.push(99).error().code == Code::closing);
    CHECK(loop.run_until(mailbox.pop(loop.in(1h))).error().code == Code::closing);
}

TEST_CASE("a full mailbox makes the pusher wait until the deadline") {
    Loop loop(Loop::Kind::Virtual);
    Mailbox<int> mailbox(loop, 1);
    REQUIRE(mailbox.push(1));
    CHECK(loop.run_until(mailbox.push(2, loop.in(5s))).error().code == Code::deadline_passed);
}
