// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The drawer report: whether phones are used, told so that nobody can be told by it.

#include "client/drawer.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::Town;
using Names = std::vector<std::string>;
using State = officer::ReportShown::State;

constexpr auto day = 24h;

/// So many phones, whose names are their numbers.
Names phones(std::size_t count) {
    Names names;
    for (std::size_t one = 1; one <= count; ++one)
        names.push_back("n" + std::to_string(one));
    return names;
}

struct Drawer {
    explicit Drawer(std::size_t count)
        : names(phones(count)),
          town(Town::with(names)) {}

    void set(const Names& changes) {
        REQUIRE(town->officer(officer::SetPolicy{changes}).done());
        for (const std::string& home : names)
            REQUIRE(town->play(home, client::Sync{0}).done());
    }

    /// Everything is off for so long.
    void let_pass(Duration span) {
        for (const std::string& home : names)
            town->close(home);
        town->close("officer");
        town->stop_relay();
        town->pass(span);
        town->start_relay();
    }

    /// Its person looks who is there.
    void open(const std::string& home) { REQUIRE(town->play(home, client::ListContacts{}).done()); }

    officer::ReportShown report() {
        const auto played = town->officer(officer::ShowReport{});
        REQUIRE(played.done());
        return played.of_officer<officer::ReportShown>().front();
    }

    /// What a home's vault says.
    std::int64_t number(const std::string& home, store::Sql sql) {
        return std::get<0>(town->core(home)->database.one<std::int64_t>(sql).value().value());
    }

    std::vector<client::ReportTold> told(const std::string& home) {
        std::vector<client::ReportTold> all;
        const auto played = town->play(home, client::ListReports{});
        REQUIRE(played.done());
        for (const auto& event : played.events) {
            if (const auto* one = std::get_if<client::ReportTold>(&event)) all.push_back(*one);
        }
        return all;
    }

    Names names;
    std::unique_ptr<Town> town;
};

}  // namespace

TEST_CASE("of twenty phones six lie in a drawer for fourteen days, and the officer is told so") {
    Drawer drawer(20);
    drawer.set({"report=on"});
    CHECK(drawer.report().state == State::Early);
    for (int week = 0; week < 5; ++week) {
        drawer.let_pass(3 * day);
        for (std::size_t at = 0; at < 20; ++at) {
            // Three are off, three come to the relay by themselves, and nobody opens them.
            if (at >= 17) continue;
            if (at >= 14) {
                REQUIRE(drawer.town->play(drawer.names[at], client::Sync{0}).done());
            } else {
                drawer.open(drawer.names[at]);
            }
        }
    }
    const auto report = drawer.report();
    CHECK(report.state == State::Exactly);
    CHECK(report.unopened == 6);
    CHECK(report.phones == 20);
    CHECK(report.days == 14);
    CHECK(report.policy == 1);
    // A newcomer's has just been opened, and a lost one is none of the circle's.
    REQUIRE(drawer.town->enrol("later").done());
    REQUIRE(drawer.town->play("later", client::Sync{0}).done());
    const auto lost =
        drawer.town->officer(officer::ReportLost{"n20"}).of_officer<officer::DeviceLost>();
    REQUIRE(lost.front().state == officer::DeviceLost::State::Dropped);
    const auto next = drawer.report();
    CHECK(next.unopened == 5);
    CHECK(next.phones == 20);
    // One more comes out, and the part that is left is too small to be told.
    drawer.open("n19");
    drawer.let_pass(day);
    REQUIRE(drawer.town->play("n19", client::Sync{0}).done());
    CHECK(drawer.report().state == State::AtMost);
    CHECK(drawer.report().unopened == 4);
    // What a higher threshold withholds, is withheld at once.
    REQUIRE(drawer.town->officer(officer::SetPolicy{{"report.threshold=11"}}).done());
    CHECK(drawer.report().state == State::Withheld);
    CHECK(drawer.report().unopened == 0);
}

TEST_CASE("of four phones nothing is told, whatever they do") {
    Drawer drawer(4);
    drawer.set({"report=on"});
    for (int time = 0; time < 5; ++time) {
        drawer.let_pass(3 * day);
        drawer.open("n1");
    }
    const auto report = drawer.report();
    CHECK(report.state == State::Withheld);
    CHECK(report.unopened == 0);
}

TEST_CASE("where no policy has a report nothing is told, kept or sent") {
    Drawer drawer(2);
    const auto none = drawer.town->officer(officer::ShowReport{});
    CHECK(none.outcome.rule == "policy-report");
    drawer.open("n1");
    drawer.let_pass(2 * day);
    drawer.open("n1");
    CHECK(drawer.told("n1").empty());
    CHECK(drawer.number("n1", "SELECT opened FROM self") == 0);
    // Begun, and ended again.
    drawer.set({"report=on"});
    drawer.open("n1");
    CHECK(drawer.told("n1").size() == 1);
    drawer.let_pass(day);
    drawer.open("n1");
    drawer.open("n1");
    REQUIRE(drawer.town->play("officer", client::Sync{0}).done());
    CHECK(drawer.told("n1").size() == 2);
    CHECK(drawer.number("officer", "SELECT count(*) FROM drawer_openings") == 1);
    CHECK(drawer.number("n1", "SELECT opened FROM self") == 1);
    drawer.set({"report=off"});
    CHECK(drawer.number("officer", "SELECT count(*) FROM drawer_openings") == 0);
    CHECK(drawer.number("n1", "SELECT opened FROM self") == 0);
    drawer.let_pass(2 * day);
    drawer.open("n1");
    CHECK(drawer.told("n1").size() == 2);
    CHECK(drawer.town->officer(officer::ShowReport{}).outcome.rule == "policy-report");
}

TEST_CASE("a member sees each report that was sent of his device, and under which policy") {
    Drawer drawer(2);
    drawer.set({"report=on"});
    const auto first = drawer.told("n1");
    REQUIRE(first.size() == 1);
    CHECK(first.front().opened == 0);
    // Opened twice a day, it is said once, with the next report.
    drawer.open("n1");
    drawer.open("n1");
    drawer.let_pass(day);
    REQUIRE(drawer.town->play("n1", client::Sync{0}).done());
    REQUIRE(drawer.town->officer(officer::SetPolicy{{"report.threshold=6"}}).done());
    drawer.let_pass(3 * day);
    REQUIRE(drawer.town->play("n1", client::Sync{0}).done());
    REQUIRE(drawer.town->play("n1", client::Sync{0}).done());
    drawer.let_pass(2 * day);
    const auto told = drawer.told("n1");
    REQUIRE(told.size() == 4);
    CHECK(told[1].opened == 1);
    CHECK(told[1].before == 14);
    CHECK(told[1].policy == 1);
    CHECK(told[2].opened == 0);
    CHECK(told[2].policy == 2);
    // Asking for the reports is something that a person does.
    CHECK(told[3].opened == 1);
    CHECK(told[3].before == 5);
    CHECK(told[3].policy == 2);
    for (const auto& one : told)
        CHECK(one.state == "sent");
}

TEST_CASE("for all days without the relay there is one report, when it is back") {
    Drawer drawer(2);
    drawer.set({"report=on"});
    REQUIRE(drawer.told("n1").size() == 1);
    for (const std::string& home : drawer.names)
        drawer.town->close(home);
    drawer.town->stop_relay();
    for (int time = 0; time < 3; ++time) {
        drawer.town->pass(day);
        static_cast<void>(drawer.town->play("n1", client::ListContacts{}, 0));
        drawer.town->close("n1");
    }
    drawer.town->start_relay();
    drawer.open("n1");
    drawer.open("n1");
    CHECK(drawer.told("n1").size() == 2);
    CHECK(drawer.told("n1").back().opened == 1);
}
