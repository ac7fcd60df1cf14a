// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <deque>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/relay/measure.h"
#include "bench/relay/peers.h"
#include "relay/bounds.h"

namespace cercle::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// One line and the moments at which it asked, oldest first: answers come in order.
struct Writer {
    Line* line;
    Asker* asker;
    std::deque<Clock::time_point> asked{};
};

void keep(std::vector<float>& latencies, Clock::duration latency) {
    latencies.push_back(std::chrono::duration<float, std::milli>(latency).count());
}

Figures summed(std::vector<float>& latencies, Seconds span) {
    std::ranges::sort(latencies);
    constexpr double half = 0.5;
    constexpr double tail = 0.99;
    Figures figures;
    figures.per_second = static_cast<double>(latencies.size()) / span.count();
    figures.p50 = percentile(latencies, half);
    figures.p99 = percentile(latencies, tail);
    return figures;
}

}  // namespace

double percentile(const std::vector<float>& sorted, double part) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
    return sorted.at(std::min(at, sorted.size() - 1));
}

Figures drive(
    Reactor& reactor, const Crowd& crowd, const Process& server, Seconds span, std::size_t depth) {
    constexpr double warming = 0.25;
    std::vector<Writer> writers;
    for (std::size_t at = 0; at < crowd.lines.size(); ++at)
        writers.push_back({crowd.lines.at(at).get(), crowd.askers.at(at)});
    std::vector<float> latencies;
    bool measures = false;
    bool goes_on = true;
    std::size_t under_way = 0;
    std::size_t refused = 0;
    const auto ask = [&](Writer& writer) {
        writer.asked.push_back(Clock::now());
        ++under_way;
        writer.asker->append(*writer.line);
    };
    for (Writer& writer : writers) {
        writer.asker->hearing.answered = [&](std::uint32_t) {
            if (measures) keep(latencies, Clock::now() - writer.asked.front());
            writer.asked.pop_front();
            --under_way;
            if (goes_on) ask(writer);
        };
        writer.asker->hearing.refused = [&](std::uint32_t) {
            writer.asked.pop_front();
            --under_way;
            ++refused;
        };
    }
    for (Writer& writer : writers) {
        for (std::size_t at = 0; at < depth; ++at)
            ask(writer);
    }
    const auto run_for = [&](Seconds how_long) {
        const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(how_long);
        reactor.run_until([&] { return Clock::now() >= end || reactor.lost > 0; });
    };
    run_for(span * warming);
    const Seconds before = server.computed();
    const auto began = Clock::now();
    measures = true;
    run_for(span);
    measures = false;
    const Seconds took = Clock::now() - began;
    const Seconds computed = server.computed() - before;
    goes_on = false;
    reactor.run_until([&] { return under_way == 0 || reactor.lost > 0; });
    CHECK(reactor.lost == 0, "a server has closed a line");
    for (Asker* const asker : crowd.askers)
        asker->hearing = {};
    Figures figures = summed(latencies, took);
    constexpr double micro = 1e6;
    figures.server_us =
        computed.count() * micro / static_cast<double>(std::max<std::size_t>(1, latencies.size()));
    figures.refused = refused;
    return figures;
}

void drive_in(Reactor& reactor, const Crowd& crowd, const Process& server) {
    constexpr double enough = 1.25 * static_cast<double>(relay::bounds::entries_unsettled);
    double appended = 0;
    while (appended < enough)
        appended += drive(reactor, crowd, server, Seconds(1), 1).per_second;
}

Figures sync_file(const std::filesystem::path& directory, Seconds span) {
    constexpr std::size_t size = 1024;
    const auto path = directory / "floor";
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK(file >= 0, "the directory cannot be written");
    Bytes entry(size);
    fill_randomly(entry);
    std::vector<float> latencies;
    const auto began = Clock::now();
    auto now = began;
    while (now - began < span) {
        CHECK(write(file, entry.data(), entry.size()) == std::ssize(entry), "the disk is full");
        CHECK(fdatasync(file) == 0, "the disk failed");
        const auto then = std::exchange(now, Clock::now());
        keep(latencies, now - then);
    }
    close(file);
    std::filesystem::remove(path);
    return summed(latencies, now - began);
}

}  // namespace cercle::bench
