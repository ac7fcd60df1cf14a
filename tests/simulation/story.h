// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Story: what one seed makes happen to a circle. Its people write, send files, make groups, take
// each other in and put each other out, and all the while their machines and the relay's crash at
// any operation of their disks, lose power, are cut off, jump in time, fail and fill up; and in
// some of them whoever runs the relay drops, doubles, holds back and refuses what passes through
// it.
//
// tell() lets all of it happen, to a circle whose chronicle (chronicle.h) is judged by laws.h.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/chronicle.h"

namespace cercle::simulation {

class Story {
  public:
    /// In some stories phones are lost, and the officer says so.
    enum class Losses : std::uint8_t { None, Some };

    /// `steps`: how many things happen.
    explicit Story(std::uint64_t seed, std::size_t steps = 60, Losses losses = Losses::None);

    void tell();

    [[nodiscard]] Chronicle& chronicle() { return chronicle_; }

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
    void lose_a_phone();
    void make_mischief();

    void note(std::string event) { chronicle_.note(std::move(event)); }

    [[nodiscard]] town::Town& town() { return chronicle_.town(); }

    [[nodiscard]] const std::string& anybody();
    [[nodiscard]] bool is_busy(const std::string& home) const;

    [[nodiscard]] bool chance(std::size_t one_in) { return fate_.below(one_in) == 0; }

    [[nodiscard]] std::size_t below(std::size_t bound) { return fate_.below(bound); }

    vectors::SeededRandom fate_;
    std::size_t steps_;
    Losses losses_;
    Chronicle chronicle_;
    std::vector<std::string> groups_;
    std::map<std::string, std::shared_ptr<town::Errand>> busy_;
    std::size_t troubles_ = 0;
    /// Frames that the operator holds back.
    std::map<town::Session, Bytes> held_back_;
    /// When whoever is cut off is reached again.
    std::vector<std::pair<SteadyTime, std::function<void()>>> later_;
};

}  // namespace cercle::simulation
