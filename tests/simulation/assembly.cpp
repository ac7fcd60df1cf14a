// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/assembly.h"

#include <algorithm>
#include <array>
#include <format>

#include "client/lost.h"
#include "client/renewal.h"
#include "client/sight.h"
#include "crypto/certificate.h"

namespace cercle::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 4> names{"north", "east", "south", "west"};
/// In every text, and nowhere else.
constexpr std::string_view mark = "unter uns gesagt";

town::Roll roll_of(std::size_t members) {
    town::Roll roll;
    for (std::size_t i = 0; i < members; ++i)
        roll.push_back({std::format("member-{:03}", i), {names.at(i % names.size())}});
    return roll;
}

bool contains(const Bytes& bytes, std::string_view text) {
    return !std::ranges::search(bytes, view_of(text)).empty();
}

}  // namespace

Assembly::Assembly(std::uint64_t seed, AssemblySize size)
    : fate_(seed),
      size_(size) {
    const auto roll = roll_of(size.members);
    for (const auto& [home, sections] : roll) {
        homes_.push_back(home);
        sections_.emplace(home, sections.front());
    }
    town_ = town::Town::in_sections(roll, seed);
}

const std::string& Assembly::section_of(const std::string& home) const {
    return sections_.at(home);
}

std::vector<std::string> Assembly::present(const std::string& section) const {
    std::vector<std::string> all;
    for (const std::string& home : homes_) {
        if (section_of(home) == section && !lost_.contains(home)) all.push_back(home);
    }
    return all;
}

client::Core* Assembly::opened(const std::string& home) {
    static_cast<void>(town_->play(home, client::ListOutbox{}));
    return town_->core(home);
}

void Assembly::make_rooms() {
    for (const char* const section : names) {
        const auto all = present(section);
        const std::vector<std::string> others(all.begin() + 1, all.end());
        const auto made = town_->play(all.front(), client::CreateGroup{room(section), others}, 600);
        if (!made.done()) fault("the room of the " + std::string(section) + " was not made");
    }
    for (const std::string& home : homes_)
        static_cast<void>(town_->play(home, client::Sync{0}));
}

/// Nobody is there; when they come back their certificates are due.
void Assembly::let_ten_months_pass() {
    for (const std::string& home : homes_)
        town_->close(home);
    town_->close("officer");
    town_->stop_relay();
    town_->pass(24h * 310);
    town_->start_relay();
    static_cast<void>(town_->begin_officer(officer::Serve{}));
    for (const std::string& home : homes_)
        static_cast<void>(town_->begin(home, client::ListOutbox{}));
}

void Assembly::tell() {
    make_rooms();
    let_ten_months_pass();
    const std::size_t between = std::max<std::size_t>(1, size_.steps / (size_.lost + 1));
    for (std::size_t step = 1; step <= size_.steps; ++step) {
        if (!town_->relay_is_up() && fate_.below(2) == 0) town_->start_relay();
        if (step % between == 0 && lost_.size() < size_.lost) lose_somebody();
        if (fate_.below(20) == 0) {
            fail_relay();
        } else {
            say();
        }
        town_->pass(Duration{static_cast<std::int64_t>(fate_.below(3'000))});
        town_->tidy();
    }
}

void Assembly::say() {
    const auto all = present(names.at(fate_.below(names.size())));
    const std::string& home = all[fate_.below(all.size())];
    const std::string& section = section_of(home);
    auto& said = said_[section];
    const std::string text = std::format("{} {}: {}", mark, section, said.size());
    said.push_back({home, text, town_->begin(home, client::Send{room(section), text, {}}, 0)});
    ++happened_["said"];
}

void Assembly::fail_relay() {
    if (!town_->relay_is_up()) return;
    town_->crash_relay(fate_.below(2) == 0 ? store::Ending::Killed : store::Ending::PowerLost);
    ++happened_["the relay died"];
}

void Assembly::lose_somebody() {
    std::vector<std::string> left;
    for (const std::string& home : homes_) {
        if (!lost_.contains(home)) left.push_back(home);
    }
    const std::string home = left[fate_.below(left.size())];
    static_cast<void>(town_->begin_officer(officer::ReportLost{home}));
    lost_.insert(home);
    ++happened_["lost"];
}

void Assembly::heal() {
    if (!town_->relay_is_up()) town_->start_relay();
    for (int round = 0; round < 3; ++round) {
        town_->pass(1min);
        for (const std::string& home : homes_) {
            if (!lost_.contains(home)) static_cast<void>(town_->play(home, client::Sync{0}));
        }
    }
}

std::vector<std::string> Assembly::broken_promises() {
    heal();
    // What is said now is for no lost phone.
    for (const char* const section : names) {
        const std::string home = present(section).front();
        const std::string text = std::format("{} {}: at last", mark, section);
        auto errand = town_->begin(home, client::Send{room(section), text, {}}, 60);
        said_[section].push_back({home, text, std::move(errand)});
    }
    heal();
    judge_messages();
    judge_lost();
    judge_sight();
    judge_certificates();
    judge_relay();
    return faults_;
}

/// Promise 3: everything said is read by everybody who is there, once and in its author's order.
/// With the relay back, nothing waits any more.
void Assembly::judge_messages() {
    for (const char* const section : names) {
        for (const std::string& home : present(section)) {
            const auto texts = town_->read(home, room(section));
            std::map<std::string, std::size_t> last;
            for (const Said& one : said_[section]) {
                const auto count = std::ranges::count(texts, one.text);
                // What a phone had not sent when it was lost is lost with it.
                const bool may_lack = lost_.contains(one.from) && count == 0;
                if (count != 1 && !may_lack) {
                    fault(std::format(
                        "{} reads \"{}\" of {} {} times", home, one.text, one.from, count));
                }
                if (count == 0) continue;
                const auto place =
                    static_cast<std::size_t>(std::ranges::find(texts, one.text) - texts.begin());
                const auto before = last.find(one.from);
                if (before != last.end() && before->second > place) {
                    fault(home + " reads \"" + one.text + "\" out of its author's order");
                }
                last[one.from] = place;
            }
        }
    }
}

/// Promise 5: no conversation contains a lost phone, none was written to it since, and the officer
/// knows that all are done.
void Assembly::judge_lost() {
    for (const std::string& home : homes_) {
        if (lost_.contains(home)) continue;
        client::Core* const core = opened(home);
        if (core == nullptr) {
            fault(home + " does not open");
            continue;
        }
        const auto counts = client::lost::counts(core->database);
        const auto holds = client::lost::holding(core->database);
        if (!counts || counts->pending != 0) fault(home + " still stands beside a lost phone");
        if (!holds || holds->held.value != lost_.size()) {
            fault(home + " has not heard of all lost phones");
        }
    }
    for (const std::string& home : lost_) {
        const auto texts = town_->read(home, room(section_of(home)));
        const std::string last = std::format("{} {}: at last", mark, section_of(home));
        if (std::ranges::contains(texts, last)) fault("the lost phone of " + home + " reads on");
    }
    if (lost_.empty()) return;
    const auto told = town_->officer(officer::ReportLost{*lost_.begin()});
    const auto progress = told.of_officer<officer::LostProgress>();
    if (progress.empty() || progress.back().done != progress.back().devices) {
        fault("the officer does not know that all have done with a lost phone");
    }
}

/// Who sees whom: one's own section and the officer. And promise 4: nobody is warned of anything.
void Assembly::judge_sight() {
    for (const std::string& home : homes_) {
        if (lost_.contains(home)) continue;
        std::set<std::string> seen;
        for (const auto& event : town_->play(home, client::ListContacts{}).events) {
            if (const auto* one = std::get_if<client::Contact>(&event)) seen.insert(one->name);
        }
        std::set<std::string> expected{"Officer"};
        for (const std::string& other : homes_) {
            if (section_of(other) == section_of(home) && other != home) expected.insert(other);
        }
        if (seen != expected) {
            fault(
                std::format("{} sees {} people instead of {}", home, seen.size(), expected.size()));
        }
        client::Core* const core = opened(home);
        const auto strangers = core->database.one<std::int64_t>(
            "SELECT count(*) FROM members WHERE instr(sections, ?1) = 0 AND name <> 'Officer'",
            section_of(home));
        if (!strangers || std::get<0>(**strangers) != 0) {
            fault(home + " was sent entries of people whom he does not see");
        }
        for (const auto& event : town_->play(home, client::ListAlarms{}).events) {
            if (const auto* alarm = std::get_if<client::AlarmShown>(&event)) {
                fault(home + " is alarmed: " + alarm->rule);
            }
        }
    }
}

/// Promise 9, nothing ever to repair by hand: the certificates that were due have been renewed.
void Assembly::judge_certificates() {
    const WallTime soon = town_->loop().clock().wall() + 24h * 200;
    for (const std::string& home : homes_) {
        if (lost_.contains(home)) continue;
        client::Core* const core = opened(home);
        const auto until = client::certified_until(core->self);
        if (!until || *until < soon) fault(home + " has a certificate that ends soon");
    }
}

/// Promise 2: of what the relay stores nothing names anybody or says anything.
void Assembly::judge_relay() {
    for (const auto& [path, bytes] : town_->relay_machine().disk.image()) {
        for (const std::string_view text : {mark,
                                            std::string_view("member-0"),
                                            std::string_view("room "),
                                            std::string_view("north")}) {
            if (contains(bytes, text)) {
                fault(std::format("the relay's {} contains \"{}\"", path, text));
            }
        }
    }
}

}  // namespace cercle::simulation
