// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/confine.h"

#include <cerrno>
#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/slab.h"

namespace {

/// What a confined process of its own ends with: 0 if `holds` says so.
int confined(const std::function<bool()>& holds) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool in = cercle::relayd::confine().has_value();
        ::_exit(!in ? 2 : holds() ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

bool is_given_up(long outcome) {
    return outcome == -1 && errno == EPERM;
}

}  // namespace

TEST_CASE("attack: a relay that was taken over runs no program") {
    REQUIRE(confined([] {
                char name[] = "/bin/true";
                char* const words[] = {name, nullptr};
                return is_given_up(::execve(name, words, nullptr)) &&
                       is_given_up(::syscall(SYS_execveat, -1, name, words, nullptr, 0));
            }) == 0);
}

TEST_CASE("attack: a relay that was taken over opens no other kind of socket") {
    REQUIRE(confined([] {
                return is_given_up(::socket(AF_NETLINK, SOCK_RAW, 0)) &&
                       is_given_up(::socket(AF_PACKET, SOCK_RAW, 0));
            }) == 0);
}

TEST_CASE("attack: a relay that was taken over changes nothing of the system") {
    REQUIRE(confined([] {
                return is_given_up(::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr)) &&
                       is_given_up(::syscall(SYS_unshare, 0)) &&
                       is_given_up(::syscall(SYS_bpf, 0, nullptr, 0)) &&
                       is_given_up(::syscall(SYS_setuid, 0)) &&
                       is_given_up(::syscall(SYS_io_uring_setup, 1, nullptr)) &&
                       is_given_up(::syscall(SYS_init_module, nullptr, 0, "")) &&
                       is_given_up(::ioctl(0, TIOCSTI, "x")) &&
                       is_given_up(::syscall(SYS_keyctl, 0, 0, 0, 0, 0));
            }) == 0);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The sanitizers need these themselves, so builds with them keep them.
TEST_CASE(
    "attack: a relay that was taken over makes no process, traces none, and makes no memory run") {
    REQUIRE(confined([] {
                void* const made = ::mmap(
                    nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                return made == MAP_FAILED && errno == EPERM &&
                       is_given_up(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0)) &&
                       is_given_up(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
            }) == 0);
}
#endif

TEST_CASE("attack: a relay leaves no core, and no process of its user reads its memory") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        cercle::harden_process();
        rlimit core{1, 1};
        const bool none = ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 &&
                          core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
        ::_exit(none ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
}

TEST_CASE("a confined process still reads files, talks and starts threads") {
    REQUIRE(confined([] {
                const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
                return socket >= 0 && ::access("/proc/self/statm", R_OK) == 0;
            }) == 0);
}
