// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/chronicle.h"

#include <format>

namespace cercle::simulation {

using namespace std::chrono_literals;

/// Of clocks that are wrong: certificates and key packages bear a day.
constexpr Duration tolerated = 20h;

Chronicle::Chronicle(std::vector<std::string> homes, std::uint64_t seed)
    : homes_(std::move(homes)),
      town_(town::Town::with(homes_, seed)) {
    town_->network().set_tap([this](std::uint64_t /*from*/, std::uint64_t /*to*/, BytesView frame) {
        nonces_.note_frame(frame);
    });
    town_->set_diary_reader([this](const std::string& who, const char* line) {
        note(std::format("  {}: {}", who, line));
    });
}

void Chronicle::note(std::string event) {
    const auto seconds = town_->loop().clock().steady().time_since_epoch().count() / 1000;
    events_.push_back(std::format("{:6} s  {}", seconds, std::move(event)));
}

std::shared_ptr<town::Errand> Chronicle::say(const std::string& home,
                                             const std::string& to,
                                             std::size_t padding,
                                             std::optional<std::uint32_t> patience) {
    const std::size_t number = sayings_.size();
    note(std::format("{} writes {} to {}", home, number, to));
    std::string text = std::format("{} of {} to {}", number, home, to) + std::string(padding, '.');
    auto errand = town_->begin(home, client::Send{to, text, {}}, patience);
    sayings_.push_back({home, to, std::move(text), errand});
    return errand;
}

std::shared_ptr<town::Errand> Chronicle::send_file(const std::string& home,
                                                   const std::string& to,
                                                   std::size_t size,
                                                   std::optional<std::uint32_t> patience) {
    const std::size_t number = sayings_.size();
    note(std::format("{} sends {} with {} bytes to {}", home, number, size, to));
    std::string text = std::format("{} of {} to {}, with a file", number, home, to);
    std::string content;
    while (content.size() < size)
        content += std::format("{} of {}\n", content.size(), number);
    content.resize(size);
    const auto path = desktop_ / std::format("file-{}", number);
    town::write_file(path, content);
    auto errand = town_->begin(home, client::Send{to, text, {}, town::path_bytes(path)}, patience);
    late_.insert(text);
    sayings_.push_back({home, to, std::move(text), errand, std::move(content)});
    return errand;
}

void Chronicle::lose(const std::string& home) {
    // A vault that trouble keeps shut does not tell whose it is.
    static_cast<void>(town_->play(home, client::ShowStatus{}, 0));
    const client::Core* const core = town_->core(home);
    if (core == nullptr) return;
    const std::string name = home;
    note(std::format("the phone of {} is lost", name));
    lost_devices_.insert(core->self.device);
    lost_.insert(name);
    std::erase(homes_, name);
    static_cast<void>(town_->officer(officer::ReportLost{name}));
}

std::vector<std::string> Chronicle::heal() {
    note("every trouble ends");
    town_->tidy();
    town_->its_operator().be_honest();
    town_->network().set_delays(Duration{1}, Duration{20});
    town_->relay_machine().disk.forget_plan();
    town_->relay_machine().clock.set_right_if_off_by(tolerated);
    town_->relay_machine().seat->set_reach(net::Reach::Everybody);
    for (const std::string& home : homes_) {
        town_->machine(home).clock.set_right_if_off_by(tolerated);
        town_->machine(home).disk.forget_plan();
        town_->machine(home).seat->set_reach(net::Reach::Everybody);
    }
    town_->machine("officer").disk.forget_plan();
    if (!town_->relay_is_up()) town_->start_relay();
    for (const std::string& home : lost_) {
        const auto told = town_->officer(officer::ReportLost{home});
        note(
            std::format("the officer says again that {} is lost: {}", home, told.outcome.sentence));
    }
    town_->pass(3min);  // whatever was waiting for a sign of life has given up
    std::vector<std::string> restless;
    // What one device does may give another something to do, a few times over.
    for (int round = 0; round < 6; ++round) {
        restless.clear();
        for (const std::string& home : homes_) {
            const auto synced = town_->play(home, client::Sync{0});
            if (!synced.done()) {
                restless.push_back(
                    std::format("{} does not come to rest: {}", home, synced.outcome.sentence));
            }
            const auto waiting = town_->play(home, client::ListOutbox{});
            for (const auto& event : waiting.events) {
                const auto* sent = std::get_if<client::Sent>(&event);
                if (sent == nullptr || sent->state != "held") continue;
                late_.insert(sent->text);
                static_cast<void>(town_->play(home, client::ReleaseMessage{sent->id}));
            }
        }
        town_->pass(1min);
    }
    return restless;
}

}  // namespace cercle::simulation
