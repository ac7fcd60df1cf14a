// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>

#include "access/token.h"
#include "base/check.h"
#include "bench/relay/measure.h"
#include "crypto/random.h"
#include "relay/decide.h"
#include "relay/log_sqlite.h"

// Whether refusals can be told apart by how long they take: the decisions alone, in this process,
// without the network, the batch and the disk that blur it for a real peer. As dudect does it
// (Reparaz, Balasch, Verbauwhede, 2017): classes in random order, the slowest tenth cut off,
// Welch's t between each and the first. |t| above 4.5 says that the classes differ; the difference
// of the means, by how much.

namespace cercle::bench {
namespace {

using Who = relay::Asker;

struct Class {
    std::string name;
    std::function<protocol::RequestBody()> probe;
    Who asker{};
    std::vector<double> took{};
};

struct Mean {
    double mean;
    double variance;
    double count;
};

Mean mean_of(const std::vector<double>& sorted) {
    constexpr double kept = 0.9;
    const auto count = static_cast<std::size_t>(kept * static_cast<double>(sorted.size()));
    double sum = 0;
    for (std::size_t at = 0; at < count; ++at)
        sum += sorted[at];
    const double mean = sum / static_cast<double>(count);
    double squares = 0;
    for (std::size_t at = 0; at < count; ++at)
        squares += (sorted[at] - mean) * (sorted[at] - mean);
    return {mean, squares / static_cast<double>(count - 1), static_cast<double>(count)};
}

void print(const char* what, std::vector<Class>& classes) {
    std::printf("  %s\n", what);
    Mean first{};
    for (Class& one : classes) {
        std::ranges::sort(one.took);
        const Mean mean = mean_of(one.took);
        if (&one == &classes.front()) first = mean;
        const double t = (mean.mean - first.mean) /
                         std::sqrt(mean.variance / mean.count + first.variance / first.count);
        std::printf("    %-28s p50 %8.0f ns  p99 %8.0f ns  mean %+8.0f ns  t %+8.1f\n",
                    one.name.c_str(),
                    one.took[one.took.size() / 2],
                    one.took[one.took.size() * 99 / 100],
                    mean.mean - first.mean,
                    &one == &classes.front() ? 0.0 : t);
    }
    std::fflush(stdout);
}

// All have to be refused alike; another answer ends the program.
void compare(relay::LogTables& tables,
             const char* what,
             std::vector<Class> classes,
             std::size_t probes) {
    using Clock = std::chrono::steady_clock;
    std::array<std::uint8_t, sizeof(std::uint32_t)> dice{};
    for (std::size_t at = 0; at < probes * classes.size(); ++at) {
        fill_randomly(dice);
        Class& one = classes[(dice[0] | dice[1] << 8U) % classes.size()];
        const protocol::RequestBody request = one.probe();
        const auto began = Clock::now();
        const auto answer = relay::decide(tables, one.asker, request, protocol::Stamp{1'000});
        const auto took = Clock::now() - began;
        CHECK(!answer.has_value() && answer.error().code == Code::refused, "a probe was answered");
        one.took.push_back(std::chrono::duration<double, std::nano>(took).count());
    }
    print(what, classes);
}

template <class Named>
Named anything() {
    Named name;
    fill_randomly(name.bytes);
    return name;
}

Secret any_token() {
    Bytes bytes(access::token_size);
    fill_randomly(bytes);
    return Secret::copy_of(bytes);
}

struct Stock {
    std::vector<protocol::LogId> logs{};
    std::vector<protocol::LogId> inboxes{};
    std::vector<protocol::ExchangeId> exchanges{};
    std::vector<protocol::ExchangeId> expired{};
    std::vector<protocol::ExchangeId> closed{};
};

template <class Named>
Named one_of(const std::vector<Named>& names) {
    std::array<std::uint8_t, sizeof(std::uint32_t)> dice{};
    fill_randomly(dice);
    return names[(dice[0] | dice[1] << 8U) % names.size()];
}

Stock stock(relay::LogTables& tables, const Town& town) {
    constexpr std::uint32_t many = 1'000;
    constexpr std::uint64_t late = 1'000'000;
    Stock stock;
    const auto must = [](const Result<void>& done) {
        CHECK(done.has_value(), "the store cannot be filled");
    };
    must(tables.insert_device(
        {*protocol::DeviceKey::from(town.device(0).public_key()), anything<protocol::LogId>()}));
    for (std::uint32_t at = 0; at < many; ++at) {
        const auto founding = town.founding(at, Where::Own, 0);
        relay::Log log{};
        log.id = founding.log;
        log.kind = relay::LogKind::Conversation;
        must(tables.insert_log(log));
        must(tables.put_reader(log.id, {founding.readers.front(), protocol::Seq{1}, {}}));
        must(tables.epochs().insert_candidate(log.id, {{0}, {0}, founding.verifier}));
        stock.logs.push_back(log.id);
        relay::Log inbox{};
        inbox.id = anything<protocol::LogId>();
        inbox.kind = relay::LogKind::Inbox;
        inbox.deposit = anything<protocol::TokenHash>();
        must(tables.insert_log(inbox));
        stock.inboxes.push_back(inbox.id);
        for (auto* const kind : {&stock.exchanges, &stock.expired}) {
            const auto id = anything<protocol::ExchangeId>();
            const protocol::Stamp until{kind == &stock.expired ? 1 : late};
            must(tables.insert_exchange({id, anything<protocol::TokenHash>(), until}));
            kind->push_back(id);
        }
    }
    return stock;
}

}  // namespace

void measure_refusals(const Plan& plan) {
    const std::size_t probes = plan.smallest ? 20 : 100'000;
    const Town town;
    crypto::SystemRandom random;
    std::filesystem::permissions(plan.directory, std::filesystem::perms::owner_all);
    auto store = relay::open_sqlite_store({plan.directory / "relay.db"}, random);
    CHECK(store.has_value(), "the store does not open");
    const Who member{.kind = Who::Kind::Device,
                     .device = *protocol::DeviceKey::from(town.device(0).public_key())};
    const Who dropped{.kind = Who::Kind::Device,
                      .device = *protocol::DeviceKey::from(town.device(1).public_key())};
    const auto done = (*store)->transact([&](relay::LogTables& tables) -> Result<void> {
        const Stock there = stock(tables, town);
        const auto post = [&](protocol::LogId log, std::uint64_t epoch) {
            protocol::Post request{log, {epoch}, any_token(), {}};
            request.entries.push_back({anything<protocol::EntryId>(), Bytes(1024)});
            return request;
        };
        compare(tables,
                "Post",
                {{"unknown log", [&] { return post(anything<protocol::LogId>(), 0); }, member},
                 {"an inbox's name", [&] { return post(one_of(there.inboxes), 0); }, member},
                 {"forged token", [&] { return post(one_of(there.logs), 0); }, member},
                 {"unknown epoch", [&] { return post(one_of(there.logs), 7); }, member},
                 {"dropped device", [&] { return post(one_of(there.logs), 0); }, dropped}},
                probes);
        const auto deposit = [&](protocol::LogId inbox) {
            return protocol::Deposit{
                inbox, any_token(), {anything<protocol::EntryId>(), Bytes(1024)}};
        };
        compare(tables,
                "Deposit",
                {{"unknown or dropped inbox",
                  [&] { return deposit(anything<protocol::LogId>()); },
                  member},
                 {"a conversation's name", [&] { return deposit(one_of(there.logs)); }, member},
                 {"forged token", [&] { return deposit(one_of(there.inboxes)); }, member}},
                probes);
        const auto step = [&](protocol::ExchangeId exchange) {
            return protocol::GetStep{exchange, any_token(), 1};
        };
        compare(tables,
                "GetStep",
                {{"unknown or closed exchange",
                  [&] { return step(anything<protocol::ExchangeId>()); },
                  {}},
                 {"past its time", [&] { return step(one_of(there.expired)); }, {}},
                 {"forged token", [&] { return step(one_of(there.exchanges)); }, {}}},
                probes);
        const auto opening = [&](protocol::LogId log) {
            return protocol::OpenLog{log, anything<protocol::ReaderKey>(), Bytes(64)};
        };
        compare(tables,
                "OpenLog",
                {{"unknown log", [&] { return opening(anything<protocol::LogId>()); }, member},
                 {"unknown reader", [&] { return opening(one_of(there.logs)); }, member}},
                plan.smallest ? probes : probes / 10);
        return {};
    });
    CHECK(done.has_value(), "the store failed");
}

}  // namespace cercle::bench
