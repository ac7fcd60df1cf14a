// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Measurements, each a part of the program's table. docs/relay.md says how to read them.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "bench/relay/peers.h"
#include "bench/relay/settle.h"

namespace cercle::bench {

using Seconds = std::chrono::duration<double>;

struct Plan {
    std::filesystem::path relay;      // the program
    std::filesystem::path directory;  // for data; removed at the end
    Seconds span{4.0};                // of each measurement
    std::uint32_t writers = 0;        // only so many; 0: each number in turn
    bool smallest = false;            // only to see that it runs
    bool alone = false;               // without the peers that others made
};

struct Figures {
    double per_second = 0;
    double p50 = 0;  // milliseconds
    double p99 = 0;
    double server_us = 0;  // of the server's computing, for one
    std::size_t refused = 0;
};

/// The given part of sorted latencies.
[[nodiscard]] double percentile(const std::vector<float>& sorted, double part);

/// All lines append without a pause, `depth` under way on each, for a while.
[[nodiscard]] Figures drive(
    Reactor& reactor, const Crowd& crowd, const Process& server, Seconds span, std::size_t depth);

/// The same until what a relay puts off (its settling) has set in, and what comes after it is how
/// it goes on for ever.
void drive_in(Reactor& reactor, const Crowd& crowd, const Process& server);

/// Append and fdatasync to a file, one after the other, as JetStream's and the relay's floor.
[[nodiscard]] Figures sync_file(const std::filesystem::path& directory, Seconds span);

void measure_appends(const Plan& plan);
void measure_fanout(const Plan& plan);
void measure_idle(const Plan& plan);
void measure_growth(const Plan& plan);
void measure_overload(const Plan& plan);
void measure_refusals(const Plan& plan);
void measure_mutations(const Plan& plan);

/// This program as clients that hold sessions and say nothing: numbers on its standard input say up
/// to how many, and it says them back when they are open. `what`: "relay" or "echo".
int hold_sessions(std::uint16_t port, std::string_view what);

/// This program as strangers: handshakes without a pause, and nothing after them, until a line
/// comes on its standard input; then it says how many there were.
int knock(std::uint16_t port);

}  // namespace cercle::bench
