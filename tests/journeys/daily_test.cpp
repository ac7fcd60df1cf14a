// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The officer's machine says every day how the circle stands. Who hears nothing is warned.

#include "client/daily.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/compose.h"
#include "client/lost.h"
#include "codec/tls.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using namespace std::chrono_literals;

struct Days {
    /// The officer's machine is on, and serves.
    void serve() {
        serving = town->begin_officer(officer::Serve{});
        town->pass(1min);
        look();
    }

    void fall_silent() {
        town->close("officer");
        serving.reset();
    }

    /// Half days, after each of which Alice looks once. Nothing runs while they pass.
    void pass(int half_days) {
        for (int at = 0; at < half_days; ++at) {
            town->close("alice");
            town->close("officer");
            town->pass(12h);
            if (serving != nullptr) serve();
            look();
        }
    }

    void look() {
        const auto played = town->play("alice", client::Sync{0});
        REQUIRE(played.done());
        hear(played);
    }

    client::Status status() {
        const auto played = town->play("alice", client::ShowStatus{});
        hear(played);
        return played.first<client::Status>();
    }

    void hear(const Played& played) {
        for (const auto& event : played.events) {
            const auto* notice = std::get_if<client::Notice>(&event);
            if (notice != nullptr) told.push_back(notice->sentence);
        }
    }

    /// How often a person was told.
    [[nodiscard]] std::size_t times(std::string_view words) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            told, [words](const std::string& sentence) { return sentence.contains(words); }));
    }

    std::unique_ptr<Town> town = Town::with({"alice", "bertrand"});
    std::shared_ptr<Errand> serving;
    std::vector<std::string> told;
};

}  // namespace

TEST_CASE("an officer that serves is heard of every day, and missed after two") {
    Days days;
    days.serve();
    const auto first = days.status();
    CHECK(first.officer_at != 0);
    CHECK(first.officer_late == 0);
    days.pass(4);
    const auto second = days.status();
    CHECK(second.officer_at >= first.officer_at + 24ULL * 3'600'000);
    CHECK(second.officer_late == 0);
    days.fall_silent();
    days.pass(3);
    CHECK(days.status().officer_late == 0);
    CHECK(days.times("two days") == 0);
    days.pass(3);
    CHECK(days.status().officer_late == 1);
    CHECK(days.times("two days") == 1);
    days.serve();
    CHECK(days.status().officer_late == 0);
    CHECK(days.status().officer_at > second.officer_at);
}

TEST_CASE("a circle whose officer never served misses nothing") {
    Days days;
    days.pass(6);
    const auto status = days.status();
    CHECK(status.officer_at == 0);
    CHECK(status.officer_late == 0);
    CHECK(days.times("two days") == 0);
}

TEST_CASE("a clock that was wrong for a while leaves no warning behind") {
    Days days;
    days.serve();
    days.town->machine("alice").clock.jump(24h * 100);
    days.town->close("alice");
    days.look();
    CHECK(days.status().officer_late == 0);
    days.town->machine("alice").clock.jump(-24h * 100);
    days.fall_silent();
    days.pass(2);
    CHECK(days.status().officer_late == 0);
    CHECK(days.times("two days") == 0);
    // It goes on from there.
    days.pass(4);
    CHECK(days.status().officer_late == 1);
}

TEST_CASE("an officer whose clock was ahead is not silent until it has come that far") {
    Days days;
    days.town->machine("officer").clock.jump(24h * 20);
    days.serve();
    const auto ahead = days.status().officer_at;
    days.town->machine("officer").clock.jump(-24h * 20);
    days.town->pass(2min);
    days.look();
    CHECK(days.status().officer_at < ahead);
    CHECK(days.status().officer_at != 0);
}

TEST_CASE("what was revoked is in the status at once, and shows what was kept from a device") {
    Days days;
    days.serve();
    static_cast<void>(
        days.town->officer(officer::ReportLost{"bertrand", officer::ReportLost::Act::Do}));
    days.town->pass(1min);
    days.look();
    const auto said = must(client::daily::last(days.town->core("alice")->database));
    REQUIRE(said.has_value());
    CHECK(said->revocation == identity::RevocationNumber{1});
    static_cast<void>(days.status());
    CHECK(days.times("kept from this one") == 0);
    // One more, of which nothing has come here.
    client::Core& office = *days.town->core("officer");
    const auto directory = must(office.conversations.directory());
    must(client::write_content(office,
                               directory->log,
                               envelope::status_type,
                               codec::encode(identity::CircleStatus{1, said->time, {2}, {99}})));
    days.town->pass(1min);
    days.look();
    static_cast<void>(days.status());
    CHECK(days.times("kept from this one") >= 1);
    const auto holding = must(client::lost::holding(days.town->core("alice")->database));
    CHECK(holding.held == identity::RevocationNumber{1});
    CHECK(holding.newest == identity::RevocationNumber{2});
}
