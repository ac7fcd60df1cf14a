// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Chronicle: a circle at work, with a record of everything that was said in it and what its
// devices answered. Stories (story.h) and passages (passage.h) are what happens to it; heal() ends
// every trouble and waits until everything written has found its place. What must hold then is
// laws.h.

#include <cstdint>
#include <memory>
#include <optional>
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
    std::string text;  // begins with the saying's number
    std::shared_ptr<town::Errand> errand;
};

class Chronicle {
  public:
    Chronicle(std::vector<std::string> homes, std::uint64_t seed);

    /// Begins to say the next thing; texts are numbered in the order in which they are said.
    std::shared_ptr<town::Errand> say(const std::string& home,
                                      const std::string& to,
                                      std::size_t padding,
                                      std::optional<std::uint32_t> patience);

    /// One more home, whose device has joined.
    void add_home(std::string home) { homes_.push_back(std::move(home)); }

    /// Every machine is on, reached and sound from now on, and all has been exchanged. Says in
    /// sentences which devices do not come to rest.
    [[nodiscard]] std::vector<std::string> heal();

    void note(std::string event);

    [[nodiscard]] town::Town& town() { return *town_; }

    [[nodiscard]] const std::vector<std::string>& homes() const { return homes_; }

    [[nodiscard]] const std::vector<Saying>& sayings() const { return sayings_; }

    [[nodiscard]] const Nonces& nonces() const { return nonces_; }

    /// Texts that waited for their author's word, which heal() gave.
    [[nodiscard]] const std::set<std::string>& released() const { return released_; }

    /// What happened, for who looks into a failure.
    [[nodiscard]] const std::vector<std::string>& events() const { return events_; }

  private:
    Nonces nonces_;
    std::vector<std::string> homes_;
    std::unique_ptr<town::Town> town_;
    std::vector<Saying> sayings_;
    std::set<std::string> released_;
    std::vector<std::string> events_;
};

}  // namespace cercle::simulation
