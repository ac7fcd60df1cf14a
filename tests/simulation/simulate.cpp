// SPDX-License-Identifier: AGPL-3.0-or-later
//
// simulate SEED          tells one story, with all that happens in it, and judges it
// simulate SEED COUNT    tells COUNT stories from SEED on, and says which break a law
//
// Ends with 1 if a law was broken.

#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "base/slab.h"
#include "tests/simulation/laws.h"

namespace {

using cercle::simulation::Story;

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        std::fprintf(stderr, "usage: simulate SEED [COUNT]\n");
        std::exit(2);
    }
    return value;
}

bool holds(std::uint64_t seed, bool with_events) {
    Story story(seed);
    const auto broken = cercle::simulation::broken_laws(story);
    if (with_events) {
        for (const std::string& event : story.events())
            std::printf("%s\n", event.c_str());
        std::printf("%zu sayings, %zu troubles, %zu encryptions, %zu of them sent\n",
                    story.sayings().size(),
                    story.troubles(),
                    story.nonces().encryptions(),
                    story.nonces().sent());
    }
    for (const std::string& sentence : broken) {
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), sentence.c_str());
    }
    return broken.empty();
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2 || count > 3) {
        std::fprintf(stderr, "usage: simulate SEED [COUNT]\n");
        return 2;
    }
    if (!cercle::slab::open().has_value()) return 70;
    const std::uint64_t first = number(arguments[1]);
    const std::uint64_t stories = count == 3 ? number(arguments[2]) : 1;
    std::uint64_t failed = 0;
    for (std::uint64_t seed = first; seed < first + stories; ++seed) {
        if (!holds(seed, count == 2)) {
            ++failed;
            std::printf("replay it: simulate %llu\n", static_cast<unsigned long long>(seed));
        }
        std::fflush(stdout);
    }
    std::printf("%llu stories, %llu broken\n",
                static_cast<unsigned long long>(stories),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}
