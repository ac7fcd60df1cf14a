// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Answers: a message that names another one, and what cannot be done with that.

#include <catch2/catch_test_macros.hpp>

#include "tests/town/town.h"

namespace {

using cercle::town::Played;
using cercle::town::Town;
namespace client = cercle::client;

client::Message last_message(Town& town, const std::string& home, const std::string& of) {
    client::Message last;
    for (const auto& event : town.play(home, client::Read{of}).events) {
        if (const auto* message = std::get_if<client::Message>(&event)) last = *message;
    }
    return last;
}

Played answer(Town& town,
              const std::string& from,
              const std::string& to,
              const std::string& text,
              const std::string& reply,
              const std::string& id = {}) {
    return town.play(from, client::Send{to, text, id, {}, reply});
}

std::string sent_id(const Played& played) {
    return played.first<client::Sent>().id;
}

}  // namespace

TEST_CASE("an answer names the message it answers to, on its author's device and on others") {
    auto town = Town::with({"alice", "bertrand"});
    const auto question = town->send("alice", "bertrand", "à quelle heure ?");
    REQUIRE(town->read("bertrand", "alice").size() == 1);
    REQUIRE(answer(*town, "bertrand", "alice", "à 9 h", sent_id(question)).done());
    for (const auto& [home, of] :
         {std::pair("alice", "bertrand"), std::pair("bertrand", "alice")}) {
        const auto message = last_message(*town, home, of);
        CHECK(message.text == "à 9 h");
        REQUIRE(message.reply_to.has_value());
        CHECK(message.reply_to->message == sent_id(question));
        CHECK(message.reply_to->sender_name == "alice");
        CHECK(message.reply_to->text == "à quelle heure ?");
    }
}

TEST_CASE("an answer to what never came to a device is read there as an answer to something") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    const auto question = town->send("alice", "cellule", "avant chloe");
    using Act = client::ChangeGroup::Act;
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(answer(*town, "bertrand", "cellule", "oui", sent_id(question)).done());
    const auto message = last_message(*town, "chloe", "cellule");
    CHECK(message.text == "oui");
    REQUIRE(message.reply_to.has_value());
    CHECK(message.reply_to->message.size() == 64);  // the reference, since there is no id
    CHECK(message.reply_to->sender.empty());
    CHECK(message.reply_to->text.empty());
}

TEST_CASE("attack: who takes another's message id for his own words is not quoted in their place") {
    auto town = Town::with({"alice", "bertrand", "mallory"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "mallory"}}).done());
    const auto honest = town->send("alice", "cellule", "vote pour A");
    const std::string id = sent_id(honest);
    REQUIRE(town->read("bertrand", "cellule").size() == 1);
    REQUIRE(answer(*town, "bertrand", "cellule", "d’accord", id).done());
    REQUIRE(town->play("mallory", client::Send{"cellule", "vote pour B", id}).done());
    const auto lines = town->play("alice", client::Read{"cellule"});
    for (const auto& event : lines.events) {
        const auto* message = std::get_if<client::Message>(&event);
        if (message == nullptr || message->text != "d’accord") continue;
        CHECK(message->reply_to->text == "vote pour A");
        CHECK(message->reply_to->sender_name == "alice");
    }
    // Nor is anybody made to choose one of the two unawares.
    REQUIRE(town->read("bertrand", "cellule").size() == 3);
    CHECK(answer(*town, "bertrand", "cellule", "oui", id).outcome.rule == "ambiguous");
}

TEST_CASE("an answer is to a message of its own conversation, and to nothing else") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    const auto elsewhere = town->send("alice", "chloe", "entre nous");
    CHECK(answer(*town, "alice", "bertrand", "x", sent_id(elsewhere)).outcome.rule == "unknown");
    CHECK(answer(*town, "alice", "bertrand", "x", "zz").outcome.rule == "invalid-argument");
    CHECK(town->read("bertrand", "alice").empty());
}

TEST_CASE("the same id for the same words as another answer is refused") {
    auto town = Town::with({"alice", "bertrand"});
    const auto one = town->send("alice", "bertrand", "un");
    const auto two = town->send("alice", "bertrand", "deux");
    const std::string id = "00112233445566778899aabbccddeeff";
    REQUIRE(answer(*town, "alice", "bertrand", "oui", sent_id(one), id).done());
    CHECK(answer(*town, "alice", "bertrand", "oui", sent_id(one), id).done());
    CHECK(answer(*town, "alice", "bertrand", "oui", sent_id(two), id).outcome.rule == "id-reused");
    CHECK(town->read("bertrand", "alice").size() == 3);
}

TEST_CASE("an answer that had to be encrypted anew still answers to the same message") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    const auto question = town->send("alice", "cellule", "qui vient ?");
    REQUIRE(town->read("bertrand", "cellule").size() == 1);
    town->crash_relay();
    const auto written =
        town->play("bertrand", client::Send{"cellule", "moi", {}, {}, sent_id(question)}, 2);
    REQUIRE(written.outcome.exit == client::Exit::Queued);
    town->start_relay();
    town->pass(std::chrono::seconds(120));
    const auto message = last_message(*town, "alice", "cellule");
    CHECK(message.text == "moi");
    REQUIRE(message.reply_to.has_value());
    CHECK(message.reply_to->text == "qui vient ?");
}
