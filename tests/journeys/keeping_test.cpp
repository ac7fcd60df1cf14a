// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay keeps, and for how long: devices say what they have, the relay lets it go; and who
// comes too late is told so.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/verify.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using cercle::town::Town;
using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

protocol::LogId log_of_group(Town& town) {
    const auto row = town.core("alice")->conversations.group("cellule");
    REQUIRE(row.has_value());
    return row->log;
}

/// How many entries of the group the relay has at present.
std::size_t entries_at_relay(Town& town, protocol::LogId log) {
    std::size_t entries = 0;
    REQUIRE(town.store()
                .look([&](relay::LogTables& tables) -> Result<void> {
                    TRY(const auto sizes, tables.first_sizes(log, 1'000));
                    entries = sizes.size();
                    return {};
                })
                .has_value());
    return entries;
}

Texts gaps(Town& town, const std::string& home, const std::string& of) {
    Texts rules;
    const auto played = town.play(home, client::Read{of, 0, 0, client::Follow::No});
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
    }
    return rules;
}

/// Alice and Bertrand in a group that both have read.
std::unique_ptr<Town> two_in_a_group() {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    REQUIRE(town->send("alice", "cellule", "bonjour").done());
    REQUIRE(town->read("bertrand", "cellule") == Texts{"bonjour"});
    return town;
}

/// With nobody there, days pass in no time.
void pass_alone(Town& town, Duration span) {
    for (const char* home : {"alice", "bertrand", "officer"})
        town.close(home);
    town.pass(span);
}

/// Counts the acknowledgements that devices send, and answers them so, if it is said how.
std::shared_ptr<std::size_t> watch(Town& town, std::optional<protocol::Refusal> refusal) {
    auto count = std::make_shared<std::size_t>(0);
    town.its_operator().on_request(
        [count, refusal](
            town::Session /*session*/,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            if (!std::holds_alternative<protocol::Acknowledge>(request)) return std::nullopt;
            ++*count;
            if (!refusal) return std::nullopt;
            return protocol::Refused{*refusal};
        });
    return count;
}

}  // namespace

TEST_CASE("what all devices have read, the relay lets go, and they talk on") {
    auto town = two_in_a_group();
    const auto log = log_of_group(*town);
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(entries_at_relay(*town, log) > 1);
    pass_alone(*town, relay::bounds::pause_between_trims + 1min);
    CHECK(entries_at_relay(*town, log) == 0);
    CHECK(relay::verify(town->store()).has_value());
    REQUIRE(town->send("bertrand", "cellule", "et après ?").done());
    CHECK(town->read("alice", "cellule") == Texts{"bonjour", "et après ?"});
    CHECK(gaps(*town, "alice", "cellule").empty());
    CHECK(gaps(*town, "bertrand", "cellule").empty());
}

TEST_CASE("what one device has not read stays for it") {
    auto town = two_in_a_group();
    const auto log = log_of_group(*town);
    town->close("bertrand");
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    pass_alone(*town, 24h * 30);
    CHECK(entries_at_relay(*town, log) == 1);
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour", "un"});
    CHECK(gaps(*town, "bertrand", "cellule").empty());
}

TEST_CASE("who comes after the relay's retention is told of a gap, and goes on behind it") {
    auto town = two_in_a_group();
    town->close("bertrand");
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->send("alice", "cellule", "deux").done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    pass_alone(*town, relay::bounds::entry_retention + 2h);
    REQUIRE(town->send("alice", "cellule", "trois").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour", "trois"});
    CHECK(gaps(*town, "bertrand", "cellule") == Texts{"log-begins-later"});
    // Both go on, and nobody is accused of anything.
    REQUIRE(town->send("bertrand", "cellule", "quatre").done());
    REQUIRE(town->send("alice", "cellule", "cinq").done());
    CHECK(town->read("alice", "cellule").back() == "cinq");
    CHECK(gaps(*town, "alice", "cellule").empty());
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour", "trois", "quatre", "cinq"});
    CHECK(gaps(*town, "bertrand", "cellule") == Texts{"log-begins-later"});
}

TEST_CASE("who comes after the relay's retention, and nothing was said since, may speak first") {
    auto town = two_in_a_group();
    town->close("bertrand");
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    pass_alone(*town, relay::bounds::entry_retention + 2h);
    REQUIRE(town->send("bertrand", "cellule", "deux").done());
    CHECK(gaps(*town, "bertrand", "cellule") == Texts{"log-begins-later"});
    CHECK(town->read("alice", "cellule") == Texts{"bonjour", "un", "deux"});
    CHECK(gaps(*town, "alice", "cellule").empty());
}

TEST_CASE("a device acknowledges a log once, however many messages it has read") {
    auto town = two_in_a_group();
    town->close("bertrand");
    for (int at = 0; at < 30; ++at)
        REQUIRE(town->send("alice", "cellule", "texte").done());
    town->close("alice");
    const auto count = watch(*town, std::nullopt);
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(*count == 1);
    // What was told is not told again, by another process of the same home either.
    town->close("bertrand");
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(*count == 1);
}

TEST_CASE("a relay's no to an acknowledgement ends nothing, whatever it says") {
    auto town = two_in_a_group();
    for (int number = 1; number <= static_cast<int>(protocol::Refusal::Closing) + 1; ++number) {
        const auto count = watch(*town, static_cast<protocol::Refusal>(number));
        INFO("refusal " << number);
        REQUIRE(town->send("alice", "cellule", "malgré tout").done());
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(*count > 0);
        CHECK(*count < 10);
    }
    town->its_operator().be_honest();
    CHECK(town->read("bertrand", "cellule").size() == 14);
}

TEST_CASE("a device leaves out acknowledgements for a while if they end its connection") {
    auto town = two_in_a_group();
    std::size_t ends = 0;
    town->its_operator().on_frame_to_relay([&ends](town::Session /*session*/, Bytes frame) {
        // As a relay does that knows no such request: what it hears is none.
        const auto request = codec::decode<protocol::Request>(frame);
        const bool unknown =
            request && std::holds_alternative<protocol::Acknowledge>(request->body);
        if (unknown) ++ends;
        return std::vector<Bytes>{unknown ? Bytes{0xff} : std::move(frame)};
    });
    REQUIRE(town->send("alice", "cellule", "bonsoir").done());
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour", "bonsoir"});
    town->pass(10min);
    // Once for each process of each of the two.
    CHECK(ends > 0);
    CHECK(ends <= 2);
}

TEST_CASE(
    "who has missed a commit in a gap is told so, and comes back when taken out and in again") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    for (const char* home : {"bertrand", "chloe"})
        REQUIRE(town->play(home, client::Sync{0}).done());
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->read("bertrand", "cellule") == Texts{"un"});
    town->close("bertrand");
    const auto change = [&town](client::ChangeGroup::Act act, const char* whom) {
        REQUIRE(town->play("alice", client::ChangeGroup{act, "cellule", whom}).done());
    };
    change(client::ChangeGroup::Act::Remove, "chloe");
    REQUIRE(town->play("alice", client::Sync{0}).done());
    town->close("chloe");
    pass_alone(*town, relay::bounds::entry_retention + 2h);

    const auto sent = town->send("bertrand", "cellule", "deux");
    CHECK(sent.outcome.rule == "left-behind");
    CHECK(gaps(*town, "bertrand", "cellule") == Texts{"log-begins-later", "left-behind"});
    change(client::ChangeGroup::Act::Remove, "bertrand");
    change(client::ChangeGroup::Act::Add, "bertrand");
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    REQUIRE(town->send("alice", "cellule", "trois").done());
    CHECK(town->read("bertrand", "cellule").back() == "trois");
    REQUIRE(town->send("bertrand", "cellule", "quatre").done());
    CHECK(town->read("alice", "cellule").back() == "quatre");
}

TEST_CASE("attack: a relay that says stale behind a gap is believed no longer than it says so") {
    auto town = two_in_a_group();
    town->close("bertrand");
    REQUIRE(town->send("alice", "cellule", "un").done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    pass_alone(*town, relay::bounds::entry_retention + 2h);
    town->its_operator().on_request(
        [](town::Session /*session*/,
           const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            if (!std::holds_alternative<protocol::Post>(request)) return std::nullopt;
            return protocol::Refused{protocol::Refusal::Stale};
        });
    CHECK(town->send("bertrand", "cellule", "deux").outcome.rule == "left-behind");
    town->its_operator().be_honest();
    REQUIRE(town->send("bertrand", "cellule", "trois").done());
    CHECK(town->read("alice", "cellule") == Texts{"bonjour", "un", "deux", "trois"});
}

TEST_CASE("attack: a log that is said to begin where none reaches does not take a device there") {
    auto town = two_in_a_group();
    town->close("bertrand");
    REQUIRE(town->send("alice", "cellule", "un").done());
    for (const std::uint64_t since : {std::uint64_t{1} << 54U, ~std::uint64_t{0}}) {
        town->its_operator().rewrite(
            [since](town::Session /*session*/, protocol::FromRelay& frame) {
                auto* response = std::get_if<protocol::Response>(&frame);
                if (response == nullptr) return;
                auto* opened = std::get_if<protocol::Opened>(&response->body);
                if (opened != nullptr) *opened = {{since}, {since}};
            });
        static_cast<void>(town->play("bertrand", client::Sync{0}, 5));
        town->close("bertrand");
    }
    town->its_operator().be_honest();
    CHECK(town->read("bertrand", "cellule") == Texts{"bonjour", "un"});
    CHECK(gaps(*town, "bertrand", "cellule").empty());
}
