// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// How every benchmark here measures: an operation, and in turn with it what it cannot do without,
// its floor. Both are timed in the same process and the same minute, and what counts is their
// ratio, which a slow or busy machine changes little.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

#include <benchmark/benchmark.h>

namespace cercle::bench {

using Seconds = std::chrono::duration<double>;

/// What this thread has computed so far; what others do to the machine meanwhile is not in it.
[[nodiscard]] inline Seconds computed() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return Seconds(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9);
}

/// How long `work()` computes. What it needs is prepared before.
template <class Work>
[[nodiscard]] Seconds timed(const Work& work) {
    const Seconds began = computed();
    work();
    return computed() - began;
}

[[nodiscard]] inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// Runs both in turn until the library has seen enough; each gives how long it took. The table
/// gets the medians: `us` of the operation, `floor_us`, and their ratio.
template <class Operation, class Floor>
void against(benchmark::State& state, const Operation& operation, const Floor& floor) {
    std::vector<double> measured;
    std::vector<double> floors;
    for ([[maybe_unused]] auto round : state) {
        measured.push_back(Seconds(operation()).count());
        floors.push_back(Seconds(floor()).count());
        state.SetIterationTime(measured.back());
    }
    constexpr double micro = 1e6;
    state.counters["us"] = median(measured) * micro;
    state.counters["floor_us"] = median(floors) * micro;
    state.counters["ratio"] = median(measured) / median(floors);
}

}  // namespace cercle::bench
