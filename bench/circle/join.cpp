// SPDX-License-Identifier: AGPL-3.0-or-later
//
// From an invitation to a full contact list, and to a message on another's screen, with the
// programs that people use: `cercle join`, `cercle contacts`, `cercle send`, and on the other side
// `cercle read --follow`.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <vector>

#include "bench/circle/circle.h"
#include "bench/circle/floors.h"

namespace cercle::bench {
namespace {

using Now = std::chrono::steady_clock;

/// Each with the relay, by what docs/spec/invitation.md and a first message take: who comes is a
/// stranger first, then a device; and a device again to write.
constexpr int connections = 3;
/// One after the other, each durable before the next: five steps and the order between them, the
/// commit and the Welcome of the hall; to write, a key package taken, the log, the commit, the
/// Welcome and the message.
constexpr int requests = 13;
constexpr int programs = 3;
constexpr std::size_t bytes = 4096;

struct Round {
    Seconds joined{};
    Seconds listed{};
    Seconds shown{};
    Seconds program{};  // one that opens this vault and does next to nothing
};

void demand(const Ran& ran, const char* what) {
    if (ran.status == 0) return;
    std::fprintf(stderr, "%s: %s\n", what, ran.said.c_str());
    std::exit(1);
}

std::size_t contacts_in(const std::string& said) {
    std::size_t count = 0;
    constexpr std::string_view contact = "\"type\":\"contact\"";
    for (std::size_t at = said.find(contact); at != std::string::npos;
         at = said.find(contact, at + 1)) {
        ++count;
    }
    return count;
}

Round play(Circle& circle, Process& reader, std::size_t number) {
    const std::string name = std::format("Newcomer {}", number);
    const Invitation invitation = circle.invite(name);
    Round round;
    const auto began = Now::now();
    demand(
        circle.run(name, {"--timeout", "60", "join", invitation.text, "--code", invitation.code}),
        "joining");
    round.joined = Now::now() - began;
    const Ran contacts = circle.run(name, {"--json", "contacts"});
    round.listed = Now::now() - began;
    demand(contacts, "contacts");
    if (contacts_in(contacts.said) != circle.people()) {
        std::fprintf(
            stderr, "%zu contacts instead of %zu\n", contacts_in(contacts.said), circle.people());
        std::exit(1);
    }
    const std::string text = std::format("here is newcomer {}", number);
    demand(circle.run(name, {"--timeout", "60", "send", "Reader", text}), "sending");
    while (true) {
        const std::string line = reader.line();
        if (line.contains(text)) break;
        if (line.empty()) std::exit(1);
    }
    round.shown = Now::now() - began;
    const Ran little = circle.run(name, {"--json", "outbox"});
    demand(little, "opening a vault");
    round.program = little.took;
    circle.one_more();
    return round;
}

template <class Member>
Seconds median_of(const std::vector<Round>& rounds, Member Round::* member) {
    std::vector<Seconds> values;
    for (const Round& round : rounds)
        values.push_back(round.*member);
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double milliseconds(Seconds span) {
    return span.count() * 1e3;
}

}  // namespace

void measure_join(const Plan& plan, Circle& circle) {
    const Invitation invitation = circle.invite("Reader");
    demand(circle.run("reader",
                      {"--timeout", "60", "join", invitation.text, "--code", invitation.code}),
           "the reader joins");
    circle.one_more();
    const auto reader = circle.start("reader", {"--json", "read", "--follow"});
    std::vector<Round> rounds;
    for (std::size_t number = 1; number <= plan.rounds; ++number)
        rounds.push_back(play(circle, *reader, number));
    const Seconds program = median_of(rounds, &Round::program);
    const Seconds handshake = tls_handshake();
    const Seconds round_trip = tls_round_trip(bytes);
    const Seconds append = synced_append(plan.directory, bytes);
    const Seconds floor =
        programs * program + connections * handshake + requests * (round_trip + append);
    std::printf(
        "people in the directory: %zu; %zu rounds, medians\n", circle.people(), rounds.size());
    std::printf(
        "%-44s %9.1f ms\n", "a program that opens a vault (Argon2id)", milliseconds(program));
    std::printf("%-44s %9.2f ms\n", "a TLS handshake, both ends", milliseconds(handshake));
    std::printf("%-44s %9.2f ms\n", "4 KiB there and back in TLS", milliseconds(round_trip));
    std::printf("%-44s %9.2f ms\n", "4 KiB appended and synced", milliseconds(append));
    std::printf("floor: %d programs, %d handshakes, %d requests: %.1f ms\n",
                programs,
                connections,
                requests,
                milliseconds(floor));
    const auto show = [&floor](const char* what, Seconds took) {
        std::printf("%-44s %9.1f ms  %6.2f of the floor\n", what, milliseconds(took), took / floor);
    };
    show("join: certified, in the hall, directory there", median_of(rounds, &Round::joined));
    show("the full contact list on the screen", median_of(rounds, &Round::listed));
    show("the first message on the other's screen", median_of(rounds, &Round::shown));
    std::fflush(stdout);
}

}  // namespace cercle::bench
