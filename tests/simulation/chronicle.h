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
#include "tests/town/desktop.h"
#include "tests/town/town.h"

namespace cercle::simulation {

/// Something that was said, and what its author's device answered.
struct Saying {
    std::string home;
    std::string to;
    std::string text;  // begins with the saying's number
    std::shared_ptr<town::Errand> errand;
    std::string file{};  // what was in it; empty: there was none
};

class Chronicle {
  public:
    Chronicle(std::vector<std::string> homes, std::uint64_t seed);

    /// Begins to say the next thing; texts are numbered in the order in which they are said.
    std::shared_ptr<town::Errand> say(const std::string& home,
                                      const std::string& to,
                                      std::size_t padding,
                                      std::optional<std::uint32_t> patience);

    /// The same with a file of so many bytes. It may arrive after what is said later.
    std::shared_ptr<town::Errand> send_file(const std::string& home,
                                            const std::string& to,
                                            std::size_t size,
                                            std::optional<std::uint32_t> patience);

    /// One more home, whose device has joined.
    void add_home(std::string home) { homes_.push_back(std::move(home)); }

    /// Somebody's phone is lost, and the officer says so: it is none of our homes any more.
    /// Whatever becomes of his command now, heal() sees it done.
    void lose(const std::string& home);

    [[nodiscard]] const std::set<std::string>& lost() const { return lost_; }

    /// Whether a device is that of a lost phone.
    [[nodiscard]] bool is_lost(identity::DeviceId device) const {
        return lost_devices_.contains(device);
    }

    /// Every machine is on, reached and sound from now on, and all has been exchanged. Says in
    /// sentences which devices do not come to rest.
    [[nodiscard]] std::vector<std::string> heal();

    void note(std::string event);

    [[nodiscard]] town::Town& town() { return *town_; }

    [[nodiscard]] const std::vector<std::string>& homes() const { return homes_; }

    [[nodiscard]] const std::vector<Saying>& sayings() const { return sayings_; }

    [[nodiscard]] const Nonces& nonces() const { return nonces_; }

    /// Whether a text may stand behind later ones of its author: it came with a file, or waited for
    /// its author's word, which heal() gave.
    [[nodiscard]] bool may_come_late(const std::string& text) const { return late_.contains(text); }

    /// Where the persons' files lie.
    [[nodiscard]] const town::Desktop& desktop() const { return desktop_; }

    /// What happened, for who looks into a failure.
    [[nodiscard]] const std::vector<std::string>& events() const { return events_; }

  private:
    Nonces nonces_;
    std::vector<std::string> homes_;
    std::set<std::string> lost_;
    std::set<identity::DeviceId> lost_devices_;
    std::unique_ptr<town::Town> town_;
    std::vector<Saying> sayings_;
    std::set<std::string> late_;
    town::Desktop desktop_;
    std::vector<std::string> events_;
};

}  // namespace cercle::simulation
