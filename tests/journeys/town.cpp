// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/journeys/town.h"

#include <cstdlib>

#include "base/check.h"
#include "codec/tls.h"

namespace cercle::journeys {
namespace {

using namespace std::chrono_literals;

constexpr WallTime beginning{1'800'000'000'000ms};
constexpr std::string_view officer_home = "officer";

}  // namespace

Folder::Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

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
      world_{loop_, network_, loop_.clock(), random_, diary_, disk_, {32, 1}} {
    start_relay();
}

Town::~Town() {
    while (!owners_.empty())
        crash(owners_.begin()->first);
    crash_relay();
}

std::unique_ptr<Town> Town::with(const std::vector<std::string>& names, std::uint64_t seed) {
    auto town = std::make_unique<Town>(seed);
    const auto founded =
        town->officer(officer::Found{"Conseil", "relay:7443", town->identity_.key().hex()});
    CHECK(founded.done(), "the circle is founded");
    for (const std::string& name : names) {
        CHECK(town->enrol(name).done(), "a member joins");
    }
    return town;
}

client::Settings Town::settings(const std::string& home) const {
    client::Settings settings;
    settings.home = folder_.path() / home;
    settings.passphrase = [] { return Secret::copy_of(view_of("a passphrase")); };
    return settings;
}

client::Owner& Town::owner(const std::string& home) {
    auto& owner = owners_[home];
    if (owner != nullptr) return *owner;
    std::filesystem::create_directory(folder_.path() / home);
    std::filesystem::permissions(folder_.path() / home, std::filesystem::perms::owner_all);
    if (home == officer_home) {
        owner = std::make_unique<officer::OfficerOwner>(world_, settings(home));
    } else {
        owner = std::make_unique<client::MemberOwner>(world_, settings(home));
    }
    return *owner;
}

Played Town::perform(client::Owner& owner, client::Request request) {
    Played played;
    const bool officers = request.area == client::Area::Officer;
    const client::ByteSink sink = [&played, officers](Bytes bytes) {
        if (officers) {
            played.officer_events.push_back(*codec::decode<officer::Event>(bytes));
        } else {
            played.events.push_back(*codec::decode<client::Event>(bytes));
        }
    };
    auto outcome = loop_.run_until(owner.perform(std::move(request), sink));
    CHECK(outcome.has_value(), "a command ends with an outcome");
    played.outcome = *std::move(outcome);
    return played;
}

Played Town::officer(officer::Command command) {
    return perform(owner(std::string(officer_home)),
                   {client::Area::Officer, 60, codec::encode(command)});
}

Played Town::play(const std::string& home, client::Command command, std::uint32_t timeout) {
    return perform(owner(home), {client::Area::Client, timeout, codec::encode(command)});
}

Played Town::send(const std::string& from, const std::string& to, const std::string& text) {
    return play(from, client::Send{to, text, {}});
}

std::vector<std::string> Town::read(const std::string& home, const std::string& of) {
    return play(home, client::Read{of, 0, 0, client::Follow::No}).texts();
}

std::string Town::invite(const std::string& name,
                         officer::Attendance attendance,
                         std::string* code) {
    const auto played = officer(officer::Invite{name, "member", 3600, attendance});
    for (const auto& event : played.officer_events) {
        if (const auto* invited = std::get_if<officer::Invited>(&event)) {
            if (code != nullptr) *code = invited->code.value_or("");
            return invited->text;
        }
    }
    return {};
}

Played Town::enrol(const std::string& name) {
    return play(name, client::Join{invite(name), {}});
}

void Town::crash(const std::string& home) {
    const auto found = owners_.find(home);
    if (found == owners_.end()) return;
    // Cancelled wherever it stands; whatever was not committed is lost, as in a crash.
    static_cast<void>(loop_.run_until(found->second->stop()));
    owners_.erase(found);
}

void Town::crash_relay() {
    if (server_ == nullptr) return;
    network_.cut(address_);
    network_.set_dialing(address_, net::MemoryNetwork::Dialing::Refused);
    static_cast<void>(loop_.run_until(server_->stop()));
    server_.reset();
    store_.reset();
}

void Town::start_relay() {
    auto store = relay::open_sqlite_store({relay_file()}, random_);
    CHECK(store.has_value(), "the relay's store opens");
    store_ = *std::move(store);
    network_.set_dialing(address_, net::MemoryNetwork::Dialing::Answered);
    auto server =
        relay::Server::start(loop_, loop_.clock(), network_, address_, identity_, *store_, diary_);
    CHECK(server.has_value(), "the relay starts");
    server_ = *std::move(server);
}

}  // namespace cercle::journeys
