// SPDX-License-Identifier: AGPL-3.0-or-later

// circle_bench: what people wait for in a circle of 200, beside what cannot be done without. ./run
// bench circle builds and starts it.

#include <algorithm>
#include <cstdio>
#include <format>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "base/slab.h"
#include "bench/circle/circle.h"

namespace {

using namespace cercle;
using namespace cercle::bench;

struct Part {
    std::string_view name;
    void (*measure)(const Plan&, Circle&);
};

/// In this order, since who is lost is lost.
constexpr Part parts[] = {{"join", measure_join}, {"lost", measure_lost}};

int usage() {
    std::fputs(
        "usage: circle_bench [join|lost]... [--programs DIR] [--data DIR] [--members N] "
        "[--rounds N] [--smallest]\n",
        stderr);
    return 2;
}

std::size_t number(std::string_view word) {
    return static_cast<std::size_t>(std::stoul(std::string(word)));
}

int run(const std::vector<std::string_view>& words) {
    Plan plan;
    plan.programs = own_path().parent_path().parent_path() / "bin";
    std::filesystem::path data = "/var/tmp";
    std::vector<std::string_view> names;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const bool more = at + 1 < words.size();
        if (words[at] == "--smallest") {
            plan.members = 4;
            plan.rounds = 1;
            plan.rooms = 1;
            plan.processes = 1;
        } else if (words[at] == "--programs" && more) {
            plan.programs = words[++at];
        } else if (words[at] == "--data" && more) {
            data = words[++at];
        } else if (words[at] == "--members" && more) {
            plan.members = number(words[++at]);
        } else if (words[at] == "--rounds" && more) {
            plan.rounds = number(words[++at]);
        } else if (std::ranges::contains(parts, words[at], &Part::name)) {
            names.push_back(words[at]);
        } else {
            return usage();
        }
    }
    // Rooms of three people at least, or there is no commit for others to process.
    if (plan.rounds == 0 || plan.members < 3 * plan.rooms + 1) return usage();
    plan.directory = data / std::format("circle-bench.{}", getpid());
    std::filesystem::create_directories(plan.directory);
    std::filesystem::permissions(plan.directory, std::filesystem::perms::owner_all);
    {
        Circle circle(plan);
        for (const Part& part : parts) {
            if (!names.empty() && !std::ranges::contains(names, part.name)) continue;
            std::printf("== %s\n", std::string(part.name).c_str());
            part.measure(plan, circle);
        }
    }
    std::filesystem::remove_all(plan.directory);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    if (words.size() == 2 && words.front() == "crowd") return be_a_crowd(words.back());
    if (!slab::open().has_value()) return 1;
    return run(words);
}
