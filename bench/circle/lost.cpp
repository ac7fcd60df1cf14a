// SPDX-License-Identifier: AGPL-3.0-or-later
//
// From `cercle officer lost` until every device has said that no conversation of its own has a key
// that the lost phone knows. All are online; the phone stands in every room and in a hall.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/circle/circle.h"
#include "bench/circle/floors.h"

namespace cercle::bench {
namespace {

using Now = std::chrono::steady_clock;

/// Devices in a hall beside the officer's, at most (officer/halls.h).
constexpr std::size_t hall = 64;

}  // namespace

void measure_lost(const Plan& /*plan*/, Circle& circle) {
    circle.settle();
    const std::string lost = Circle::member(0);
    Seconds dropped{};
    const auto before = circle.computed();
    const auto began = Now::now();
    const auto hear = [&](const std::string& line) {
        if (line.contains("\"type\":\"lost\"")) dropped = Now::now() - began;
    };
    const Ran ran =
        circle.run("officer", {"--json", "--timeout", "600", "officer", "lost", lost}, hear);
    const auto after = circle.computed();
    if (ran.status != 0) {
        std::fprintf(stderr, "officer lost: %s\n", ran.said.c_str());
        std::exit(1);
    }
    // The floor: each conversation's commit, and every other member's processing of it.
    Seconds floor{};
    std::size_t entered = 0;
    for (const std::size_t others : circle.rooms()) {
        const Rekeying one = rekeying(others + 1);
        floor += one.commit + static_cast<double>(others - 1) * one.process;
        entered += others;
    }
    const std::size_t in_hall = std::min(hall, circle.members());
    const Rekeying of_hall = rekeying(in_hall + 1);
    floor += of_hall.commit + static_cast<double>(in_hall - 1) * of_hall.process;
    entered += in_hall;
    const Seconds relay = after.relay - before.relay;
    const Seconds officer = after.officer - before.officer;
    const Seconds crowds = after.crowds - before.crowds;
    const Seconds computed = relay + officer + crowds;
    std::printf("%zu members online, the lost phone in %zu rooms and a hall\n",
                circle.members(),
                circle.rooms().size());
    std::printf(
        "floor: %zu members enter an epoch without it: %.3f s of computing (hall: commit %.2f ms, "
        "process %.2f ms)\n",
        entered,
        floor.count(),
        of_hall.commit.count() * 1e3,
        of_hall.process.count() * 1e3);
    std::printf("%-44s %9.3f s\n", "the relay has dropped it", dropped.count());
    std::printf("%-44s %9.3f s\n", "all have said that it stands nowhere", ran.took.count());
    std::printf("%-44s %9.3f s  %6.1f of the floor\n",
                "computed in all that time",
                computed.count(),
                computed / floor);
    std::printf("  devices %.3f s, relay %.3f s, officer %.3f s\n",
                crowds.count(),
                relay.count(),
                officer.count());
    std::fflush(stdout);
}

}  // namespace cercle::bench
