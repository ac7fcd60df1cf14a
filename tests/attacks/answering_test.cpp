// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Cards that another member answers, against whoever would answer unasked, pass for the owner, or
// close what is not his (decision 71).

#include "client/answering.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/compose.h"
#include "codec/tls.h"
#include "tests/must.h"
#include "tests/town/answering_scene.h"

namespace {

using namespace cercle;
using town::AnsweringScene;
using town::Played;
using town::Town;

/// What a device does that is not ours: says any word to anybody with whom it talks.
void say(Town& town, const std::string& from, const std::string& to, client::AnsweringWord word) {
    REQUIRE(town.play(from, client::Sync{0}).done());
    client::Core& core = *town.core(from);
    const auto log = must(client::direct_conversation(core, must(core.people.resolve(to))));
    static_cast<void>(must(client::write_content(
        core, log, envelope::answering_type, codec::encode_secret(word).reveal())));
    REQUIRE(town.play(from, client::Sync{0}).done());
    REQUIRE(town.play(to, client::Sync{0}).done());
}

template <class... Value>
void doctor(Town& town, const std::string& home, store::Sql sql, const Value&... values) {
    auto& database = town.core(home)->database;
    auto transaction = must(database.begin());
    must(transaction.run(sql, values...));
    REQUIRE(transaction.changed() > 0);
    must(std::move(transaction).commit());
}

client::AskingId asking_of(Town& town, const std::string& home, const std::string& label) {
    const auto row = must(town.core(home)->database.one<client::AskingId>(
        "SELECT asking FROM answered_cards WHERE label = ?1", label));
    REQUIRE(row.has_value());
    return std::get<0>(*row);
}

std::vector<std::string> gaps(const Played& played) {
    std::vector<std::string> rules;
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
    }
    return rules;
}

Played read_all(Town& town, const std::string& home) {
    return town.play(home, client::Read{{}, 0, 0, client::Follow::No});
}

}  // namespace

TEST_CASE("attack: who answers a card cannot pass for its owner, nor name another one") {
    for (const bool silent : {true, false}) {
        INFO(silent);
        AnsweringScene scene;
        const auto card = scene.made("Zoé");
        REQUIRE(scene.open("zoe", *card.text, "I am Zoé").done());
        const auto claim = scene.request();
        if (silent) {
            // A binding as of an ordinary card: its author is whoever is named in it.
            doctor(*scene.town, "bertrand", "UPDATE answering SET stage = 3");
        } else {
            doctor(*scene.town, "bertrand", "UPDATE answering SET owner = 'The President'");
        }
        REQUIRE(scene.confirm(claim).done());
        REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
        CHECK(gaps(read_all(*scene.town, "zoe")) == std::vector<std::string>{"forged"});
        CHECK(scene.town->play("zoe", client::ListConversations{})
                  .first<client::ConversationShown>()
                  .state == "new");
        const auto contact =
            scene.town->play("zoe", client::ListContacts{}).first<client::Contact>();
        CHECK(contact.name == "who answers this card");
        CHECK(contact.role.empty());
        CHECK(scene.town->send("zoe", "who answers this card", "hello").outcome.rule ==
              "not-a-member");
    }
}

TEST_CASE(
    "attack: a member shows no card as answered for somebody who has not asked for that one") {
    AnsweringScene scene;
    // He answers one card of hers, and would have her word on it stand on a card of his own.
    const auto hers = scene.made("Zoé");
    const auto his = scene.town->play("bertrand", client::CreateCard{"Max", "ring"});
    REQUIRE(his.done());
    const auto card = protocol::CardId::from_hex(his.first<client::CardShown>().card);
    doctor(*scene.town,
           "bertrand",
           "INSERT INTO answering (asking, member, log, label, tier, hours, budget, stage, card,"
           " answering, answerer, owner, salt, told) SELECT ?1, member, log, 'Max', tier, hours,"
           " budget, 2, ?2, answering, answerer, owner, salt, 5 FROM answering",
           client::AskingId::random(scene.town->random()),
           *card);
    doctor(*scene.town, "bertrand", "UPDATE cards SET put = 1 WHERE card = ?1", *card);
    REQUIRE(scene.town->play("bertrand", client::Sync{0}).done());
    CHECK(scene.open("max", *his.first<client::CardShown>().text, "I am Max").outcome.rule ==
          "forged");
    CHECK(scene.request().request.empty());
    // Nor does he hand out hers as his own: the key in its code has said who answers it, alone.
    const auto code = identity::CardCode::parse(*hers.text, scene.town->loop().clock().wall());
    REQUIRE(code.has_value());
    const auto own =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, scene.town->random());
    auto forged = identity::CardCode{code->relay,
                                     code->relay_key,
                                     client::public_id<identity::CardKey>(own),
                                     code->secret.copy(),
                                     code->expires};
    CHECK(scene.open("zoe", forged.to_text()).outcome.rule == "forged");
}

TEST_CASE("attack: nobody but who was asked makes the card, and nobody else says how it stands") {
    AnsweringScene scene;
    scene.town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(scene.ask("Zoé").done());
    const auto asking = asking_of(*scene.town, "alice", "Zoé");
    Secret secret(identity::card_secret_size);
    say(*scene.town,
        "chloe",
        "alice",
        {client::answering_word_version,
         client::Made{
             asking, std::move(secret), identity::AnsweringKey::random(scene.town->random())}});
    CHECK(scene.card("alice", "Zoé").card == asking.hex());
    for (const auto standing : {client::Standing::Open, client::Standing::Closed}) {
        say(*scene.town,
            "chloe",
            "alice",
            {client::answering_word_version, client::StandingTold{asking, standing, 7}});
        CHECK(scene.card("alice", "Zoé").state == "asked");
        CHECK(scene.card("alice", "Zoé").leaked == 0);
    }
    REQUIRE(scene.confirm(scene.request()).done());
    scene.settle();
    CHECK(scene.card("alice", "Zoé").state == "open");
    // Nor does who was asked give her another one later.
    const auto before = scene.card("alice", "Zoé");
    say(*scene.town,
        "bertrand",
        "alice",
        {client::answering_word_version,
         client::Made{asking,
                      Secret(identity::card_secret_size),
                      identity::AnsweringKey::random(scene.town->random())}});
    CHECK(scene.card("alice", "Zoé").card == before.card);
    CHECK(scene.card("alice", "Zoé").text == before.text);
}

TEST_CASE("attack: nobody but its owner closes or renews an answered card") {
    AnsweringScene scene;
    scene.town = Town::with({"alice", "bertrand", "chloe"});
    scene.bind("Zoé", "zoe");
    const auto asking = asking_of(*scene.town, "alice", "Zoé");
    say(*scene.town,
        "chloe",
        "bertrand",
        {client::answering_word_version, client::EndOfAsking{asking}});
    client::Ask instead;
    instead.asking = client::AskingId::random(scene.town->random());
    instead.instead = asking;
    instead.label = "Zoé";
    instead.budget = 20;
    say(*scene.town, "chloe", "bertrand", {client::answering_word_version, instead});
    CHECK(scene.card("bertrand", "Zoé").state == "bound");
    // It is one more request, and says who asks.
    CHECK(scene.request().member == "chloe");
    // Nor does she attest what bertrand makes for alice, or take alice's asking for hers.
    client::Ask same = instead;
    same.asking = asking;
    say(*scene.town, "chloe", "bertrand", {client::answering_word_version, same});
    REQUIRE(scene.town->send("zoe", "bertrand", "still here").done());
    CHECK(scene.card("alice", "Zoé").state == "bound");
    // A card of his own is no matter of hers either.
    REQUIRE(scene.town->play("bertrand", client::CreateCard{"Max"}).done());
    const auto max = scene.card("bertrand", "Max");
    say(*scene.town,
        "alice",
        "bertrand",
        {client::answering_word_version,
         client::EndOfAsking{*client::AskingId::from_hex(max.card)}});
    CHECK(scene.card("bertrand", "Max").state == "open");
}

TEST_CASE("attack: what is said of answered cards elsewhere than between the two is passed over") {
    AnsweringScene scene;
    scene.bind("Zoé", "zoe");
    const auto asking = asking_of(*scene.town, "alice", "Zoé");
    REQUIRE(scene.town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    client::Core& core = *scene.town->core("alice");
    const auto group = must(core.conversations.group("cellule"));
    const client::AnsweringWord word{client::answering_word_version, client::EndOfAsking{asking}};
    static_cast<void>(must(client::write_content(
        core, group.log, envelope::answering_type, codec::encode_secret(word).reveal())));
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    CHECK(gaps(scene.town->play("bertrand", client::Read{"cellule", 0, 0, client::Follow::No})) ==
          std::vector<std::string>{"policy-violated"});
    CHECK(scene.card("bertrand", "Zoé").state == "bound");
}

TEST_CASE("attack: a member who asks for a thousand cards fills nobody's list of requests") {
    AnsweringScene scene;
    for (int number = 0; number < 40; ++number)
        static_cast<void>(scene.town->play(
            "alice",
            client::CreateCard{"Zoé " + std::to_string(number), "ring", {}, 0, {}, "bertrand"}));
    const auto played = scene.town->play("bertrand", client::ListRequests{});
    CHECK(std::ranges::count_if(played.events, [](const auto& event) {
              return std::holds_alternative<client::RequestShown>(event);
          }) == client::most_askings);
}
