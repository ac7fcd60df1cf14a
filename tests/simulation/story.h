// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Story: what one seed makes happen to a circle. Its people write, make groups, take each other in
// and put each other out, and all the while their machines and the relay's crash at any operation
// of their disks, lose power, are cut off, jump in time, fail and fill up; and in some of them
// whoever runs the relay drops, doubles and holds back what passes through it.
//
// tell() lets all of it happen; heal() ends every trouble and waits until everything written has
// found its place. What must hold then is laws.h.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/nonces.h"
#include "tests/town/town.h"

namespace cercle::simulation {

/// Something that was said, and what its author's device answered.
struct Saying {
    std::string home;
    std::string to;
    std::string text;
    std::shared_ptr<town::Errand> errand;
};

class Story {
  public:
    /// `steps`: how many things happen.
    explicit Story(std::uint64_t seed, std::size_t steps = 60);

    void tell();
    /// Errors of a device that does not come to rest, in sentences.
    [[nodiscard]] std::vector<std::string> heal();

    [[nodiscard]] const std::vector<std::string>& homes() const { return homes_; }

    [[nodiscard]] const std::vector<Saying>& sayings() const { return sayings_; }

    [[nodiscard]] town::Town& town() { return *town_; }

    [[nodiscard]] const Nonces& nonces() const { return nonces_; }

    /// Texts that waited for their author's word, which heal() gave.
    [[nodiscard]] const std::set<std::string>& released() const { return released_; }

    /// What happened, for who looks into a failure.
    [[nodiscard]] const std::vector<std::string>& events() const { return events_; }

    /// Crashes, cuts and faults that came about.
    [[nodiscard]] std::size_t troubles() const { return troubles_; }

  private:
    void happen();
    void say();
    void make_group();
    void change_group();
    void crash_a_machine();
    void plan_trouble();
    void cut_somebody_off();
    void lose_connections();
    void jump_in_time();
    void change_weather();
    void close_a_home();
    void read_somewhere();
    void fail_relay();
    void make_mischief();
    void note(std::string event);

    [[nodiscard]] const std::string& anybody();
    [[nodiscard]] bool is_busy(const std::string& home) const;

    [[nodiscard]] bool chance(std::size_t one_in) { return fate_.below(one_in) == 0; }

    [[nodiscard]] std::size_t below(std::size_t bound) { return fate_.below(bound); }

    vectors::SeededRandom fate_;
    std::size_t steps_;
    Nonces nonces_;
    std::vector<std::string> homes_{"alice", "bertrand", "chloe", "david"};
    std::unique_ptr<town::Town> town_;
    std::vector<std::string> groups_;
    std::map<std::string, std::shared_ptr<town::Errand>> busy_;
    std::vector<Saying> sayings_;
    std::set<std::string> released_;
    std::vector<std::string> events_;
    std::size_t troubles_ = 0;
    /// Frames that the operator holds back.
    std::map<town::Session, Bytes> held_back_;
    /// When whoever is cut off is reached again.
    std::vector<std::pair<SteadyTime, std::function<void()>>> later_;
};

}  // namespace cercle::simulation
