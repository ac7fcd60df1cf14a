// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/thread.h"

#include <csignal>
#include <utility>

namespace cercle::net {
namespace {

/// A thread inherits the mask of the one that starts it.
std::thread start_without_signals(std::move_only_function<void()> work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    // What the thread itself does wrong has to reach it.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(work));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

Thread::Thread(std::move_only_function<void()> work)
    : thread_(start_without_signals(std::move(work))) {}

Thread::~Thread() {
    thread_.join();
}

}  // namespace cercle::net
