// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/signals.h"

#include <csignal>

#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace std::chrono_literals;

Task<void> wait_and_note(StopSignals& signals, int& came) {
    const auto waited = co_await signals.wait();
    if (waited) ++came;
    co_return Result<void>{};
}

}  // namespace

TEST_CASE("a stop signal is told to who waits, and to who asks later") {
    for (const int signal : {SIGINT, SIGTERM}) {
        Loop loop(Loop::Kind::Real);
        StopSignals signals(loop);
        REQUIRE(raise(signal) == 0);
        CHECK(loop.run_until(signals.wait()));
        CHECK(loop.run_until(signals.wait()));
    }
}

TEST_CASE("waiting for a stop signal ends with its task group") {
    Loop loop(Loop::Kind::Real);
    SilentDiary diary;
    StopSignals signals(loop);
    TaskGroup group(loop, diary);
    int came = 0;
    REQUIRE(group.spawn(wait_and_note(signals, came)));
    loop.run_for(1ms);
    CHECK(loop.run_until(group.close()));
    CHECK(came == 0);
}

TEST_CASE("a second stop signal ends a process whose stop hangs") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        static_cast<void>(std::signal(SIGTERM, SIG_DFL));  // the test's own runner catches it
        Loop loop(Loop::Kind::Real);
        StopSignals signals(loop);
        static_cast<void>(raise(SIGTERM));
        static_cast<void>(loop.run_until(signals.wait()));
        static_cast<void>(raise(SIGTERM));
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
}
