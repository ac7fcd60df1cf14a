// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/story.h"

#include <algorithm>
#include <format>
#include <optional>

namespace cercle::simulation {
namespace {

using namespace std::chrono_literals;
using Act = client::ChangeGroup::Act;

constexpr std::uint64_t relay_soon = 120;

std::vector<std::string> some_of(std::vector<std::string> names, std::size_t count) {
    names.resize(count);
    return names;
}

}  // namespace

Story::Story(std::uint64_t seed, std::size_t steps, Losses losses)
    : fate_(seed),
      steps_(steps),
      losses_(losses),
      chronicle_(some_of({"alice", "bertrand", "chloe", "david"}, 2 + fate_.below(3)), seed) {}

void Story::make_mischief() {
    note("the operator drops, doubles, holds back and refuses");
    const auto handle = [this](town::Session session, Bytes frame) {
        std::vector<Bytes> instead;
        const auto kept = held_back_.find(session);
        switch (below(40)) {
            case 0:
                break;
            case 1:
                instead = {frame, frame};
                break;
            case 2:
                if (kept != held_back_.end()) instead.push_back(std::move(kept->second));
                held_back_.insert_or_assign(session, std::move(frame));
                return instead;
            default:
                instead = {std::move(frame)};
        }
        // What was held back comes after what came later.
        if (kept != held_back_.end() && chance(2)) {
            instead.push_back(std::move(kept->second));
            held_back_.erase(kept);
        }
        return instead;
    };
    town().its_operator().on_frame_to_device(handle);
    town().its_operator().on_frame_to_relay(handle);
    town().its_operator().on_request(
        [this](town::Session /*session*/,
               const protocol::RequestBody& /*request*/) -> std::optional<protocol::ResponseBody> {
            if (!chance(40)) return std::nullopt;
            constexpr std::size_t reasons = static_cast<std::size_t>(protocol::Refusal::Closing);
            return protocol::Refused{static_cast<protocol::Refusal>(1 + below(reasons))};
        });
}

const std::string& Story::anybody() {
    return chronicle_.homes()[below(chronicle_.homes().size())];
}

bool Story::is_busy(const std::string& home) const {
    const auto found = busy_.find(home);
    return found != busy_.end() && found->second->end == town::Errand::End::None;
}

void Story::tell() {
    if (chance(4)) make_mischief();
    for (std::size_t step = 0; step < steps_; ++step) {
        if (losses_ == Losses::Some && chance(20)) lose_a_phone();
        happen();
        town().pass(Duration{static_cast<std::int64_t>(below(chance(8) ? 90'000 : 2'000))});
        town().tidy();
        const SteadyTime now = town().loop().clock().steady();
        for (auto& [moment, call] : later_) {
            if (call && moment <= now) std::exchange(call, nullptr)();
        }
    }
}

void Story::happen() {
    // A relay that is down is started again sooner or later.
    if (!town().relay_is_up() && chance(3)) {
        note("the relay starts");
        town().start_relay();
        return;
    }
    switch (below(24)) {
        case 0:
            return make_group();
        case 1:
        case 2:
        case 3:
            return change_group();
        case 4:
            return crash_a_machine();
        case 5:
        case 6:
            return plan_trouble();
        case 7:
            return cut_somebody_off();
        case 8:
            return lose_connections();
        case 9:
            return jump_in_time();
        case 10:
            return change_weather();
        case 11:
            return close_a_home();
        case 12:
            return read_somewhere();
        case 13:
            return fail_relay();
        default:
            return say();
    }
}

void Story::say() {
    const std::string& home = anybody();
    if (is_busy(home)) return;
    std::string to = anybody();
    if (!groups_.empty() && chance(2)) to = groups_[below(groups_.size())];
    if (to == home) return;
    if (chance(12)) {
        const std::size_t size = 1 + below(chance(3) ? 200'000 : 1'000);
        busy_[home] = chronicle_.send_file(home, to, size, static_cast<std::uint32_t>(below(40)));
        return;
    }
    const std::size_t padding = chance(10) ? below(20'000) : 0;
    // Sometimes a person waits, and sometimes goes on at once.
    std::optional<std::uint32_t> patience;
    if (chance(2)) patience = static_cast<std::uint32_t>(below(40));
    busy_[home] = chronicle_.say(home, to, padding, patience);
}

void Story::make_group() {
    const std::string& home = anybody();
    if (is_busy(home) || groups_.size() >= 3) return;
    std::vector<std::string> members;
    for (const std::string& one : chronicle_.homes()) {
        if (one != home && chance(2)) members.push_back(one);
    }
    if (members.empty()) return;
    groups_.push_back(std::format("group {}", groups_.size()));
    note(std::format("{} makes {} with {} others", home, groups_.back(), members.size()));
    busy_[home] = town().begin(home, client::CreateGroup{groups_.back(), members});
}

void Story::change_group() {
    const std::string& home = anybody();
    if (groups_.empty() || is_busy(home)) return;
    const std::string& group = groups_[below(groups_.size())];
    const std::string& whom = anybody();
    const auto act = chance(8) ? Act::Leave : chance(2) ? Act::Add : Act::Remove;
    if (whom == home && act != Act::Leave) return;
    note(std::format("{} {} {} {}",
                     home,
                     act == Act::Add      ? "takes in"
                     : act == Act::Remove ? "puts out"
                                          : "leaves",
                     act == Act::Leave ? "" : whom,
                     group));
    busy_[home] =
        town().begin(home, client::ChangeGroup{act, group, act == Act::Leave ? "" : whom});
}

void Story::crash_a_machine() {
    ++troubles_;
    const auto ending = chance(2) ? store::Ending::Killed : store::Ending::PowerLost;
    const auto* how = ending == store::Ending::Killed ? "is killed" : "loses power";
    if (chance(3)) {
        if (!town().relay_is_up()) return;
        note(std::format("the relay {}", how));
        town().crash_relay(ending);
        return;
    }
    const std::string& home = chance(8) ? "officer" : anybody();
    note(std::format("{} {}", home, how));
    town().crash(home, ending);
}

void Story::plan_trouble() {
    ++troubles_;
    constexpr std::array kinds{store::Trouble::Kind::Kill,
                               store::Trouble::Kind::PowerLoss,
                               store::Trouble::Kind::PowerLoss,
                               store::Trouble::Kind::Fault,
                               store::Trouble::Kind::Full};
    constexpr std::array names{
        "a kill", "a loss of power", "a loss of power", "a fault", "no room"};
    const std::size_t drawn = below(kinds.size());
    const std::uint64_t after = 1 + below(60);
    if (chance(3)) {
        note(std::format("the relay: {} at operation {} from now", names[drawn], after));
        town().relay_machine().plan({kinds[drawn], after + below(relay_soon)});
        return;
    }
    const std::string& home = anybody();
    note(std::format("{}: {} at operation {} from now", home, names[drawn], after));
    town().machine(home).plan({kinds[drawn], after});
}

void Story::fail_relay() {
    if (!town().relay_is_up()) return;
    ++troubles_;
    note("the relay is stopped in good order, and started");
    town().stop_relay();
    town().start_relay();
}

void Story::lose_a_phone() {
    // Somebody has to be left to whom it matters.
    if (chronicle_.homes().size() <= 2 || !town().relay_is_up()) return;
    chronicle_.lose(anybody());
}

void Story::cut_somebody_off() {
    ++troubles_;
    town::Machine& machine = chance(3) ? town().relay_machine() : town().machine(anybody());
    note(std::format("seat {} is cut off", machine.seat->number()));
    machine.seat->set_reach(net::Reach::Nobody);
    const Duration span{static_cast<std::int64_t>(below(chance(3) ? 240'000 : 20'000))};
    later_.emplace_back(town().loop().clock().steady() + span,
                        [&machine] { machine.seat->set_reach(net::Reach::Everybody); });
}

void Story::lose_connections() {
    ++troubles_;
    const auto parting = chance(2) ? net::Parting::Told : net::Parting::Silent;
    town::Machine& machine = chance(3) ? town().relay_machine() : town().machine(anybody());
    note(std::format("seat {} loses its connections", machine.seat->number()));
    machine.seat->lose_connections(parting);
}

void Story::jump_in_time() {
    // Within a day certificates and key packages tolerate; several jumps may go beyond.
    const Duration by = std::chrono::minutes(static_cast<std::int64_t>(below(1200)) - 600);
    town::Machine& machine = chance(3) ? town().relay_machine() : town().machine(anybody());
    note(std::format("the clock of seat {} jumps", machine.seat->number()));
    machine.clock.jump(by);
}

void Story::change_weather() {
    const auto longest = static_cast<std::int64_t>(below(chance(3) ? 8'000 : 100));
    note(std::format("frames take up to {} ms", longest + 1));
    town().network().set_delays(Duration{1}, Duration{longest + 1});
}

void Story::close_a_home() {
    const std::string& home = anybody();
    note(std::format("{} ends its process", home));
    town().close(home);
}

void Story::read_somewhere() {
    const std::string& home = anybody();
    if (is_busy(home)) return;
    busy_[home] = town().begin(home, client::Read{}, 5);
}

}  // namespace cercle::simulation
