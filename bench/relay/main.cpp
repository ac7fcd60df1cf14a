// SPDX-License-Identifier: AGPL-3.0-or-later

// relay_bench: the relay at work, beside what it cannot do without and beside its peers, all in the
// same run. ./run bench relay builds and starts it.

#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "base/slab.h"
#include "bench/relay/measure.h"
#include "bench/relay/peers.h"

namespace {

using namespace cercle;
using namespace cercle::bench;

struct Part {
    std::string_view name;
    void (*measure)(const Plan&);
    bool by_default;
};

constexpr Part parts[] = {
    {"appends", measure_appends, true},
    {"fanout", measure_fanout, true},
    {"idle", measure_idle, false},
    {"growth", measure_growth, false},
    {"refusals", measure_refusals, false},
    {"overload", measure_overload, false},
    {"mutations", measure_mutations, false},
};

int usage() {
    std::fputs(
        "usage: relay_bench [PART...] [--relay PROGRAM] [--data DIR] [--seconds N] [--writers N] "
        "[--smallest] [--alone]\n",
        stderr);
    return 2;
}

int run(const std::vector<std::string_view>& words) {
    Plan plan;
    plan.relay = own_path().parent_path().parent_path() / "bin/cercle-relay";
    std::filesystem::path data = "/var/tmp";
    std::vector<std::string_view> names;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const bool more = at + 1 < words.size();
        if (words[at] == "--smallest") {
            plan.smallest = true;
            plan.span = Seconds(0.05);
        } else if (words[at] == "--alone") {
            plan.alone = true;
        } else if (words[at] == "--relay" && more) {
            plan.relay = words[++at];
        } else if (words[at] == "--data" && more) {
            data = words[++at];
        } else if (words[at] == "--seconds" && more) {
            plan.span = Seconds(std::stod(std::string(words[++at])));
        } else if (words[at] == "--writers" && more) {
            plan.writers = static_cast<std::uint32_t>(std::stoul(std::string(words[++at])));
        } else if (words[at].starts_with('-')) {
            return usage();
        } else {
            names.push_back(words[at]);
        }
    }
    for (const std::string_view name : names) {
        if (std::ranges::none_of(parts, [&](const Part& part) { return part.name == name; })) {
            return usage();
        }
    }
    plan.directory = data / ("relay-bench." + std::to_string(getpid()));
    std::filesystem::create_directories(plan.directory);
    for (const Part& part : parts) {
        const bool named = std::ranges::find(names, part.name) != names.end();
        if (!named && !(names.empty() && part.by_default)) continue;
        std::printf("== %s\n", std::string(part.name).c_str());
        part.measure(plan);
        std::filesystem::remove_all(plan.directory);
        std::filesystem::create_directories(plan.directory);
    }
    std::filesystem::remove_all(plan.directory);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (!slab::open().has_value()) return 1;
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "serve-echo") return serve_echo();
    if (words.size() == 3 && words.front() == "hold-sessions") {
        return hold_sessions(static_cast<std::uint16_t>(std::stoul(std::string(words[1]))),
                             words[2]);
    }
    if (words.size() == 2 && words.front() == "knock") {
        return knock(static_cast<std::uint16_t>(std::stoul(std::string(words[1]))));
    }
    return run(words);
}
