// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Assembly: a large circle in four sections, which one seed lets live through a day's work: its
// people talk in their sections, the relay's machine dies and comes back, phones are lost, and the
// year's certificates are made anew meanwhile. What it is judged by are the promises of the product
// that apply (docs/proving-ground.md).

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/town/town.h"

namespace cercle::simulation {

struct AssemblySize {
    std::size_t members = 200;
    std::size_t lost = 5;
    std::size_t steps = 120;
};

class Assembly {
  public:
    Assembly(std::uint64_t seed, AssemblySize size);

    void tell();

    /// Heals the circle, and says in sentences what does not hold. Empty is well.
    [[nodiscard]] std::vector<std::string> broken_promises();

    /// What happened, and how often.
    [[nodiscard]] const std::map<std::string, std::size_t>& happened() const { return happened_; }

  private:
    struct Said {
        std::string from;
        std::string text;
        std::shared_ptr<town::Errand> errand;
    };

    [[nodiscard]] const std::string& section_of(const std::string& home) const;
    [[nodiscard]] std::vector<std::string> present(const std::string& section) const;

    [[nodiscard]] static std::string room(const std::string& section) { return "room " + section; }

    void let_ten_months_pass();
    void make_rooms();
    void say();
    void fail_relay();
    void lose_somebody();
    void heal();

    void judge_messages();
    void judge_lost();
    void judge_sight();
    void judge_certificates();
    void judge_relay();

    void fault(std::string sentence) { faults_.push_back(std::move(sentence)); }

    [[nodiscard]] client::Core* opened(const std::string& home);

    vectors::SeededRandom fate_;
    AssemblySize size_;
    std::vector<std::string> homes_;
    std::map<std::string, std::string> sections_;
    std::unique_ptr<town::Town> town_;
    std::set<std::string> lost_;
    std::map<std::string, std::vector<Said>> said_;  // by section
    std::map<std::string, std::size_t> happened_;
    std::vector<std::string> faults_;
};

}  // namespace cercle::simulation
