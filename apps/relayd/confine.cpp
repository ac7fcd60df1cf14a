// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/confine.h"

#include <cerrno>
#include <initializer_list>
#include <memory>

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

namespace cercle::relayd {
namespace {

// What the sanitizers' own work takes besides; it is in no build that anybody serves with.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};

using Filter = std::unique_ptr<void, Release>;

constexpr std::initializer_list<int> allowed{
    // files and directories of the data directory; /proc and /sys of ourselves
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(getdents64),
    SCMP_SYS(flock),
    SCMP_SYS(fcntl),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(getcwd),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(umask),
    // sockets that are there already, and new connections
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(connect),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    // waiting
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pipe2),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    // threads, signals and the end
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getrandom),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
};

constexpr std::initializer_list<int> allowed_to_sanitizers{
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(ptrace),
    SCMP_SYS(prctl),
    SCMP_SYS(wait4),
    SCMP_SYS(pipe),
    SCMP_SYS(kill),
    SCMP_SYS(getppid),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(personality),
    SCMP_SYS(getdents),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(capget),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
};

bool allow(void* filter, std::initializer_list<int> calls) {
    for (const int call : calls) {
        // One that this machine's kind does not have is none that could be called.
        const int added = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
        if (added != 0 && added != -EDOM) return false;
    }
    return true;
}

bool allow_masked(
    void* filter, int call, unsigned argument, std::uint64_t mask, std::uint64_t wanted) {
    const scmp_arg_cmp condition{argument, SCMP_CMP_MASKED_EQ, mask, wanted};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition) == 0;
}

/// One that makes a socket wait for nobody; none of those for terminals and devices.
bool allow_ioctl(void* filter) {
    const scmp_arg_cmp condition{1, SCMP_CMP_EQ, FIONBIO, 0};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, &condition) == 0;
}

bool allow_socket(void* filter, std::uint64_t family) {
    const scmp_arg_cmp condition{0, SCMP_CMP_EQ, family, 0};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, &condition) == 0;
}

/// No new memory is made to run, and no process: a thread shares ours.
bool allow_without_code(void* filter) {
    // clone3 hides its flags from a filter; told that there is none, libc uses clone.
    return allow_masked(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0) &&
           allow_masked(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0) &&
           allow_masked(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD) &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

}  // namespace

Result<void> confine() {
    const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    const bool made = filter != nullptr &&
                      seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
                      allow(filter.get(), allowed) && allow_socket(filter.get(), AF_UNIX) &&
                      allow_socket(filter.get(), AF_INET) && allow_socket(filter.get(), AF_INET6) &&
                      allow_ioctl(filter.get()) &&
                      (is_sanitized ? allow(filter.get(), allowed_to_sanitizers)
                                    : allow_without_code(filter.get())) &&
                      seccomp_load(filter.get()) == 0;
    if (!made) return fail(Code::unsupported, "this system does not let a process give up calls");
    return {};
}

}  // namespace cercle::relayd
