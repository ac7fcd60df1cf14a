// SPDX-License-Identifier: AGPL-3.0-or-later
#include <chrono>
#include <cstdio>

#include "access/token.h"
#include "base/check.h"
#include "bench/relay/measure.h"
#include "crypto/random.h"
#include "relay/decide.h"
#include "relay/log_sqlite.h"

// What it costs that much is stored: the same appends, each into a random conversation, on a relay
// that holds few and many entries in few and many logs. The relay's own decisions fill the store
// beforehand, without a network.

namespace cercle::bench {
namespace {

struct Row {
    std::uint32_t entries;
    std::uint32_t logs;
};

constexpr std::uint32_t writers = 100;

void fill(const std::filesystem::path& data, const Town& town, Row row) {
    constexpr std::uint32_t batch = 1'000;
    crypto::SystemRandom random;
    auto store = relay::open_sqlite_store({data / "relay.db"}, random);
    CHECK(store.has_value(), "the store does not open");
    const relay::Asker asker{.kind = relay::Asker::Kind::Device,
                             .device = *protocol::DeviceKey::from(town.device(0).public_key())};
    // As if they had just come: what is older than its retention would be trimmed meanwhile.
    const protocol::Stamp now{
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count())};
    const auto transact = [&](std::uint32_t first, std::uint32_t end, const auto& work) {
        const auto done = (*store)->transact([&](relay::LogTables& tables) -> Result<void> {
            for (std::uint32_t at = first; at < end; ++at)
                TRY_VOID(work(tables, at));
            return {};
        });
        CHECK(done.has_value() && (*store)->put_away().has_value(), "the store cannot be filled");
    };
    for (std::uint32_t at = 0; at < row.logs; at += batch) {
        transact(at,
                 std::min(at + batch, row.logs),
                 [&](relay::LogTables& tables, std::uint32_t number) -> Result<void> {
                     const auto founding = town.founding(number, Where::Own, 0);
                     relay::Log log{};
                     log.id = founding.log;
                     log.kind = relay::LogKind::Conversation;
                     TRY_VOID(tables.insert_log(log));
                     TRY_VOID(tables.put_reader(
                         log.id, {founding.readers.front(), protocol::Seq{1}, std::nullopt}));
                     return tables.epochs().insert_candidate(
                         log.id, {protocol::Epoch{0}, protocol::Seq{0}, founding.verifier});
                 });
    }
    for (std::uint32_t at = 0; at < row.entries; at += batch) {
        transact(at,
                 std::min(at + batch, row.entries),
                 [&](relay::LogTables& tables, std::uint32_t number) -> Result<void> {
                     protocol::Post post = town.post(number % row.logs, Where::Own);
                     fill_randomly(post.entries.front().id.bytes);
                     TRY_VOID(relay::decide(tables, asker, std::move(post), now));
                     return {};
                 });
    }
}

}  // namespace

void measure_growth(const Plan& plan) {
    const std::vector<Row> rows = plan.smallest ? std::vector<Row>{{10, 10}}
                                                : std::vector<Row>{{1'000, 10},
                                                                   {100'000, 10},
                                                                   {1'000'000, 10},
                                                                   {1'000, 10'000},
                                                                   {100'000, 10'000},
                                                                   {1'000'000, 10'000},
                                                                   {1'000'000, 100'000}};
    double first = 0;
    for (const Row& row : rows) {
        const Town town;
        const auto directory = plan.directory / "growth";
        {
            const Server relay = start_relay(plan.relay, directory);
            Reactor reactor;
            admit_devices(reactor, town, relay.port, 0, writers);
        }
        fill(directory / "relay", town, row);
        const Server relay = start_relay(plan.relay, directory);
        Reactor reactor;
        Crowd crowd;
        Gathering gathering(reactor, relay.port);
        for (std::uint32_t writer = 0; writer < writers; ++writer)
            gathering.add(crowd, speak_relay_anywhere(town, writer, row.logs));
        gathering.complete();
        if (!plan.smallest) drive_in(reactor, crowd, *relay.process);
        const Figures figures = drive(reactor, crowd, *relay.process, plan.span, 1);
        if (first == 0) first = figures.per_second;
        std::printf(
            "  %8u entries in %6u logs: %8.0f /s (%5.2f of the first)  p99 %7.2f ms  server %6.1f "
            "us"
            "  memory %8.0f KiB%s\n",
            row.entries,
            row.logs,
            figures.per_second,
            figures.per_second / first,
            figures.p99,
            figures.server_us,
            relay.process->memory(),
            figures.refused > 0 ? "  REFUSED" : "");
        std::fflush(stdout);
        std::filesystem::remove_all(directory);
    }
}

}  // namespace cercle::bench
