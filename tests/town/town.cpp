// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/town/town.h"

#include "base/check.h"
#include "codec/tls.h"
#include "relay/recovery.h"
#include "tests/must.h"

namespace cercle::town {
namespace {

using namespace std::chrono_literals;

constexpr WallTime beginning{1'800'000'000'000ms};
constexpr std::string_view officer_home = "officer";

client::Settings settings_of(const std::string& home) {
    client::Settings settings;
    settings.home = "/home/" + home;
    settings.passphrase = [] { return Secret::copy_of(view_of("a passphrase")); };
    return settings;
}

net::Task<void> carry_out(client::Owner& owner,
                          client::Request request,
                          std::shared_ptr<Errand> errand) {
    const bool officers = request.area == client::Area::Officer;
    const client::ByteSink sink = [errand, officers](const Bytes& bytes) {
        if (officers) {
            errand->played.officer_events.push_back(*codec::decode<officer::Event>(bytes));
        } else {
            errand->played.events.push_back(*codec::decode<client::Event>(bytes));
        }
    };
    auto outcome = must(co_await owner.perform(std::move(request), sink));
    if (errand->end == Errand::End::None) {
        errand->played.outcome = std::move(outcome);
        errand->end = Errand::End::Ended;
        errand->over.set();
    }
    co_return Result<void>{};
}

}  // namespace

std::vector<std::string> Played::texts() const {
    std::vector<std::string> found;
    for (const auto& event : events) {
        if (const auto* message = std::get_if<client::Message>(&event)) {
            found.push_back(message->text);
        }
    }
    return found;
}

Town::Town(std::uint64_t seed)
    : loop_(net::Loop::Kind::Virtual, beginning),
      random_(seed),
      network_(loop_, random_),
      identity_(net::ServerIdentity::generate(random_)),
      relay_machine_(loop_, network_, random_) {
    start_relay();
}

Town::~Town() {
    while (!processes_.empty())
        crash(processes_.begin()->first);
    crash_relay();
}

Town::Town(const Snapshot& snapshot, std::uint64_t seed)
    : loop_(net::Loop::Kind::Virtual, snapshot.moment),
      random_(seed),
      network_(loop_, random_),
      identity_(net::ServerIdentity::load(snapshot.identity.reveal()).value()),
      relay_machine_(loop_, network_, random_) {
    relay_machine_.disk.restore(snapshot.relay);
    for (const auto& [home, image] : snapshot.homes)
        machine(home).disk.restore(image);
    start_relay();
}

Town::Snapshot Town::found(const Roll& roll) {
    // A seed that no story has: what is drawn after the founding would be what it had drawn
    // already.
    Town town(~std::uint64_t{0});
    const auto founded = town.officer(officer::Found{"Conseil", "relay:7443", town.relay_key()});
    CHECK(founded.done(), "the circle is founded");
    for (const auto& [name, sections] : roll) {
        CHECK(town.enrol(name, sections).done(), "a member joins");
    }
    // What the last joining is still followed by is done too.
    town.pass(1min);
    while (!town.processes_.empty())
        town.close(town.processes_.begin()->first);
    town.stop_relay();
    Snapshot snapshot{town.loop_.clock().wall(), town.identity_.save(), {}, {}};
    snapshot.relay = town.relay_machine_.disk.image();
    for (const auto& [home, machine] : town.machines_)
        snapshot.homes.emplace(home, machine->disk.image());
    return snapshot;
}

std::unique_ptr<Town> Town::with(const std::vector<std::string>& names, std::uint64_t seed) {
    Roll roll;
    for (const std::string& name : names)
        roll.push_back({name, {}});
    return in_sections(roll, seed);
}

std::unique_ptr<Town> Town::in_sections(const Roll& roll, std::uint64_t seed) {
    static std::map<Roll, Snapshot> founded;
    auto there = founded.find(roll);
    if (there == founded.end()) there = founded.emplace(roll, found(roll)).first;
    return std::unique_ptr<Town>(new Town(there->second, seed));
}

// ---- commands -----------------------------------------------------------------------------

Machine& Town::machine(const std::string& home) {
    auto& machine = machines_[home];
    if (machine == nullptr) machine = std::make_unique<Machine>(loop_, network_, random_);
    return *machine;
}

Town::Process& Town::process(const std::string& home) {
    Machine& its = machine(home);
    if (its.is_off()) {
        bury(home);
        its.start_again();
    }
    auto& process = processes_[home];
    if (process != nullptr) return *process;
    process = std::make_unique<Process>(loop_, home, diary_reader_);
    process->world = std::make_unique<client::World>(
        client::World{loop_, *its.seat, its.clock, random_, process->diary, its.disk, {32, 1}});
    if (home.starts_with(officer_home)) {
        process->owner = std::make_unique<OpenedOwner<officer::OfficerOwner>>(*process->world,
                                                                              settings_of(home));
    } else {
        process->owner =
            std::make_unique<OpenedOwner<client::MemberOwner>>(*process->world, settings_of(home));
    }
    return *process;
}

std::shared_ptr<Errand> Town::begin_request(const std::string& home, client::Request request) {
    Process& at = process(home);
    auto errand = std::make_shared<Errand>(loop_);
    std::erase_if(at.errands, [](const auto& one) { return one.expired(); });
    at.errands.push_back(errand);
    const auto begun = at.commands.spawn(carry_out(*at.owner, std::move(request), errand));
    CHECK(begun.has_value(), "a machine that is on takes commands");
    return errand;
}

std::shared_ptr<Errand> Town::begin(const std::string& home,
                                    client::Command command,
                                    std::optional<std::uint32_t> timeout) {
    return begin_request(home, {client::Area::Client, timeout, codec::encode(command)});
}

Played Town::finish(const std::shared_ptr<Errand>& errand) {
    const auto over = [errand]() -> net::Task<void> {
        co_return co_await errand->over.wait(net::Deadline::never());
    };
    static_cast<void>(loop_.run_until(over()));
    return errand->played;
}

Played Town::officer(officer::Command command) {
    return finish(begin_officer(std::move(command)));
}

Played Town::officer_at(const std::string& home, officer::Command command, std::uint32_t timeout) {
    return finish(begin_request(home, {client::Area::Officer, timeout, codec::encode(command)}));
}

void Town::carry(const std::string& from, const std::string& to, const std::string& path) {
    constexpr std::size_t most = std::size_t{1} << 30U;
    const auto content = machine(from).disk.read(path, most);
    CHECK(content.has_value(), "the file is there");
    CHECK(machine(to).disk.write(path, content->reveal()).has_value(), "and is written there");
}

Played Town::play(const std::string& home, client::Command command, std::uint32_t timeout) {
    return finish(begin(home, std::move(command), timeout));
}

Played Town::send(const std::string& from, const std::string& to, const std::string& text) {
    return play(from, client::Send{to, text, {}});
}

std::vector<std::string> Town::read(const std::string& home, const std::string& of) {
    return play(home, client::Read{of, 0, 0, client::Follow::No}).texts();
}

std::shared_ptr<Errand> Town::begin_officer(officer::Command command) {
    return begin_request(std::string(officer_home),
                         {client::Area::Officer, 60, codec::encode(command)});
}

client::Join Town::invite(const std::string& name, const std::vector<std::string>& sections) {
    return invite_at(std::string(officer_home), name, sections);
}

client::Join Town::invite_at(const std::string& office,
                             const std::string& name,
                             const std::vector<std::string>& sections) {
    const auto played = officer_at(
        office,
        officer::Invite{name, "member", 3600, officer::Attendance::Unattended, {}, sections});
    const auto made = played.of_officer<officer::Invited>();
    if (made.empty()) return {};
    return {made.front().text, made.front().code.value_or("")};
}

client::Join Town::invite_attended(const std::string& name) {
    const auto played =
        officer(officer::Invite{name, "member", 3600, officer::Attendance::Attended});
    const auto made = played.of_officer<officer::Invited>();
    return made.empty() ? client::Join{} : client::Join{made.front().text, {}};
}

Played Town::enrol(const std::string& name) {
    return play(name, invite(name));
}

Played Town::enrol(const std::string& name, const std::vector<std::string>& sections) {
    return play(name, invite(name, sections));
}

Played Town::enrol_at(const std::string& office,
                      const std::string& name,
                      const std::vector<std::string>& sections) {
    return play(name, invite_at(office, name, sections));
}

// ---- what happens to machines ---------------------------------------------------------------

void Town::bury(const std::string& home) {
    const auto found = processes_.find(home);
    if (found == processes_.end()) return;
    Process& dead = *found->second;
    for (const auto& one : dead.errands) {
        const auto errand = one.lock();
        if (errand == nullptr || errand->end != Errand::End::None) continue;
        errand->end = Errand::End::Crashed;
        errand->played.outcome = {client::Exit::Interrupted, "crashed", "its machine crashed"};
        errand->over.set();
    }
    // Its tasks are cancelled wherever they stand; they reach neither disk nor network any more.
    static_cast<void>(loop_.run_until(dead.commands.close()));
    static_cast<void>(loop_.run_until(dead.owner->stop()));
    processes_.erase(found);
}

void Town::crash(const std::string& home, store::Ending ending) {
    Machine& its = machine(home);
    its.crash(ending);
    bury(home);
    its.start_again();
}

void Town::close(const std::string& home) {
    const auto found = processes_.find(home);
    if (found == processes_.end()) return;
    static_cast<void>(loop_.run_until(found->second->commands.close()));
    static_cast<void>(loop_.run_until(found->second->owner->stop()));
    processes_.erase(found);
}

void Town::bury_relay() {
    if (server_ == nullptr) return;
    static_cast<void>(loop_.run_until(server_->stop()));
    server_.reset();
    store_.reset();
}

void Town::crash_relay(store::Ending ending) {
    relay_machine_.crash(ending);
    bury_relay();
}

void Town::start_relay() {
    if (relay_machine_.is_off()) relay_machine_.start_again();
    auto store = relay::open_sqlite_store(relay_machine_.disk.place("/relay/relay.db"), random_);
    if (!store) return diary_.fault(store.error());
    store_ = *std::move(store);
    relay::Terms terms;
    if (restored_) terms.allowance.recovery = std::make_shared<relay::Recovery>(*restored_);
    auto server = relay::Server::start(loop_,
                                       relay_machine_.clock,
                                       operator_,
                                       address_,
                                       identity_,
                                       *store_,
                                       diary_,
                                       std::move(terms));
    if (!server) {
        diary_.fault(server.error());
        store_.reset();
        return;
    }
    server_ = *std::move(server);
}

void Town::restore_relay(const store::SimulatedDisk::Image& backup) {
    stop_relay();
    relay_machine_.disk.restore(backup);
    auto store = relay::open_sqlite_store(relay_machine_.disk.place("/relay/relay.db"), random_);
    CHECK(store.has_value(), "a backup is whole");
    protocol::IncarnationStatement statement{
        {},
        protocol::Incarnation::random(random_),
        {static_cast<std::uint64_t>(relay_machine_.clock.wall().time_since_epoch().count())}};
    const auto renamed = (*store)->transact([&](relay::LogTables& tables) -> Result<void> {
        TRY(const auto identity, tables.identity());
        statement.before = identity.incarnation;
        return tables.set_incarnation(statement.now);
    });
    CHECK(renamed.has_value(), "a restored store takes its new name");
    store->reset();
    restored_ = statement;
    start_relay();
}

void Town::rotate_relay_key() {
    identity_ = identity_.successor(random_);
    if (server_ != nullptr) CHECK(server_->show(identity_).has_value(), "the relay shows it");
}

void Town::tidy() {
    for (const auto& [home, machine] : machines_) {
        if (!machine->is_off()) continue;
        bury(home);
        machine->start_again();
    }
    if (relay_machine_.is_off()) bury_relay();
}

// ---- what may be looked at ------------------------------------------------------------------

protocol::DeviceKey Town::device_key(const std::string& home) {
    if (core(home) == nullptr) static_cast<void>(play(home, client::ListOutbox{}));
    client::Core* const opened = core(home);
    CHECK(opened != nullptr, "a device that has joined opens");
    return client::public_id<protocol::DeviceKey>(opened->self.device_key);
}

client::Core* Town::core(const std::string& home) {
    const auto found = processes_.find(home);
    if (found == processes_.end()) return nullptr;
    auto* const owner = dynamic_cast<Opened*>(found->second->owner.get());
    return owner == nullptr ? nullptr : owner->core();
}

}  // namespace cercle::town
