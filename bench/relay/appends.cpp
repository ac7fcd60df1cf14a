// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <functional>

#include "bench/relay/measure.h"
#include "bench/relay/peers.h"

// Durable appends of 1 KiB a second, one under way for each writer: the relay's beside a TLS echo
// of the same frames, a file that is synced after each entry, and JetStream.

namespace cercle::bench {
namespace {

using Speak = std::function<std::unique_ptr<Asker>(const Town&, std::uint32_t, Where)>;

struct Row {
    std::uint32_t writers;
    Where where;
};

Figures drive_one(const Plan& plan, const Server& server, const Speak& speak, Row row) {
    const Town town;
    Reactor reactor;
    Crowd crowd;
    Gathering gathering(reactor, server.port);
    for (std::uint32_t writer = 0; writer < row.writers; ++writer)
        gathering.add(crowd, speak(town, writer, row.where));
    gathering.complete();
    return drive(reactor, crowd, *server.process, plan.span, 1);
}

void print(const std::string& name, const Figures& figures, double floor) {
    std::printf("  %-20s %8.0f /s   p50 %8.2f ms   p99 %8.2f ms   server %6.1f us",
                name.c_str(),
                figures.per_second,
                figures.p50,
                figures.p99,
                figures.server_us);
    if (floor > 0) std::printf("   %5.2f of the echo", figures.per_second / floor);
    if (figures.refused > 0) std::printf("   %zu REFUSED", figures.refused);
    std::printf("\n");
    std::fflush(stdout);
}

struct Contestant {
    Server server;
    Speak speak;
};

/// For what comes before the measurements, which one writer alone would take a minute for.
constexpr std::uint32_t least_writers = 100;

std::vector<Contestant> contestants(const Plan& plan, std::uint32_t writers) {
    std::vector<Contestant> all;
    all.push_back({start_echo(), speak_echo});
    all.push_back({start_relay(plan.relay, plan.directory / "appends"), speak_relay});
    const Town town;
    Reactor reactor;
    admit_devices(reactor, town, all.back().server.port, 0, writers);
    found_logs(reactor, town, all.back().server.port, 0, writers);
    if (!plan.smallest) {
        Crowd crowd;
        Gathering gathering(reactor, all.back().server.port);
        for (std::uint32_t writer = 0; writer < least_writers; ++writer)
            gathering.add(crowd, speak_relay(town, writer, Where::Own));
        gathering.complete();
        drive_in(reactor, crowd, *all.back().server.process);
    }
    if (plan.alone) return all;
    if (!has_jetstream()) {
        std::printf("JetStream is not here: Debian's nats-server is not installed\n");
        return all;
    }
    for (const Sync sync : {Sync::Always, Sync::Now}) {
        const auto place = plan.directory / (sync == Sync::Always ? "synced" : "unsynced");
        all.push_back({start_jetstream(place, sync), speak_nats});
        make_stream_on(all.back().server.port);
    }
    return all;
}

}  // namespace

void measure_appends(const Plan& plan) {
    std::vector<Row> rows = plan.smallest ? std::vector<Row>{{2, Where::Own}}
                                          : std::vector<Row>{{1, Where::Own},
                                                             {100, Where::Own},
                                                             {100, Where::Shared},
                                                             {1'000, Where::Own},
                                                             {1'000, Where::Shared}};
    if (plan.writers != 0) {
        std::erase_if(rows, [&](const Row& row) { return row.writers != plan.writers; });
        if (rows.empty()) rows.push_back({plan.writers, Where::Own});
    }
    const std::uint32_t most = rows.back().writers;
    const auto all = contestants(plan, plan.smallest ? most : std::max(most, least_writers));
    print("write, fdatasync", sync_file(plan.directory, plan.span), 0);
    for (const Row& row : rows) {
        std::printf("%u writers, %s\n",
                    row.writers,
                    row.where == Where::Own ? "each in its own conversation" : "all in one");
        double floor = 0;
        for (const Contestant& one : all) {
            const Figures figures = drive_one(plan, one.server, one.speak, row);
            print(one.server.name, figures, floor);
            if (floor == 0) floor = figures.per_second;
        }
    }
}

}  // namespace cercle::bench
