// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Town: a relay, an officer and members in one process, on one thread, with clocks, disks and a
// network that are only imagined and randomness from one seed. The relay, the vaults, MLS and
// every command are the ones that ship.
//
// Each home is a machine (machine.h), and so is the relay; they can be crashed, cut off and started
// again. Commands are played to their end, or begun and looked at later.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/owner.h"
#include "net/event.h"
#include "net/task_group.h"
#include "officer/owner.h"
#include "protocol/incarnation.h"
#include "relay/log_sqlite.h"
#include "relay/server.h"
#include "tests/town/machine.h"
#include "tests/town/operator.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::town {

/// What a command ended with, and the events on the way.
struct Played {
    client::Outcome outcome;
    std::vector<client::Event> events;
    std::vector<officer::Event> officer_events;

    [[nodiscard]] bool done() const { return outcome.exit == client::Exit::Done; }

    /// The texts of the messages among the events.
    [[nodiscard]] std::vector<std::string> texts() const;

    /// All of the officer's events of a kind.
    template <class Event>
    [[nodiscard]] std::vector<Event> of_officer() const {
        std::vector<Event> all;
        for (const auto& event : officer_events) {
            if (const auto* found = std::get_if<Event>(&event)) all.push_back(*found);
        }
        return all;
    }

    /// The first event of a kind; a default one if there is none.
    template <class Event>
    [[nodiscard]] Event first() const {
        for (const auto& event : events) {
            if (const auto* found = std::get_if<Event>(&event)) return *found;
        }
        return {};
    }
};

/// Whoever wants to read what the machines write into their diaries.
using DiaryReader = std::function<void(const std::string& who, const char* line)>;

/// One process's diary, read by the town's reader.
class TownDiary final : public Diary {
  public:
    TownDiary(std::string who, const DiaryReader& reader)
        : who_(std::move(who)),
          reader_(reader) {}

    void note(Level /*level*/, Reason line, std::initializer_list<Figure> /*figures*/) override {
        if (reader_) reader_(who_, line.text);
    }

  private:
    std::string who_;
    const DiaryReader& reader_;
};

/// A command under way. Its machine may crash first: then it never ends.
struct Errand {
    explicit Errand(net::Loop& loop)
        : over(loop) {}

    Played played;
    net::Event over;
    enum class End : std::uint8_t { None, Ended, Crashed } end = End::None;
};

/// An owner whose device tests may look into.
class Opened {
  public:
    virtual ~Opened() = default;
    [[nodiscard]] virtual client::Core* core() = 0;
};

template <class Base>
class OpenedOwner final : public Base, public Opened {
  public:
    using Base::Base;

    [[nodiscard]] client::Core* core() override {
        if (!this->is_open()) return nullptr;
        auto opened = this->device();
        return opened ? &(*opened)->core() : nullptr;
    }
};

/// Who is to be in a circle, with the sections of each.
using Roll = std::vector<std::pair<std::string, std::vector<std::string>>>;

class Town {
  public:
    explicit Town(std::uint64_t seed = 1);
    Town(const Town&) = delete;
    Town& operator=(const Town&) = delete;
    ~Town();

    /// With the officer and the named members in it. They are founded and enrolled once in a
    /// process; further towns with the same names begin with copies of those disks.
    [[nodiscard]] static std::unique_ptr<Town> with(const std::vector<std::string>& names,
                                                    std::uint64_t seed = 1);
    /// The same, each in sections.
    [[nodiscard]] static std::unique_ptr<Town> in_sections(const Roll& roll,
                                                           std::uint64_t seed = 1);

    // ---- commands

    Played officer(officer::Command command);
    /// The same on another machine: its home's name begins with "officer".
    Played officer_at(const std::string& home,
                      officer::Command command,
                      std::uint32_t timeout = 60);
    /// Carries a file from one machine to another.
    void carry(const std::string& from, const std::string& to, const std::string& path);
    /// A member's command in that member's home; opens the vault if it is closed.
    Played play(const std::string& home, client::Command command, std::uint32_t timeout = 60);
    Played send(const std::string& from, const std::string& to, const std::string& text);
    [[nodiscard]] std::vector<std::string> read(const std::string& home, const std::string& of);
    /// Invites and joins, with nobody to compare words.
    Played enrol(const std::string& name);
    /// The same, into sections.
    Played enrol(const std::string& name, const std::vector<std::string>& sections);
    /// An unattended invitation, with its code; an empty one if it could not be made.
    [[nodiscard]] client::Join invite(const std::string& name,
                                      const std::vector<std::string>& sections = {});
    /// Both by the office on another machine.
    Played enrol_at(const std::string& office,
                    const std::string& name,
                    const std::vector<std::string>& sections = {});
    [[nodiscard]] client::Join invite_at(const std::string& office,
                                         const std::string& name,
                                         const std::vector<std::string>& sections = {});
    /// One whose newcomer a person approves.
    [[nodiscard]] client::Join invite_attended(const std::string& name);

    /// The process of a home ends in good order, whatever it was doing.
    void close(const std::string& home);

    /// An officer's command that goes on as time passes, such as serving.
    std::shared_ptr<Errand> begin_officer(officer::Command command);

    /// Begins a command; it goes on as time passes.
    std::shared_ptr<Errand> begin(const std::string& home,
                                  client::Command command,
                                  std::optional<std::uint32_t> timeout = 60);

    // ---- what happens to machines

    /// Ends without a word, wherever it stands. Its disk stays.
    void crash(const std::string& home, store::Ending ending = store::Ending::Killed);
    void crash_relay(store::Ending ending = store::Ending::Killed);

    /// The relay ends in good order.
    void stop_relay() { bury_relay(); }

    /// Stays down if its disk does not let it start: see relay_is_up().
    void start_relay();
    /// As an operator restores a backup: the disk as it was, and a new life that the key signs.
    void restore_relay(const store::SimulatedDisk::Image& backup);
    /// The relay's key makes another one its successor; who is there stays.
    void rotate_relay_key();
    /// Buries the processes of machines whose disks have crashed meanwhile, and starts those
    /// machines again. A relay stays down.
    void tidy();

    [[nodiscard]] Machine& machine(const std::string& home);

    [[nodiscard]] Machine& relay_machine() { return relay_machine_; }

    /// Who runs the relay; honest unless told otherwise.
    [[nodiscard]] Operator& its_operator() { return operator_; }

    [[nodiscard]] bool relay_is_up() const { return server_ != nullptr; }

    /// Lets time pass.
    void pass(Duration span) { loop_.run_for(span); }

    // ---- what may be looked at

    [[nodiscard]] net::Loop& loop() { return loop_; }

    [[nodiscard]] net::MemoryNetwork& network() { return network_; }

    [[nodiscard]] vectors::SeededRandom& random() { return random_; }

    void set_diary_reader(DiaryReader reader) { diary_reader_ = std::move(reader); }

    /// The device of an opened home; nothing if it is closed.
    [[nodiscard]] client::Core* core(const std::string& home);

    /// Under which key the relay knows a home's device; it must be open.
    [[nodiscard]] protocol::DeviceKey device_key(const std::string& home);

    /// What the relay stores; the relay must be up.
    [[nodiscard]] relay::LogStore& store() { return *store_; }

    [[nodiscard]] std::string relay_key() const { return identity_.key().hex(); }

  private:
    /// All that stands for a home besides its machine: a process, if one runs.
    struct Process {
        Process(net::Loop& loop, const std::string& home, const DiaryReader& reader)
            : diary(home, reader),
              commands(loop, diary) {}

        TownDiary diary;
        std::unique_ptr<client::World> world;
        std::unique_ptr<client::Owner> owner;
        std::vector<std::weak_ptr<Errand>> errands;
        net::TaskGroup commands;
    };

    /// All disks, while nothing runs.
    struct Snapshot {
        WallTime moment;
        Secret identity;
        store::SimulatedDisk::Image relay;
        std::map<std::string, store::SimulatedDisk::Image> homes;
    };

    Town(const Snapshot& snapshot, std::uint64_t seed);
    [[nodiscard]] static Snapshot found(const Roll& roll);

    Process& process(const std::string& home);
    std::shared_ptr<Errand> begin_request(const std::string& home, client::Request request);
    Played finish(const std::shared_ptr<Errand>& errand);
    void bury(const std::string& home);
    void bury_relay();

    net::Loop loop_;
    vectors::SeededRandom random_;
    DiaryReader diary_reader_;
    TownDiary diary_{"relay", diary_reader_};
    net::MemoryNetwork network_;
    net::ServerIdentity identity_;
    net::Address address_{"relay", 7443};
    Machine relay_machine_;
    Operator operator_{*relay_machine_.seat};
    std::optional<protocol::IncarnationStatement> restored_;
    std::unique_ptr<relay::LogStore> store_;
    std::unique_ptr<relay::Server> server_;
    std::map<std::string, std::unique_ptr<Machine>> machines_;
    std::map<std::string, std::unique_ptr<Process>> processes_;
};

}  // namespace cercle::town
