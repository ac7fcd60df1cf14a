// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Passage: one fixed piece of a circle's life, in which everything happens that writes to a disk:
// somebody joins, people write and read, a group is made and changed, processes end. One machine
// has its trouble at one chosen operation of its disk. Played for every operation of every
// machine, it shows that there is no moment at which a crash costs anything.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/simulation/chronicle.h"

namespace cercle::simulation {

class Passage {
  public:
    static constexpr std::array<std::string_view, 5> machines{
        "relay", "officer", "alice", "bertrand", "eve"};

    /// `machine` is one of `machines`.
    Passage(std::string_view machine, store::Trouble trouble);

    void play();

    /// False if the machine's disk has fewer operations than that in the whole passage.
    [[nodiscard]] bool had_its_trouble() const { return had_its_trouble_; }

    [[nodiscard]] Chronicle& chronicle() { return chronicle_; }

  private:
    [[nodiscard]] town::Machine& machine();
    /// Plays a command; whoever crashed is on again after it.
    town::Played act(const std::string& home, client::Command command);
    void say(const std::string& home, const std::string& to);
    void let_join(const std::string& name);
    void look_after_machines();

    Chronicle chronicle_;
    std::string machine_;
    store::Trouble trouble_;
    bool had_its_trouble_ = false;
};

}  // namespace cercle::simulation
