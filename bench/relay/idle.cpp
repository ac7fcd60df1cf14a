// SPDX-License-Identifier: AGPL-3.0-or-later
#include <cstdio>
#include <iostream>

#include <poll.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/relay/measure.h"

// What a session costs that is open and says nothing: the relay's memory beside that of the echo
// server, whose sessions are libssl's and nothing more. Clients are processes of their own; what
// counts is the slope, since a program's own size is in neither.

namespace cercle::bench {
namespace {

struct Held {
    std::uint32_t sessions;
    double kib;
};

// Memory of `server` as its clients become more.
std::vector<Held> hold(const Server& server,
                       const std::string& what,
                       const std::vector<std::uint32_t>& counts) {
    Process clients({own_path(), "hold-sessions", std::to_string(server.port), what});
    std::vector<Held> held;
    for (const std::uint32_t count : counts) {
        clients.say(std::to_string(count));
        const std::string said = clients.line();
        CHECK(said == std::to_string(count), "the clients could not open their sessions");
        held.push_back({count, server.process->memory()});
    }
    return held;
}

}  // namespace

void measure_idle(const Plan& plan) {
    std::vector<std::uint32_t> counts =
        plan.smallest ? std::vector<std::uint32_t>{2, 4, 6, 8}
                      : std::vector<std::uint32_t>{1'000, 5'000, 10'000, 18'000};
    if (plan.writers != 0) {
        constexpr std::uint32_t parts = 4;
        for (std::uint32_t at = 0; at < parts; ++at)
            counts.at(at) = plan.writers * (at + 1) / parts;
    }
    const Server echo = start_echo();
    const auto bare = hold(echo, "echo", counts);
    const Server relay = start_relay(plan.relay, plan.directory / "idle");
    {
        const Town town;
        Reactor reactor;
        admit_devices(reactor, town, relay.port, 0, counts.back());
    }
    const auto ours = hold(relay, "relay", counts);
    for (std::size_t at = 1; at < counts.size(); ++at) {
        const auto more = static_cast<double>(counts.at(at) - counts.at(at - 1));
        const double bare_slope = (bare.at(at).kib - bare.at(at - 1).kib) / more;
        const double our_slope = (ours.at(at).kib - ours.at(at - 1).kib) / more;
        std::printf(
            "  %6u sessions: relay %8.0f KiB, %6.2f KiB a further one; bare libssl %6.2f KiB;"
            " ratio %5.2f\n",
            counts.at(at),
            ours.at(at).kib,
            our_slope,
            bare_slope,
            our_slope / bare_slope);
    }
    std::fflush(stdout);
}

int hold_sessions(std::uint16_t port, std::string_view what) {
    const Town town;
    Reactor reactor;
    Crowd crowd;
    Gathering gathering(reactor, port);
    std::uint32_t wanted = 0;
    const auto told = [] {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        return poll(&input, 1, 0) > 0;
    };
    while (true) {
        reactor.run_until([&] { return told() || reactor.lost > 0; });
        if (reactor.lost > 0 || !(std::cin >> wanted)) return reactor.lost > 0 ? 1 : 0;
        for (auto at = static_cast<std::uint32_t>(crowd.lines.size()); at < wanted; ++at) {
            gathering.add(crowd,
                          what == "relay" ? speak_relay(town, at, Where::Own)
                                          : speak_echo(town, at, Where::Own));
        }
        gathering.complete();
        std::cout << wanted << std::endl;
    }
}

}  // namespace cercle::bench
