// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "bench/relay/measure.h"

// Fan-out: from the sending of one entry until the last of its subscribers has it. The relay hints,
// and a device reads, which both are timed; JetStream sends the message itself, over plain
// subscriptions, which is what it does fastest.

namespace cercle::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Times {
    std::vector<float> hinted{};
    std::vector<float> read{};
};

void keep(std::vector<float>& times, Clock::time_point since) {
    times.push_back(std::chrono::duration<float, std::milli>(Clock::now() - since).count());
}

void print(const char* name,
           std::uint32_t subscribers,
           const char* what,
           std::vector<float> times) {
    std::ranges::sort(times);
    constexpr double half = 0.5;
    constexpr double tail = 0.99;
    std::printf("  %-20s %5u subscribers, %-22s p50 %8.2f ms   p99 %8.2f ms   (%zu entries)\n",
                name,
                subscribers,
                what,
                percentile(times, half),
                percentile(times, tail),
                times.size());
    std::fflush(stdout);
}

Times spread_relay(const Plan& plan, const Town& town, std::uint16_t port, std::uint32_t count) {
    Reactor reactor;
    Crowd crowd;
    Gathering gathering(reactor, port);
    for (std::uint32_t at = 0; at < count; ++at)
        gathering.add(crowd, speak_relay(town, at, Where::Shared));
    auto writes = speak_relay(town, count, Where::Shared);
    RelayAsker* const writer = writes.get();
    Crowd writing;
    gathering.add(writing, std::move(writes));
    gathering.complete();
    const auto log = town.log(0, Where::Shared);
    std::uint64_t head = 0;
    std::size_t opened = 0;
    std::size_t told = 0;
    std::size_t read = 0;
    for (std::size_t at = 0; at < crowd.lines.size(); ++at) {
        Line* const line = crowd.lines.at(at).get();
        auto* const asker = static_cast<RelayAsker*>(crowd.askers.at(at));
        asker->hearing.opened = [&](std::uint64_t last) {
            head = last;
            ++opened;
        };
        asker->hearing.told = [&, line, asker] {
            ++told;
            asker->read(*line, log, {head});
        };
        asker->hearing.answered = [&](std::uint32_t) { ++read; };
        asker->open_log(*line, log);
    }
    reactor.run_until([&] { return opened == count; });
    Times times;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(plan.span);
    while (Clock::now() < end) {
        told = read = 0;
        const auto began = Clock::now();
        writer->append(*writing.lines.front());
        reactor.run_until([&] { return told == count; });
        keep(times.hinted, began);
        reactor.run_until([&] { return read == count; });
        keep(times.read, began);
        ++head;
    }
    return times;
}

Times spread_jetstream(const Plan& plan,
                       const Town& town,
                       std::uint16_t port,
                       std::uint32_t count) {
    Reactor reactor;
    Crowd crowd;
    Gathering gathering(reactor, port);
    for (std::uint32_t at = 0; at < count; ++at)
        gathering.add(crowd, hear_nats());
    Crowd writing;
    gathering.add(writing, speak_nats(town, count, Where::Shared));
    gathering.complete();
    std::size_t told = 0;
    bool stored = false;
    for (Asker* const asker : crowd.askers)
        asker->hearing.told = [&] { ++told; };
    writing.askers.front()->hearing.answered = [&](std::uint32_t) { stored = true; };
    Times times;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(plan.span);
    while (Clock::now() < end) {
        told = 0;
        stored = false;
        const auto began = Clock::now();
        writing.askers.front()->append(*writing.lines.front());
        reactor.run_until([&] { return told == count && stored; });
        keep(times.read, began);
    }
    return times;
}

}  // namespace

void measure_fanout(const Plan& plan) {
    std::vector<std::uint32_t> counts =
        plan.smallest ? std::vector<std::uint32_t>{2} : std::vector<std::uint32_t>{20, 1'000};
    const Town town;
    const Server relay = start_relay(plan.relay, plan.directory / "fanout");
    {
        Reactor reactor;
        admit_devices(reactor, town, relay.port, 0, counts.back() + 1);
        found_logs(reactor, town, relay.port, 0, counts.back() + 1);
    }
    for (const std::uint32_t count : counts) {
        const Times times = spread_relay(plan, town, relay.port, count);
        print("relay", count, "all have the hint", times.hinted);
        print("relay", count, "all have the entry", times.read);
    }
    if (!has_jetstream()) return;
    for (const Sync sync : {Sync::Always, Sync::Now}) {
        const Server jetstream =
            start_jetstream(plan.directory / (sync == Sync::Always ? "synced" : "unsynced"), sync);
        make_stream_on(jetstream.port);
        for (const std::uint32_t count : counts) {
            print(jetstream.name.c_str(),
                  count,
                  "all have it, stored",
                  spread_jetstream(plan, town, jetstream.port, count).read);
        }
    }
}

}  // namespace cercle::bench
