// SPDX-License-Identifier: AGPL-3.0-or-later
#include <cstdio>

#include "base/check.h"
#include "bench/relay/frame.h"
#include "bench/relay/measure.h"

// Mutated frames: sessions that are torn up by what they send themselves, below WebSocket and above
// it, before Hello and after, while one member goes on appending and has to be answered. Meant for
// a relay that was built with sanitizers: ./test --long overload.

namespace cercle::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint32_t below(std::uint32_t bound) {
    std::array<std::uint8_t, sizeof(std::uint32_t)> dice{};
    fill_randomly(dice);
    return std::bit_cast<std::uint32_t>(dice) % bound;
}

Bytes mutated(BytesView frame) {
    Bytes bytes = to_bytes(frame);
    for (std::uint32_t times = 1 + below(4); times > 0 && !bytes.empty(); --times) {
        const std::size_t at = below(static_cast<std::uint32_t>(bytes.size()));
        switch (below(5)) {
            case 0:
                bytes.at(at) ^= static_cast<std::uint8_t>(1U << below(8));
                break;
            case 1:
                bytes.resize(at);
                break;
            case 2:
                bytes.at(at) = 0xff;
                break;
            case 3:
                bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 7, 0x80);
                break;
            default:
                bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
                break;
        }
    }
    return bytes;
}

constexpr std::uint32_t members = 16;

// What a member may ask for, well formed.
std::vector<Bytes> requests(const Town& town, std::uint32_t member) {
    const auto log = town.log(member, Where::Own);
    const auto reader = *protocol::ReaderKey::from(town.reader(member).public_key());
    std::vector<protocol::RequestBody> bodies;
    bodies.emplace_back(protocol::Claim{});
    bodies.emplace_back(town.founding(member, Where::Own, 0));
    bodies.emplace_back(town.post(member, Where::Own));
    bodies.emplace_back(protocol::PostBundle{{}, {Bytes(200), Bytes(64), Bytes(64)}, {}});
    bodies.emplace_back(protocol::OpenLog{log, reader, Bytes(64)});
    bodies.emplace_back(protocol::Read{log, {0}});
    bodies.emplace_back(protocol::PutKeyPackages{log, {Bytes(300)}});
    bodies.emplace_back(protocol::GetStep{{}, Secret::copy_of(town.token(member)), 1});
    bodies.emplace_back(protocol::PutStep{{}, Secret::copy_of(town.token(member)), 1, Bytes(500)});
    std::vector<Bytes> frames;
    for (auto& body : bodies)
        frames.push_back(codec::encode(protocol::Request{{7}, std::move(body)}));
    return frames;
}

// One session that tears itself up.
struct Vandal {
    std::unique_ptr<Line> line{};
    RelayAsker* asker = nullptr;
    Clock::time_point until{};
    bool ready = false;

    void begin(Reactor& reactor, const Town& town, std::uint16_t port, std::uint32_t member) {
        auto speaks = speak_relay(town, member, Where::Own);
        asker = speaks.get();
        ready = false;
        asker->hearing.ready = [this] { ready = true; };
        line = std::make_unique<Line>(reactor, port, std::move(speaks));
        constexpr auto patience = std::chrono::milliseconds{300};
        until = Clock::now() + patience;
    }
};

}  // namespace

void measure_mutations(const Plan& plan) {
    Server relay = start_relay(plan.relay, plan.directory / "mutations");
    const Town town;
    Reactor reactor;
    admit_devices(reactor, town, relay.port, 0, members + 1);
    found_logs(reactor, town, relay.port, 0, members + 1);
    Crowd honest;
    Gathering gathering(reactor, relay.port);
    gathering.add(honest, speak_relay(town, members, Where::Own));
    gathering.complete();
    Line* const honest_line = honest.lines.front().get();
    std::uint64_t answered = 0;
    std::uint64_t frames_sent = 0;
    honest.askers.front()->hearing.answered = [&](std::uint32_t) {
        ++answered;
        honest.askers.front()->append(*honest_line);
    };
    honest.askers.front()->append(*honest_line);
    std::vector<std::vector<Bytes>> sayings;
    for (std::uint32_t member = 0; member < members; ++member)
        sayings.push_back(requests(town, member));
    std::vector<Vandal> vandals(members);
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(plan.span);
    std::uint64_t before = 0;
    auto looked = Clock::now();
    reactor.run_until([&] {
        for (std::uint32_t member = 0; member < members; ++member) {
            Vandal& vandal = vandals.at(member);
            if (!vandal.line || vandal.line->is_lost() || Clock::now() > vandal.until) {
                vandal.begin(reactor, town, relay.port, member);
                continue;
            }
            if (!vandal.line->stands()) continue;
            const auto& frame =
                sayings.at(member).at(below(static_cast<std::uint32_t>(sayings.at(member).size())));
            // Before it is admitted as well, now and then, and below the frames.
            if (vandal.ready && below(4) != 0) {
                vandal.asker->say(*vandal.line, mutated(frame));
                ++frames_sent;
            } else if (below(100) == 0) {
                vandal.line->send(mutated(frame));
                ++frames_sent;
            }
        }
        if (Clock::now() - looked > std::chrono::seconds{30}) {
            CHECK(answered > before && !honest_line->is_lost(), "the honest member was not served");
            before = answered;
            looked = Clock::now();
        }
        return Clock::now() >= end;
    });
    CHECK(answered > 0 && !honest_line->is_lost(), "the honest member was not served");
    for (Vandal& vandal : vandals)
        vandal.line.reset();
    const int status = relay.process->end();
    std::printf(
        "  %llu mutated frames; the honest member's %llu appends were answered; the relay ended "
        "with %d\n",
        static_cast<unsigned long long>(frames_sent),
        static_cast<unsigned long long>(answered),
        status);
    CHECK(status == 0, "the relay did not end well");
}

}  // namespace cercle::bench
