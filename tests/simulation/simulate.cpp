// SPDX-License-Identifier: AGPL-3.0-or-later
//
// simulate story SEED [COUNT]: tells stories from SEED on, a single one with all that happens.
// simulate lost SEED [COUNT]: the same with phones that are lost.
// simulate circle SEED [COUNT [MEMBERS]]: lets a circle in four sections, of 200 members if not
// said, live through a day's work, five lost phones, or one for each six members.
//
// simulate crash MACHINE AT [COUNT]: plays the passage with that machine (or `all`) crashing at
// operation AT of its disk, and at the next ones.
//
// Says on standard error what comes, and then which break a law; ends with 1 if one does.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/slab.h"
#include "tests/simulation/assembly.h"
#include "tests/simulation/laws.h"
#include "tests/simulation/passage.h"
#include "tests/simulation/story.h"
#include "tests/simulation/telling.h"

namespace {

using namespace cercle;
using namespace cercle::simulation;

[[noreturn]] void explain() {
    std::fprintf(stderr,
                 "usage: simulate story|lost SEED [COUNT]\n"
                 "       simulate circle SEED [COUNT [MEMBERS]]\n"
                 "       simulate crash MACHINE|all AT [COUNT]\n");
    std::exit(2);
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) explain();
    return value;
}

struct Tally {
    std::uint64_t played = 0;
    std::uint64_t broken = 0;

    void count(Chronicle& chronicle, const std::string& replay, bool with_events) {
        ++played;
        const auto faults = broken_laws(chronicle);
        if (with_events) {
            for (const std::string& event : chronicle.events())
                std::printf("%s\n", event.c_str());
            std::printf("%zu sayings, %zu encryptions, %zu of them sent\n",
                        chronicle.sayings().size(),
                        chronicle.nonces().encryptions(),
                        chronicle.nonces().sent());
        }
        for (const std::string& fault : faults)
            std::printf("%s\n", fault.c_str());
        if (!faults.empty()) {
            ++broken;
            std::printf("replay it: simulate %s\n", replay.c_str());
        }
        std::fflush(stdout);
    }
};

void tell_stories(Tally& tally, const std::string& kind, std::uint64_t first, std::uint64_t count) {
    const auto losses = kind == "lost" ? Story::Losses::Some : Story::Losses::None;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const std::string replay = kind + " " + std::to_string(seed);
        say_before(replay);
        Story story(seed, 60, losses);
        story.tell();
        tally.count(story.chronicle(), replay, count == 1);
    }
}

void assemble(Tally& tally, std::uint64_t first, std::uint64_t count, std::uint64_t members) {
    AssemblySize size;
    size.members = members;
    size.lost = std::min<std::size_t>(size.lost, members / 6);
    if (members < 100) size.steps = 40;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const std::string replay =
            "circle " + std::to_string(seed) + " 1 " + std::to_string(members);
        say_before(replay);
        Assembly assembly(seed, size);
        assembly.tell();
        ++tally.played;
        const auto broken = assembly.broken_promises();
        if (count == 1) {
            for (const auto& [event, times] : assembly.happened())
                std::printf("%s: %zu times\n", event.c_str(), times);
        }
        for (const std::string& sentence : broken)
            std::printf("%s\n", sentence.c_str());
        if (!broken.empty()) {
            ++tally.broken;
            std::printf("replay it: simulate %s\n", replay.c_str());
        }
        std::fflush(stdout);
    }
}

void crash_at(Tally& tally, std::string_view machine, std::uint64_t first, std::uint64_t count) {
    for (const auto kind : {store::Trouble::Kind::PowerLoss, store::Trouble::Kind::Kill}) {
        for (std::uint64_t at = first; at < first + count; ++at) {
            const std::string replay = "crash " + std::string(machine) + " " + std::to_string(at);
            say_before(replay);
            Passage passage(machine, {kind, at});
            passage.play();
            if (!passage.had_its_trouble()) break;
            tally.count(passage.chronicle(), replay, count == 1);
        }
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::span<char*> words(arguments, static_cast<std::size_t>(count));
    if (!slab::open().has_value()) return 70;
    Tally tally;
    const bool tells = count == 3 || count == 4;
    if (tells && (std::string_view(words[1]) == "story" || std::string_view(words[1]) == "lost")) {
        tell_stories(tally, words[1], number(words[2]), count == 4 ? number(words[3]) : 1);
    } else if (count >= 3 && count <= 5 && std::string_view(words[1]) == "circle") {
        const std::uint64_t members = count == 5 ? number(words[4]) : 200;
        if (members < 8) explain();
        assemble(tally, number(words[2]), count >= 4 ? number(words[3]) : 1, members);
    } else if ((count == 4 || count == 5) && std::string_view(words[1]) == "crash") {
        const std::uint64_t crashes = count == 5 ? number(words[4]) : 1;
        const std::string_view wanted = words[2];
        const bool known = std::ranges::contains(Passage::machines, wanted);
        if (!known && wanted != "all") explain();
        for (const std::string_view machine : Passage::machines) {
            if (wanted == "all" || wanted == machine)
                crash_at(tally, machine, number(words[3]), crashes);
        }
    } else {
        explain();
    }
    std::printf("%llu played, %llu broken\n",
                static_cast<unsigned long long>(tally.played),
                static_cast<unsigned long long>(tally.broken));
    return tally.broken == 0 ? 0 : 1;
}
