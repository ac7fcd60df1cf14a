// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <deque>
#include <iostream>

#include <poll.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/relay/measure.h"

// Too much of everything: how long members wait for their appends while one of them, or strangers,
// ask for as much as they can, and whether each append that was answered is in its log afterwards.

namespace cercle::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t members = 20;
constexpr double appends_a_second = 20;  // of each member
constexpr std::uint32_t greedy_sessions = 8;
constexpr std::size_t greedy_depth = 64;

struct Member {
    Line* line;
    RelayAsker* asker;
    std::deque<Clock::time_point> asked{};
    std::uint64_t answered = 0;
    std::uint64_t refused = 0;
    std::uint64_t head = 0;
};

struct Meeting {
    Reactor& reactor;
    const Town& town;
    std::uint16_t port;
    Crowd crowd{};
    std::vector<Member> present{};

    void gather() {
        Gathering gathering(reactor, port);
        for (std::uint32_t at = 0; at < members; ++at) {
            auto asker = speak_relay(town, at, Where::Own);
            RelayAsker* const speaks = asker.get();
            gathering.add(crowd, std::move(asker));
            present.push_back({crowd.lines.back().get(), speaks});
        }
        gathering.complete();
    }

    // Each appends at its pace, whether the last one was answered or not.
    Figures talk(Seconds span) {
        std::vector<float> latencies;
        std::size_t under_way = 0;
        for (Member& member : present) {
            member.asker->hearing.answered = [&](std::uint32_t) {
                latencies.push_back(
                    std::chrono::duration<float, std::milli>(Clock::now() - member.asked.front())
                        .count());
                member.asked.pop_front();
                ++member.answered;
                --under_way;
            };
            member.asker->hearing.refused = [&](std::uint32_t) {
                member.asked.pop_front();
                ++member.refused;
                --under_way;
            };
        }
        const auto began = Clock::now();
        double said = 0;
        std::size_t next = 0;
        reactor.run_until([&] {
            const Seconds past = Clock::now() - began;
            while (past < span && said < past.count() * appends_a_second * members) {
                Member& member = present.at(next++ % members);
                member.asked.push_back(Clock::now());
                ++under_way;
                member.asker->append(*member.line);
                ++said;
            }
            return past >= span && under_way == 0;
        });
        std::ranges::sort(latencies);
        Figures figures;
        figures.per_second = static_cast<double>(latencies.size()) / span.count();
        constexpr double half = 0.5;
        constexpr double tail = 0.99;
        figures.p50 = percentile(latencies, half);
        figures.p99 = percentile(latencies, tail);
        for (const Member& member : present)
            figures.refused += member.refused;
        return figures;
    }

    // Answered, and not in the log.
    std::uint64_t lost() {
        std::uint64_t lost = 0;
        for (std::uint32_t at = 0; at < members; ++at) {
            Member& member = present.at(at);
            bool heard = false;
            member.asker->hearing.opened = [&](std::uint64_t head) {
                member.head = head;
                heard = true;
            };
            member.asker->open_log(*member.line, town.log(at, Where::Own));
            reactor.run_until([&] { return heard || member.line->is_lost(); });
            lost += member.answered - std::min(member.answered, member.head);
        }
        return lost;
    }
};

void print(const char* when, const Figures& figures, double others) {
    std::printf("  %-32s members' appends %6.0f /s  p50 %8.2f ms  p99 %8.2f ms  refused %zu",
                when,
                figures.per_second,
                figures.p50,
                figures.p99,
                figures.refused);
    if (others > 0) std::printf("  beside %.0f /s of the others'", others);
    std::printf("\n");
    std::fflush(stdout);
}

// Asks for as much as it can until its object ends.
struct Greed {
    Crowd crowd{};
    std::uint64_t answered = 0;

    Greed(Reactor& reactor, const Town& town, std::uint16_t port) {
        Gathering gathering(reactor, port);
        for (std::uint32_t at = 0; at < greedy_sessions; ++at)
            gathering.add(crowd, speak_relay(town, members, Where::Own));
        gathering.complete();
        for (std::size_t at = 0; at < crowd.lines.size(); ++at) {
            Line* const line = crowd.lines.at(at).get();
            Asker* const asker = crowd.askers.at(at);
            asker->hearing.answered = [this, line, asker](std::uint32_t) {
                ++answered;
                asker->append(*line);
            };
            for (std::size_t each = 0; each < greedy_depth; ++each)
                asker->append(*line);
        }
    }
};

}  // namespace

void measure_overload(const Plan& plan) {
    const Server relay = start_relay(plan.relay, plan.directory / "overload", Measure::Usual);
    const Town town;
    Reactor reactor;
    admit_devices(reactor, town, relay.port, 0, members + 1);
    found_logs(reactor, town, relay.port, 0, members + 1);
    Meeting meeting{reactor, town, relay.port};
    meeting.gather();
    print("left alone", meeting.talk(plan.span), 0);
    const double before = relay.process->memory();
    {
        Greed greed(reactor, town, relay.port);
        const Figures figures = meeting.talk(plan.span);
        print("one member without measure",
              figures,
              static_cast<double>(greed.answered) / plan.span.count());
        for (const auto& line : greed.crowd.lines)
            line->hang_up();
    }
    {
        Process strangers({own_path(), "knock", std::to_string(relay.port)});
        const Figures figures = meeting.talk(plan.span);
        strangers.say("enough");
        print("strangers' handshakes", figures, std::stod(strangers.line()) / plan.span.count());
    }
    print("left alone again", meeting.talk(plan.span), 0);
    std::printf("  memory %.0f KiB before, %.0f KiB after; answered and not in its log: %llu\n",
                before,
                relay.process->memory(),
                static_cast<unsigned long long>(meeting.lost()));
}

int knock(std::uint16_t port) {
    constexpr std::size_t at_once = 64;

    class Silent final : public Speaker {
      public:
        void begin(Line& /*line*/) override {}

        void hear(Line& /*line*/, BytesView /*bytes*/) override {}
    };

    Reactor reactor;
    std::vector<std::unique_ptr<Line>> lines;
    lines.resize(at_once);
    std::uint64_t made = 0;
    reactor.run_until([&] {
        for (auto& line : lines) {
            if (line && !line->stands() && !line->is_lost()) continue;
            line = std::make_unique<Line>(reactor, port, std::make_unique<Silent>());
            ++made;
        }
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        return poll(&input, 1, 0) > 0;
    });
    std::cout << made << std::endl;
    return 0;
}

}  // namespace cercle::bench
