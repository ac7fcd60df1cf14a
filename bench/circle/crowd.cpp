// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/circle/crowd.h"

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <ranges>

#include "base/check.h"
#include "client/outcome.h"
#include "client/owner.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "net/task_group.h"
#include "net/tls_network.h"
#include "net/worker.h"

namespace cercle::bench {
namespace {

constexpr char between_words = '\t';
constexpr std::uint32_t patience_seconds = 600;

struct Devices {
    explicit Devices(std::filesystem::path path)
        : directory(std::move(path)) {}

    [[nodiscard]] client::Owner& of(const std::string& name) {
        auto& owner = owners[name];
        if (owner == nullptr) {
            client::Settings settings;
            settings.home = directory / name;
            settings.passphrase = [] { return Secret::copy_of(view_of("a passphrase")); };
            owner = std::make_unique<client::MemberOwner>(world, settings);
        }
        return *owner;
    }

    std::filesystem::path directory;
    net::Loop loop{net::Loop::Kind::Real};
    net::TlsNetwork network{loop};
    crypto::SystemRandom random;
    SilentDiary diary;
    store::SystemDisk disk;
    client::World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    std::map<std::string, std::unique_ptr<client::Owner>> owners;
};

/// NAME join INVITATION CODE; NAME group ROOM MEMBER...; NAME sync
client::Command command_of(const std::vector<std::string>& words) {
    const std::string& verb = words.at(1);
    if (verb == "join") return client::Join{words.at(2), words.at(3)};
    if (verb == "group") {
        return client::CreateGroup{words.at(2), {words.begin() + 3, words.end()}};
    }
    CHECK(verb == "sync", "a crowd was told what it does not know");
    return client::Sync{0};
}

net::Task<void> listen(Devices& devices) {
    net::Worker reader(devices.loop);
    while (true) {
        CO_TRY(const std::string line, co_await reader.run([]() -> Result<std::string> {
            std::string read;
            std::getline(std::cin, read);
            return read;
        }));
        if (line.empty()) co_return Result<void>();
        std::vector<std::string> words;
        for (const auto word : std::views::split(line, between_words))
            words.emplace_back(word.begin(), word.end());
        const client::Command command = command_of(words);
        const auto outcome =
            co_await devices.of(words.front())
                .perform({client::Area::Client, patience_seconds, codec::encode(command)},
                         [](const Bytes& /*event*/) {});
        const bool done = outcome && outcome->exit == client::Exit::Done;
        std::printf("%s\n", done ? "done" : outcome ? outcome->rule.c_str() : "ended");
        std::fflush(stdout);
    }
}

net::Task<void> stop_all(Devices& devices) {
    for (auto& [name, owner] : devices.owners)
        static_cast<void>(co_await owner->stop());
    co_return Result<void>();
}

}  // namespace

Crowd::Crowd(const std::filesystem::path& directory)
    : process_({own_path(), "crowd", directory}) {}

void Crowd::wish(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words)
        line += (line.empty() ? "" : std::string(1, between_words)) + word;
    process_.say(line);
}

void Crowd::expect(std::string_view what) {
    const std::string said = process_.line();
    if (said == "done") return;
    std::fprintf(stderr, "%s: %s\n", std::string(what).c_str(), said.c_str());
    std::exit(1);
}

int be_a_crowd(const std::filesystem::path& directory) {
    if (!client::prepare_process().rule.empty()) return 1;
    std::filesystem::create_directories(directory);
    Devices devices(directory);
    static_cast<void>(devices.loop.run_until(listen(devices)));
    static_cast<void>(devices.loop.run_until(stop_all(devices)));
    return 0;
}

}  // namespace cercle::bench
