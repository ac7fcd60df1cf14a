// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Town: a relay, an officer and members in one process, on one thread, with a clock and a network
// that are only imagined and randomness from one seed. The relay, the vaults, MLS and every
// command are the ones that ship.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/owner.h"
#include "net/memory_network.h"
#include "officer/owner.h"
#include "relay/log_sqlite.h"
#include "relay/server.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::journeys {

/// A directory that is gone afterwards.
class Folder {
  public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// What a command ended with, and the events on the way.
struct Played {
    client::Outcome outcome;
    std::vector<client::Event> events;
    std::vector<officer::Event> officer_events;

    [[nodiscard]] bool done() const { return outcome.exit == client::Exit::Done; }

    /// The texts of the messages among the events.
    [[nodiscard]] std::vector<std::string> texts() const;

    /// The first event of a kind; a default one if there is none.
    template <class Event>
    [[nodiscard]] Event first() const {
        for (const auto& event : events) {
            if (const auto* found = std::get_if<Event>(&event)) return *found;
        }
        return {};
    }
};

class Town {
  public:
    explicit Town(std::uint64_t seed = 1);
    Town(const Town&) = delete;
    Town& operator=(const Town&) = delete;
    ~Town();

    /// With the officer and the named members in it.
    [[nodiscard]] static std::unique_ptr<Town> with(const std::vector<std::string>& names,
                                                    std::uint64_t seed = 1);

    Played officer(officer::Command command);
    /// A member's command in that member's home; opens the vault if it is closed.
    Played play(const std::string& home, client::Command command, std::uint32_t timeout = 60);
    Played send(const std::string& from, const std::string& to, const std::string& text);
    [[nodiscard]] std::vector<std::string> read(const std::string& home, const std::string& of);
    /// Invites and joins.
    Played enrol(const std::string& name);
    [[nodiscard]] std::string invite(const std::string& name,
                                     officer::Attendance attendance = officer::Attendance::Attended,
                                     std::string* code = nullptr);

    /// The device's process ends without a word, wherever it stands. Its vault stays.
    void crash(const std::string& home);
    /// The relay ends likewise; what it called durable stays.
    void crash_relay();
    void start_relay();

    /// Lets time pass.
    void pass(Duration span) { loop_.run_for(span); }

    [[nodiscard]] net::Loop& loop() { return loop_; }

    [[nodiscard]] std::filesystem::path relay_file() const { return folder_.path() / "relay.db"; }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    client::Settings settings(const std::string& home) const;
    client::Owner& owner(const std::string& home);
    Played perform(client::Owner& owner, client::Request request);

    Folder folder_;
    net::Loop loop_;
    vectors::SeededRandom random_;
    SilentDiary diary_;
    net::MemoryNetwork network_;
    net::ServerIdentity identity_;
    net::Address address_{"relay", 7443};
    store::SystemDisk disk_;
    client::World world_;
    std::unique_ptr<relay::LogStore> store_;
    std::unique_ptr<relay::Server> server_;
    std::map<std::string, std::unique_ptr<client::Owner>> owners_;
};

}  // namespace cercle::journeys
