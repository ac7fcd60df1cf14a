// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/notify.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cercle::relayd {
namespace {

constexpr int nowhere = -1;

std::string taken_from_environment(const char* name) {
    const char* const value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    static_cast<void>(::unsetenv(name));
    return text;
}

/// WATCHDOG_PID names another process when systemd means one of our children; there is none.
std::optional<Duration> watchdog_of(const std::string& microseconds, const std::string& process) {
    if (!process.empty() && process != std::to_string(::getpid())) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] =
        std::from_chars(microseconds.data(), microseconds.data() + microseconds.size(), value);
    if (error != std::errc() || value <= 0) return std::nullopt;
    return std::max(Duration{1},
                    std::chrono::duration_cast<Duration>(std::chrono::microseconds(value)));
}

}  // namespace

Result<Notify> Notify::from_environment() {
    const std::string path = taken_from_environment("NOTIFY_SOCKET");
    const std::string period = taken_from_environment("WATCHDOG_USEC");
    const auto watchdog = watchdog_of(period, taken_from_environment("WATCHDOG_PID"));
    if (path.empty()) return Notify(nowhere, std::nullopt);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
        return fail(Code::invalid_argument, "NOTIFY_SOCKET is no socket's name");
    }
    std::ranges::copy(path, address.sun_path);
    // An abstract name begins with a zero byte, and ends where its length says.
    if (path[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    Notify notify(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), watchdog);
    if (notify.socket_ < 0 ||
        ::connect(notify.socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        return fail(Code::permissions, "nobody listens at NOTIFY_SOCKET");
    }
    return notify;
}

Notify::Notify(Notify&& other) noexcept
    : socket_(std::exchange(other.socket_, nowhere)),
      watchdog_(other.watchdog_) {}

Notify& Notify::operator=(Notify&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(watchdog_, other.watchdog_);
    return *this;
}

Notify::~Notify() {
    if (socket_ >= 0) ::close(socket_);
}

void Notify::say(std::string_view words) const {
    if (socket_ < 0) return;
    static_cast<void>(::send(socket_, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

net::Task<void> keep_fed(net::Loop& loop,
                         Duration period,
                         std::function<net::Task<void>()> prove_alive,
                         std::function<void()> feed) {
    const Duration pause = std::max(Duration{1}, period / 3);
    while (true) {
        const auto alive = co_await prove_alive();
        if (alive.has_value()) {
            feed();
        } else if (alive.error().code == Code::closing) {
            co_return alive;
        }
        CO_TRY_VOID(co_await loop.wait_until(loop.in(pause)));
    }
}

}  // namespace cercle::relayd
