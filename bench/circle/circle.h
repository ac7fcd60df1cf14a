// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Circle: a relay, an officer who serves, and members who are online, on the loopback: the programs
// that ship, and crowds of devices (crowd.h).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/circle/crowd.h"
#include "bench/circle/measure.h"

namespace cercle::bench {

struct Invitation {
    std::string text;
    std::string code;
};

/// What a program ended with, what it said, and how long it took.
struct Ran {
    int status = -1;
    std::string said;
    Seconds took{};
};

class Circle {
  public:
    /// Founded, with its members in their rooms. Says what it does on standard error: it takes a
    /// while.
    explicit Circle(const Plan& plan);

    /// `cercle` in a home, to its end; `on_line` hears each line as it comes. Words are without
    /// quotation marks.
    Ran run(const std::string& home,
            const std::vector<std::string>& words,
            const std::function<void(const std::string&)>& on_line = {}) const;
    /// The same as a process that stays.
    [[nodiscard]] std::unique_ptr<Process> start(const std::string& home,
                                                 const std::vector<std::string>& words) const;

    [[nodiscard]] Invitation invite(const std::string& name) const;

    [[nodiscard]] static std::string member(std::size_t number);

    [[nodiscard]] std::size_t members() const { return members_; }

    /// Everybody in the directory, the officer and those who were enrolled later among them.
    [[nodiscard]] std::size_t people() const { return people_; }

    void one_more() { ++people_; }

    /// Members in each room, whom it has besides the first member, who is in all.
    [[nodiscard]] const std::vector<std::size_t>& rooms() const { return rooms_; }

    struct Computed {
        Seconds relay{};
        Seconds officer{};
        Seconds crowds{};
    };

    /// What the processes that stay have computed so far.
    [[nodiscard]] Computed computed() const;

    void settle();

  private:
    void enrol_all();
    void make_rooms(std::size_t rooms);

    [[nodiscard]] Crowd& crowd_of(std::size_t number) { return *crowds_[number % crowds_.size()]; }

    [[nodiscard]] std::vector<std::string> command(const std::string& home,
                                                   const std::vector<std::string>& words) const;

    Plan plan_;
    std::size_t members_;
    std::size_t people_ = 1;
    std::unique_ptr<Process> relay_;
    std::unique_ptr<Process> officer_;
    std::vector<std::unique_ptr<Crowd>> crowds_;
    std::vector<std::size_t> rooms_;
};

}  // namespace cercle::bench
