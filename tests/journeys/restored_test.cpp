// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A relay that was restored from an older backup has forgotten orders of the officer. It is given
// them again, in their order, and nobody who was shut out comes in by that. It has forgotten what
// people wrote, too: their devices give it back, if it says under its key that it was restored.

#include <catch2/catch_test_macros.hpp>

#include "access/label.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;
using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

protocol::OrderNumber last_order(Town& town) {
    protocol::OrderNumber number;
    const auto looked = town.store().look([&number](relay::LogTables& tables) -> Result<void> {
        TRY(const auto identity, tables.identity());
        number = identity.last_order;
        return {};
    });
    REQUIRE(looked.has_value());
    return number;
}

std::uint64_t devices(Town& town) {
    std::uint64_t count = 0;
    const auto looked = town.store().look([&count](relay::LogTables& tables) -> Result<void> {
        TRY(const auto counts, tables.counts());
        count = counts.devices;
        return {};
    });
    REQUIRE(looked.has_value());
    return count;
}

store::SimulatedDisk::Image image_of_relay(Town& town) {
    town.stop_relay();
    auto image = town.relay_machine().disk.image();
    town.start_relay();
    return image;
}

void put_back(Town& town, const store::SimulatedDisk::Image& image) {
    town.stop_relay();
    town.relay_machine().disk.restore(image);
    town.start_relay();
}

Texts gaps(Town& town, const std::string& home) {
    Texts rules;
    const auto played = town.play(home, client::Read{"", 0, 0, client::Follow::No});
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
    }
    return rules;
}

/// Members in a group that all have read; one message in it.
std::unique_ptr<Town> group_of(const Texts& names) {
    auto town = Town::with(names);
    REQUIRE(
        town->play(names.front(), client::CreateGroup{"cellule", {names.begin() + 1, names.end()}})
            .done());
    for (const auto& name : names)
        REQUIRE(town->play(name, client::Sync{0}).done());
    REQUIRE(town->send(names.front(), "cellule", "avant").done());
    for (const auto& name : names)
        REQUIRE(town->read(name, "cellule") == Texts{"avant"});
    return town;
}

void say(Town& town, const std::string& who, const std::string& text) {
    REQUIRE(town.send(who, "cellule", text).done());
}

protocol::ChainHash chain_of(Town& town, protocol::LogId log) {
    protocol::ChainHash chain;
    const auto looked = town.store().look([&](relay::LogTables& tables) -> Result<void> {
        TRY(const auto found, tables.find_log(log));
        if (found) chain = found->chain;
        return {};
    });
    REQUIRE(looked.has_value());
    return chain;
}

protocol::LogId log_of_group(Town& town, const std::string& home) {
    const auto row = town.core(home)->conversations.group("cellule");
    REQUIRE(row.has_value());
    return row->log;
}

}  // namespace

TEST_CASE("a restored relay is given again what the officer has ordered since the backup") {
    auto town = Town::with({"alice"});
    const auto earlier = image_of_relay(*town);
    const auto before = last_order(*town);
    for (int number = 0; number < 3; ++number)
        REQUIRE_FALSE(town->invite("nobody").invitation.empty());
    REQUIRE(town->enrol("bertrand").done());
    const auto after = last_order(*town);
    const auto known = devices(*town);
    REQUIRE(after.value > before.value + 3);

    put_back(*town, earlier);
    REQUIRE(last_order(*town) == before);
    REQUIRE(devices(*town) == known - 1);
    town->pass(std::chrono::minutes{2});
    CHECK(last_order(*town) == after);
    CHECK(devices(*town) == known);
    // And the next order comes after all of them.
    REQUIRE_FALSE(town->invite("chloe").invitation.empty());
    CHECK(last_order(*town).value == after.value + 1);
}

TEST_CASE("a relay that was restored empty is claimed and ordered again from the first order") {
    auto town = Town::with({"alice"});
    const auto after = last_order(*town);
    const auto known = devices(*town);
    town->stop_relay();
    town->relay_machine().disk.restore({});
    town->start_relay();
    REQUIRE(last_order(*town).value == 0);
    REQUIRE_FALSE(town->invite("bertrand").invitation.empty());
    CHECK(last_order(*town).value == after.value + 1);
    CHECK(devices(*town) == known);
}

TEST_CASE("an order whose answer was lost with a crash is not taken for a forgotten one") {
    auto town = Town::with({"alice"});
    const auto before = last_order(*town);
    for (std::uint64_t at = 1; at < 40; at += 3) {
        town->machine("officer").plan({store::Trouble::Kind::Kill, at});
        static_cast<void>(town->invite("nobody"));
        town->tidy();
    }
    // The last of them may not have been reached.
    town->machine("officer").disk.forget_plan();
    REQUIRE_FALSE(town->invite("bertrand").invitation.empty());
    CHECK(last_order(*town).value > before.value);
}

TEST_CASE("a restored relay is given back what devices have kept, and the conversation goes on") {
    auto town = group_of({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    say(*town, "alice", "un");
    say(*town, "bertrand", "deux");
    REQUIRE(town->read("alice", "cellule") == Texts{"avant", "un", "deux"});
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un", "deux"});
    const auto log = log_of_group(*town, "alice");
    const auto chain = chain_of(*town, log);

    town->restore_relay(backup);
    REQUIRE(chain_of(*town, log) != chain);
    town->pass(2min);
    CHECK(chain_of(*town, log) == chain);
    say(*town, "bertrand", "trois");
    say(*town, "alice", "quatre");
    const Texts all{"avant", "un", "deux", "trois", "quatre"};
    CHECK(town->read("alice", "cellule") == all);
    CHECK(town->read("bertrand", "cellule") == all);
    for (const char* who : {"alice", "bertrand"})
        CHECK(gaps(*town, who).empty());
}

TEST_CASE("who was away reads what the restored relay had forgotten and others had kept") {
    auto town = group_of({"alice", "bertrand", "chloe"});
    const auto backup = image_of_relay(*town);
    town->close("chloe");
    say(*town, "alice", "un");
    say(*town, "bertrand", "deux");
    REQUIRE(town->play("alice", client::Sync{0}).done());
    town->restore_relay(backup);
    // What he writes waits for hers: she may have more than he.
    const auto early = town->send("bertrand", "cellule", "trois");
    CHECK(early.outcome.rule == "relay-restored");
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    town->pass(2min);
    const Texts all{"avant", "un", "deux", "trois"};
    for (const char* who : {"alice", "bertrand", "chloe"}) {
        CHECK(town->read(who, "cellule") == all);
        CHECK(gaps(*town, who).empty());
    }
}

TEST_CASE("a restored relay waits for an absent device five minutes, and then goes on") {
    auto town = group_of({"alice", "bertrand", "chloe"});
    const auto backup = image_of_relay(*town);
    town->close("chloe");
    say(*town, "alice", "un");
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un"});
    town->restore_relay(backup);
    CHECK(town->send("bertrand", "cellule", "deux").outcome.rule == "relay-restored");
    town->pass(62min);
    const Texts all{"avant", "un", "deux"};
    CHECK(town->read("alice", "cellule") == all);
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    CHECK(town->read("chloe", "cellule") == all);
    CHECK(gaps(*town, "chloe").empty());
}

TEST_CASE("who came in since the backup, and who went, are so after a restore as well") {
    auto town = group_of({"alice", "bertrand", "chloe"});
    REQUIRE(town->enrol("didier").done());
    const auto backup = image_of_relay(*town);
    REQUIRE(
        town->play("alice", client::ChangeGroup{client::ChangeGroup::Act::Add, "cellule", "didier"})
            .done());
    REQUIRE(town->play("alice",
                       client::ChangeGroup{client::ChangeGroup::Act::Remove, "cellule", "chloe"})
                .done());
    say(*town, "alice", "sans chloe");
    for (const char* who : {"bertrand", "chloe", "didier"})
        REQUIRE(town->play(who, client::Sync{0}).done());
    REQUIRE(town->read("didier", "cellule") == Texts{"sans chloe"});

    town->restore_relay(backup);
    town->pass(62min);
    say(*town, "didier", "ensuite");
    say(*town, "bertrand", "enfin");
    CHECK(town->read("alice", "cellule") == Texts{"avant", "sans chloe", "ensuite", "enfin"});
    CHECK(town->read("didier", "cellule") == Texts{"sans chloe", "ensuite", "enfin"});
    CHECK(town->read("chloe", "cellule") == Texts{"avant"});
    CHECK_FALSE(town->send("chloe", "cellule", "encore").done());
}

TEST_CASE("a conversation that was begun since the backup is founded again") {
    auto town = Town::with({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    say(*town, "alice", "un");
    say(*town, "bertrand", "deux");
    REQUIRE(town->read("alice", "cellule") == Texts{"un", "deux"});
    town->restore_relay(backup);
    town->pass(3min);
    say(*town, "bertrand", "trois");
    CHECK(town->read("alice", "cellule") == Texts{"un", "deux", "trois"});
    CHECK(gaps(*town, "alice").empty());
}

TEST_CASE("a new conversation on a restored relay waits for nobody") {
    auto town = group_of({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    town->restore_relay(backup);
    REQUIRE(town->play("alice", client::CreateGroup{"autre", {"bertrand"}}).done());
    REQUIRE(town->send("alice", "autre", "un").done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("bertrand", "autre") == Texts{"un"});
}

TEST_CASE("a message that the relay took and never confirmed is there once after a restore") {
    auto town = group_of({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    // Taken, and the answer lost, and read by the other one, and not by her.
    const auto alice = town->device_key("alice");
    town->its_operator().rewrite([&town, alice](town::Session session, protocol::FromRelay& frame) {
        auto* response = std::get_if<protocol::Response>(&frame);
        if (response == nullptr || town->its_operator().device(session) != alice) return;
        const auto* read = std::get_if<protocol::Entries>(&response->body);
        if (std::holds_alternative<protocol::Posted>(response->body) ||
            (read != nullptr && !read->entries.empty())) {
            response->body = protocol::Refused{protocol::Refusal::StoreFault};
        }
    });
    CHECK_FALSE(town->play("alice", client::Send{"cellule", "un", {}}, 5).done());
    town->close("alice");
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un"});
    town->restore_relay(backup);
    town->its_operator().be_honest();
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    town->pass(2min);
    say(*town, "alice", "deux");
    const Texts all{"avant", "un", "deux"};
    CHECK(town->read("alice", "cellule") == all);
    CHECK(town->read("bertrand", "cellule") == all);
    CHECK(gaps(*town, "bertrand").empty());
}

TEST_CASE("attack: a relay that only says it lives anew, unsigned, is a relay that cut its log") {
    auto town = group_of({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    say(*town, "alice", "un");
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un"});
    const auto stands_still = [&town] {
        CHECK(town->play("bertrand", client::Sync{0}).outcome.rule == "log-cut-short");
        CHECK(town->read("bertrand", "cellule") == Texts{"avant", "un"});
    };
    SECTION("says nothing of it") {
        town->its_operator().on_request(
            [](town::Session,
               const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
                if (!std::holds_alternative<protocol::GetIncarnation>(request)) return std::nullopt;
                return protocol::Refused{protocol::Refusal::Refused};
            });
    }
    SECTION("says it under another signature") {
        town->its_operator().rewrite([](town::Session, protocol::FromRelay& frame) {
            auto* response = std::get_if<protocol::Response>(&frame);
            if (response == nullptr) return;
            auto* said = std::get_if<protocol::SignedIncarnation>(&response->body);
            if (said != nullptr) said->signature[5] ^= 1U;
        });
    }
    SECTION("says it under another key") {
        town->its_operator().rewrite([&town](town::Session, protocol::FromRelay& frame) {
            auto* response = std::get_if<protocol::Response>(&frame);
            if (response == nullptr) return;
            auto* said = std::get_if<protocol::SignedIncarnation>(&response->body);
            if (said == nullptr) return;
            const auto key =
                crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, town->random());
            said->key = key.public_key();
            said->signature = access::sign(key, access::Label::Incarnation, said->statement);
        });
    }
    SECTION("says it of another life") {
        town->restore_relay(backup);
        const auto earlier = std::make_shared<std::optional<protocol::SignedIncarnation>>();
        town->its_operator().rewrite([earlier](town::Session, protocol::FromRelay& frame) {
            auto* response = std::get_if<protocol::Response>(&frame);
            if (response == nullptr) return;
            auto* said = std::get_if<protocol::SignedIncarnation>(&response->body);
            if (said != nullptr && !*earlier) *earlier = *said;
            if (said != nullptr) *said = **earlier;
        });
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        REQUIRE(earlier->has_value());
    }
    town->restore_relay(backup);
    stands_still();
}

TEST_CASE("attack: a relay does not go back to a life that another has followed") {
    auto town = group_of({"alice", "bertrand"});
    const auto backup = image_of_relay(*town);
    town->restore_relay(backup);
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->pass(2min);
    say(*town, "alice", "un");
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un"});
    // The very first one again, of which nothing was ever signed.
    town->stop_relay();
    town->relay_machine().disk.restore(backup);
    town->start_relay();
    CHECK(town->play("bertrand", client::Sync{0}).outcome.rule == "log-cut-short");
    CHECK(town->read("bertrand", "cellule") == Texts{"avant", "un"});
}

TEST_CASE("attack: a restored relay's log that is not the one that was read is not filled up") {
    auto town = group_of({"alice", "bertrand", "chloe"});
    town->close("chloe");
    const auto backup = image_of_relay(*town);
    say(*town, "alice", "un");
    say(*town, "alice", "deux");
    REQUIRE(town->read("bertrand", "cellule") == Texts{"avant", "un", "deux"});
    for (const char* who : {"alice", "bertrand"})
        town->close(who);
    // Somebody else writes at that place, then the relay claims to have been restored.
    town->stop_relay();
    town->relay_machine().disk.restore(backup);
    town->start_relay();
    say(*town, "chloe", "autre chose");
    town->close("chloe");
    town->restore_relay(image_of_relay(*town));
    CHECK(town->play("bertrand", client::Sync{0}).outcome.rule == "log-cut-short");
    CHECK(town->read("bertrand", "cellule") == Texts{"avant", "un", "deux"});
}
