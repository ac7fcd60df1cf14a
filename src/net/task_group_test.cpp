// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/task_group.h"

#include <csignal>
#include <optional>
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace std::chrono_literals;

Task<void> wait_long(Loop& loop, std::optional<Code>& ended_in) {
    const auto slept = co_await loop.wait_until(loop.in(1h));
    if (!slept) ended_in = slept.error().code;
    // Every later wait of a cancelled task ends the same way, at once.
    const auto again = co_await loop.wait_until(loop.in(1h));
    if (!again) co_return std::unexpected(again.error());
    co_return Result<void>{};
}

Task<void> end_in(Code code) {
    co_return fail(code, "a test's own error");
}

Task<void> throw_something() {
    throw std::runtime_error("a foreign library's habit");
    co_return Result<void>{};
}

Task<void> ignore_cancellation(Loop& loop, Signal& certain, bool& ended) {
    SilentDiary diary;
    static_cast<void>(co_await loop.wait_until(loop.in(1h)));
    co_await certain.wait_for_certain();
    ended = true;
    co_return Result<void>{};
}

Task<void> close_then_note(TaskGroup& group, bool& closed) {
    CO_TRY_VOID(co_await group.close());
    closed = true;
    co_return Result<void>{};
}

}  // namespace

TEST_CASE("closing a task group ends every wait in it with closing") {
    Loop loop(Loop::Kind::Virtual);
    std::optional<Code> reported;
    std::optional<Code> ended_in;
    TaskGroup group(loop, [&reported](const Error& error) { reported = error.code; });
    REQUIRE(group.spawn(wait_long(loop, ended_in)));
    loop.run_for(1min);
    CHECK(group.size() == 1);
    CHECK(loop.run_until(group.close()));
    CHECK(ended_in == Code::closing);
    CHECK(group.size() == 0);
    CHECK_FALSE(reported.has_value());  // being closed is no error
    CHECK(loop.clock().steady() == SteadyTime{1min});
}

TEST_CASE("a closing task group takes no new work") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    group.cancel();
    std::optional<Code> ended_in;
    CHECK(group.spawn(wait_long(loop, ended_in)).error().code == Code::closing);
    CHECK(group.size() == 0);
}

TEST_CASE("a task cancelled before its first step never begins") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    TaskGroup group(loop, diary);
    std::optional<Code> ended_in;
    REQUIRE(group.spawn(wait_long(loop, ended_in)));
    CHECK(loop.run_until(group.close()));
    CHECK_FALSE(ended_in.has_value());
}

TEST_CASE("what a task ends in is reported, an exception too") {
    Loop loop(Loop::Kind::Virtual);
    std::optional<Code> reported;
    TaskGroup group(loop, [&reported](const Error& error) { reported = error.code; });
    REQUIRE(group.spawn(end_in(Code::malformed)));
    loop.run();
    CHECK(reported == Code::malformed);
    REQUIRE(group.spawn(throw_something()));
    loop.run();
    CHECK(reported == Code::library_fault);
    CHECK(group.size() == 0);
}

TEST_CASE("close waits for the last task, even when who closes is cancelled meanwhile") {
    Loop loop(Loop::Kind::Virtual);
    SilentDiary diary;
    Signal certain(loop);
    bool ended = false;
    bool closed = false;
    TaskGroup inner(loop, diary);
    TaskGroup outer(loop, diary);
    REQUIRE(inner.spawn(ignore_cancellation(loop, certain, ended)));
    loop.run_for(0ms);
    REQUIRE(outer.spawn(close_then_note(inner, closed)));
    loop.run_for(0ms);
    outer.cancel();
    loop.run_for(0ms);
    CHECK_FALSE(closed);
    certain.notify_all();
    loop.run_for(0ms);
    CHECK(ended);
    CHECK(closed);
}

TEST_CASE("destroying a task group with a task inside ends the process") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        static_cast<void>(std::signal(SIGABRT, SIG_DFL));  // else the test's runner reports it
        Loop loop(Loop::Kind::Virtual);
        SilentDiary diary;
        std::optional<Code> ended_in;
        {
            TaskGroup group(loop, diary);
            static_cast<void>(group.spawn(wait_long(loop, ended_in)));
            loop.run_for(0ms);
        }
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const bool ended_by_check =
        (WIFEXITED(status) && WEXITSTATUS(status) != 0) || WIFSIGNALED(status);
    CHECK(ended_by_check);
}
