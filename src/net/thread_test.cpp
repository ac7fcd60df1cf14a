// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/thread.h"

#include <atomic>
#include <csignal>

#include <catch2/catch_test_macros.hpp>

#include "net/event.h"
#include "net/loop.h"

namespace {

using namespace cercle;
using namespace cercle::net;

Task<void> wait_for(Event& event) {
    co_return co_await event.wait(Deadline::never());
}

}  // namespace

TEST_CASE("a loop on a thread of its own does what other threads post to it, and is waited for") {
    Loop loop(Loop::Kind::Real);
    Event stop(loop);
    int sum = 0;  // touched by the loop's thread alone until that has ended
    {
        const Thread thread([&] { static_cast<void>(loop.run_until(wait_for(stop))); });
        for (int number = 1; number <= 100; ++number)
            loop.post([&sum, number] { sum += number; });
        loop.post([&stop] { stop.set(); });
    }
    CHECK(sum == 5050);
}

TEST_CASE("a signal to the process is never taken by a loop's thread") {
    std::atomic<bool> blocked = false;
    {
        const Thread thread([&blocked] {
            sigset_t mask;
            pthread_sigmask(SIG_SETMASK, nullptr, &mask);
            blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1 &&
                      sigismember(&mask, SIGWINCH) == 1 && sigismember(&mask, SIGSEGV) == 0;
        });
    }
    CHECK(blocked);
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, nullptr, &mine);
    CHECK(sigismember(&mine, SIGINT) == 0);
}
