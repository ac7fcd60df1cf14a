// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Attended joining: a newcomer waits with six words until the officer has compared them.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::Errand;
using town::Town;

/// What is on the newcomer's screen.
client::RequestShown on_screen(const Errand& joining) {
    return joining.played.first<client::RequestShown>();
}

/// An errand under way has no outcome yet.
bool joined(const Errand& joining) {
    return joining.end == Errand::End::Ended && joining.played.done();
}

std::vector<client::RequestShown> requests(Town& town) {
    std::vector<client::RequestShown> all;
    for (const auto& one :
         town.officer(officer::ListRequests{}).of_officer<officer::RequestWaiting>())
        all.push_back(one.request);
    return all;
}

std::vector<std::string> acts(Town& town) {
    std::vector<std::string> all;
    for (const auto& one : town.officer(officer::ShowJournal{}).of_officer<officer::JournalShown>())
        all.push_back(one.act);
    return all;
}

bool knows(Town& town, const std::string& home, const std::string& name) {
    const auto played = town.play(home, client::ListContacts{});
    return std::ranges::any_of(played.events, [&](const auto& event) {
        const auto* contact = std::get_if<client::Contact>(&event);
        return contact != nullptr && contact->name == name;
    });
}

}  // namespace

TEST_CASE("an attended newcomer is admitted when the officer gives the words on his screen") {
    auto town = Town::with({"alice"});
    const auto serving = town->begin_officer(officer::Serve{});
    const auto joining = town->begin("bertrand", town->invite_attended("bertrand"), 600);
    town->pass(5s);
    const auto shown = on_screen(*joining);
    CHECK(shown.kind == "join");
    CHECK(std::ranges::count(shown.words, ' ') == 5);
    CHECK(joining->end == Errand::End::None);
    CHECK_FALSE(knows(*town, "alice", "bertrand"));

    // Whoever serves has heard of it.
    const auto heard = serving->played.of_officer<officer::RequestWaiting>();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().request.request == shown.request);
    const auto waiting = requests(*town);
    REQUIRE(waiting.size() == 1);
    CHECK(waiting.front().member == "bertrand");
    CHECK(waiting.front().words == shown.words);

    const auto approved = town->officer(officer::Approve{shown.request, shown.words});
    REQUIRE(approved.done());
    CHECK(approved.of_officer<officer::MemberShown>().front().contact.name == "bertrand");
    town->pass(5s);
    CHECK(joined(*joining));
    CHECK(requests(*town).empty());
    REQUIRE(town->send("bertrand", "alice", "me voilà").done());
    CHECK(town->read("alice", "bertrand") == std::vector<std::string>{"me voilà"});
    const auto done = acts(*town);
    REQUIRE(done.size() >= 4);
    CHECK(std::vector(done.end() - 4, done.end()) ==
          std::vector<std::string>{"invite", "request", "approve", "certify"});
    CHECK(town->officer(officer::ShowJournal{officer::Verification::Yes, {}}).done());
}

TEST_CASE("words may be typed in any way, and the request be named by who waits") {
    auto town = Town::with({});
    const auto joining = town->begin("bertrand", town->invite_attended("Bertrand"), 600);
    town->pass(5s);
    std::string typed = on_screen(*joining).words;
    std::ranges::transform(typed, typed.begin(), [](char one) {
        return one == ' ' ? '-' : static_cast<char>(one - 'a' + 'A');
    });
    CHECK(town->officer(officer::Approve{"Bertrand", " " + typed + "\n"}).done());
    town->pass(5s);
    CHECK(joined(*joining));
}

TEST_CASE("without a time to wait a newcomer stays as long as the invitation lives") {
    auto town = Town::with({});
    const auto joining = town->begin("bertrand", town->invite_attended("bertrand"), std::nullopt);
    town->pass(10min);
    REQUIRE(joining->end == Errand::End::None);
    const auto shown = on_screen(*joining);
    SECTION("and is admitted late") {
        REQUIRE(town->officer(officer::Approve{shown.request, shown.words}).done());
        town->pass(5s);
        CHECK(joined(*joining));
    }
    SECTION("though the relay was away meanwhile") {
        town->stop_relay();
        town->pass(5min);
        CHECK(joining->end == Errand::End::None);
        // What the officer says while it is away holds.
        const auto early = town->officer(officer::Approve{shown.request, shown.words});
        CHECK(early.outcome.exit == client::Exit::Queued);
        town->start_relay();
        town->pass(1min);
        CHECK(joined(*joining));
    }
    SECTION("and no longer") {
        town->pass(1h);
        CHECK(joining->end == Errand::End::Ended);
        CHECK_FALSE(joined(*joining));
        CHECK(requests(*town).empty());
        CHECK(town->officer(officer::Approve{shown.request, shown.words}).outcome.rule ==
              "invitation-expired");
    }
}

TEST_CASE(
    "an attended joining goes on through crashes of newcomer, officer and relay, with the same "
    "words") {
    for (const int milliseconds : {20, 60, 120, 250, 500, 2000}) {
        auto town = Town::with({"alice"});
        const client::Join join = town->invite_attended("bertrand");
        static_cast<void>(town->begin("bertrand", join, 600));
        town->pass(Duration{milliseconds});
        town->crash("bertrand");
        town->crash("officer");
        town->crash_relay(store::Ending::PowerLost);
        town->start_relay();
        // The officer answers only while his process runs.
        static_cast<void>(town->officer(officer::ListMembers{}));
        auto joining = town->begin("bertrand", join, 600);
        town->pass(30s);
        const auto shown = on_screen(*joining);
        REQUIRE_FALSE(shown.words.empty());
        town->crash("bertrand");
        town->crash("officer");
        REQUIRE(town->officer(officer::Approve{shown.request, shown.words}).done());
        town->crash("officer");
        static_cast<void>(town->officer(officer::ListMembers{}));
        joining = town->begin("bertrand", join, 600);
        town->pass(2min);
        REQUIRE(joined(*joining));
        REQUIRE(town->send("bertrand", "alice", "me voilà").done());
        CHECK(town->read("alice", "bertrand") == std::vector<std::string>{"me voilà"});
        CHECK(std::ranges::count(acts(*town), "certify") == 2);
    }
}

TEST_CASE("an officer who dies at any write of approving has approved whole, or not at all") {
    std::size_t died = 0;
    for (std::uint64_t at = 1; at < 60; at += 3) {
        auto town = Town::with({});
        const client::Join join = town->invite_attended("bertrand");
        const auto joining = town->begin("bertrand", join, 3000);
        town->pass(5s);
        const auto shown = on_screen(*joining);
        town->machine("officer").plan({store::Trouble::Kind::Kill, at});
        static_cast<void>(town->begin_officer(officer::Approve{shown.request, shown.words}));
        town->pass(20s);
        if (!town->machine("officer").is_off()) break;
        ++died;
        town->tidy();
        // Again: it was approved already, or it is now.
        const auto again = town->officer(officer::Approve{shown.request, shown.words});
        CHECK((again.done() || again.outcome.rule == "unknown"));
        town->pass(1min);
        CHECK(joined(*joining));
        CHECK(std::ranges::count(acts(*town), "certify") == 1);
        CHECK(std::ranges::count(acts(*town), "approve") == 1);
        CHECK(town->officer(officer::ShowJournal{officer::Verification::Yes, {}}).done());
    }
    CHECK(died > 3);
}

TEST_CASE("whom the officer refuses is told so, and the invitation is withdrawn") {
    auto town = Town::with({});
    const client::Join join = town->invite_attended("bertrand");
    const auto joining = town->begin("bertrand", join, 600);
    town->pass(5s);
    REQUIRE(town->officer(officer::Refuse{"bertrand"}).done());
    town->pass(5s);
    CHECK(joining->played.outcome.rule == "invitation-spent");
    CHECK(town->play("bertrand", join).outcome.rule == "invitation-spent");
    CHECK(acts(*town).back() == "refuse");
    CHECK(town->officer(officer::Approve{"bertrand", on_screen(*joining).words}).outcome.rule ==
          "unknown");
}

TEST_CASE("what is no six words of the list is refused, and counts as no attempt") {
    auto town = Town::with({});
    const auto joining = town->begin("bertrand", town->invite_attended("bertrand"), 600);
    town->pass(5s);
    const std::string words = on_screen(*joining).words;
    for (int times = 0; times < 5; ++times) {
        for (const std::string& typed : {std::string(),
                                         words.substr(0, words.rfind(' ')),
                                         words + " apple",
                                         std::string("quux " + words)}) {
            CHECK(town->officer(officer::Approve{"bertrand", typed}).outcome.rule ==
                  "words-invalid");
        }
    }
    CHECK(town->officer(officer::Approve{"bertrand", words}).done());
}
