// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/circle/circle.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>

#include <sys/wait.h>

namespace cercle::bench {
namespace {

namespace fs = std::filesystem;
using Now = std::chrono::steady_clock;

void demand(bool holds, const std::string& what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

/// The text of a field of one line of JSON without escapes.
std::string field(const std::string& line, const std::string& name) {
    const std::string before = "\"" + name + "\":\"";
    const std::size_t at = line.find(before);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + before.size();
    return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

Circle::Circle(const Plan& plan)
    : plan_(plan),
      members_(plan.members) {
    std::ofstream(plan_.directory / "pass") << "a passphrase\n";
    fs::permissions(plan_.directory / "pass", fs::perms::owner_read | fs::perms::owner_write);
    relay_ = std::make_unique<Process>(std::vector<std::string>{plan_.programs / "cercle-relay",
                                                                "serve",
                                                                "--data",
                                                                plan_.directory / "relay",
                                                                "--listen",
                                                                "127.0.0.1:0"});
    const std::string ready = relay_->line();
    const std::string address = field(ready, "listen");
    demand(!address.empty(), "the relay does not say where it listens: " + ready);
    const auto founded = run(
        "officer",
        {"officer", "found", "Council", "--relay", address, "--relay-key", field(ready, "key")});
    demand(founded.status == 0, "the circle is not founded: " + founded.said);
    officer_ = start("officer", {"--json", "officer", "serve"});
    static_cast<void>(officer_->line());
    for (std::size_t at = 0; at < plan_.processes; ++at)
        crowds_.push_back(std::make_unique<Crowd>(plan_.directory / std::format("crowd-{}", at)));
    const auto began = Now::now();
    enrol_all();
    const Seconds enrolling = Now::now() - began;
    make_rooms(plan.rooms);
    settle();
    std::printf(
        "%zu members were enrolled in %.1f s, %zu at a time; rooms and rest took %.1f s more\n",
        members_,
        enrolling.count(),
        crowds_.size(),
        (Seconds(Now::now() - began) - enrolling).count());
    std::fflush(stdout);
}

std::string Circle::member(std::size_t number) {
    return std::format("Member {:03}", number);
}

void Circle::enrol_all() {
    for (std::size_t first = 0; first < members_; first += crowds_.size()) {
        const std::size_t end = std::min(first + crowds_.size(), members_);
        for (std::size_t number = first; number < end; ++number) {
            const Invitation made = invite(member(number));
            crowd_of(number).wish({member(number), "join", made.text, made.code});
        }
        for (std::size_t number = first; number < end; ++number) {
            crowd_of(number).expect(member(number) + " joins");
            one_more();
        }
        std::fprintf(stderr, "\r%zu of %zu are enrolled", end, members_);
    }
    std::fprintf(stderr, "\n");
}

/// The first member is in all of them, so that everybody shares a conversation with him.
void Circle::make_rooms(std::size_t rooms) {
    for (std::size_t room = 0; room < rooms; ++room) {
        std::vector<std::string> wish{member(0), "group", std::format("room {}", room)};
        for (std::size_t number = 1 + room; number < members_; number += rooms)
            wish.push_back(member(number));
        rooms_.push_back(wish.size() - 3);
        crowd_of(0).wish(wish);
        crowd_of(0).expect("a room is made");
    }
}

void Circle::settle() {
    for (std::size_t number = 0; number < members_; ++number)
        crowd_of(number).wish({member(number), "sync"});
    for (std::size_t number = 0; number < members_; ++number)
        crowd_of(number).expect(member(number) + " comes to rest");
}

std::vector<std::string> Circle::command(const std::string& home,
                                         const std::vector<std::string>& words) const {
    std::vector<std::string> all{plan_.programs / "cercle",
                                 "--home",
                                 plan_.directory / home,
                                 "--pass-file",
                                 plan_.directory / "pass"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

std::unique_ptr<Process> Circle::start(const std::string& home,
                                       const std::vector<std::string>& words) const {
    return std::make_unique<Process>(command(home, words));
}

Ran Circle::run(const std::string& home,
                const std::vector<std::string>& words,
                const std::function<void(const std::string&)>& on_line) const {
    std::string line;
    for (const std::string& word : command(home, words))
        line += std::format("{}'{}'", line.empty() ? "" : " ", word);
    Ran ran;
    const auto began = Now::now();
    std::FILE* const output = popen((line + " 2>&1").c_str(), "r");
    demand(output != nullptr, "no process can be started");
    char* read = nullptr;
    std::size_t room = 0;
    for (ssize_t size = getline(&read, &room, output); size > 0;
         size = getline(&read, &room, output)) {
        const std::string said(read, static_cast<std::size_t>(size));
        if (on_line) on_line(said);
        ran.said += said;
    }
    std::free(read);
    const int status = pclose(output);
    ran.took = Now::now() - began;
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

Invitation Circle::invite(const std::string& name) const {
    const auto made =
        run("officer", {"--json", "--timeout", "60", "officer", "invite", name, "--unattended"});
    demand(made.status == 0, "nobody can be invited: " + made.said);
    return {field(made.said, "text"), field(made.said, "code")};
}

Circle::Computed Circle::computed() const {
    Computed sum{relay_->computed(), officer_->computed(), {}};
    for (const auto& crowd : crowds_)
        sum.crowds += crowd->process().computed();
    return sum;
}

}  // namespace cercle::bench
