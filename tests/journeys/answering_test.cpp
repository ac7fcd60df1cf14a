// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A card that another member answers (decision 71): asked for, agreed to, handed over, claimed,
// talked by, closed, renewed and given up; and what its owner, who answers, and the guest see of
// it.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/answering_scene.h"

namespace {

using namespace cercle;
using town::AnsweringScene;
using town::Played;
using town::Town;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a card is answered by another member, and all three see who answers and for whom") {
    AnsweringScene scene;
    const auto asked = scene.ask("Zoé (Le Monde)");
    REQUIRE(asked.done());
    const auto before = asked.first<client::CardShown>();
    CHECK(before.state == "asked");
    CHECK(before.answered_by == "bertrand");
    CHECK_FALSE(before.text.has_value());

    const auto request = scene.request();
    CHECK(request.kind == "answering");
    CHECK(request.member == "alice");
    CHECK(request.text == "Zoé (Le Monde)");
    REQUIRE(scene.confirm(request).done());
    CHECK(scene.request().request.empty());
    scene.settle();

    const auto card = scene.card("alice", "Zoé (Le Monde)");
    CHECK(card.state == "open");
    CHECK(card.answered_by == "bertrand");
    CHECK(card.answers_for.empty());
    REQUIRE(card.text.has_value());
    const auto theirs = scene.card("bertrand", "Zoé (Le Monde)");
    CHECK(theirs.card == card.card);
    CHECK(theirs.answers_for == "alice");
    CHECK(theirs.answered_by.empty());

    // The claim waits at who answers, and nowhere else.
    const auto opened = scene.open("zoe", *card.text, "Bonjour, c’est Zoé.");
    REQUIRE(opened.done());
    CHECK(std::ranges::any_of(town::CardScene::notices(opened), [](const auto& notice) {
        return notice.contains("has another person answer it");
    }));
    const auto claim = scene.request();
    CHECK(claim.kind == "claim");
    CHECK(claim.words == opened.first<client::RequestShown>().words);
    CHECK(scene.town->play("alice", client::ListRequests{})
              .first<client::RequestShown>()
              .request.empty());
    REQUIRE(scene.confirm(claim).done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    const auto contact = scene.town->play("zoe", client::ListContacts{}).first<client::Contact>();
    CHECK(contact.name == "bertrand");
    CHECK(contact.role == "answers for alice");

    REQUIRE(scene.town->send("zoe", "bertrand", "une question").done());
    REQUIRE(scene.town->send("bertrand", "Zoé (Le Monde)", "une réponse").done());
    CHECK(scene.town->read("bertrand", "Zoé (Le Monde)") ==
          Texts{"Bonjour, c’est Zoé.", "une question", "une réponse"});
    CHECK(scene.town->read("zoe", "bertrand") == Texts{"une question", "une réponse"});

    // The owner sees that it is bound, and no word of what is said; nor can she say any.
    CHECK(scene.card("alice", "Zoé (Le Monde)").state == "bound");
    CHECK_FALSE(scene.card("alice", "Zoé (Le Monde)").text.has_value());
    CHECK(scene.town->send("alice", "Zoé (Le Monde)", "me too").outcome.rule ==
          "answered-elsewhere");
    CHECK(scene.town->play("alice", client::Read{"Zoé (Le Monde)", 0, 0, client::Follow::No})
              .outcome.rule == "answered-elsewhere");
    // Of the control messages, no timeline shows any.
    CHECK(scene.town->read("alice", "bertrand").empty());
    CHECK(scene.town->read("bertrand", "alice").empty());
}

TEST_CASE("two keys and two devices: nothing of the owner's is in a card that another answers") {
    AnsweringScene scene;
    const auto card = scene.made("Zoé");
    const auto count = [&scene](const std::string& home, store::Sql sql) {
        const auto row = scene.town->core(home)->database.one<std::int64_t>(sql);
        REQUIRE((row && *row));
        return std::get<0>(**row);
    };
    CHECK(count("alice", "SELECT count(*) FROM cards") == 0);
    CHECK(count("alice", "SELECT count(*) FROM card_keys") == 0);
    CHECK(count("bertrand", "SELECT count(*) FROM cards") == 1);
    const auto code = identity::CardCode::parse(*card.text, scene.town->loop().clock().wall());
    REQUIRE(code.has_value());
    const auto key =
        scene.town->core("bertrand")->database.one<Secret>("SELECT card_key FROM cards");
    REQUIRE((key && *key));
    const auto own = crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                                     std::get<0>(**key).reveal());
    REQUIRE(own.has_value());
    CHECK(client::public_id<identity::CardKey>(*own) != code->key);
}

TEST_CASE("who is asked to answer a card may refuse, and its owner sees that") {
    AnsweringScene scene;
    REQUIRE(scene.ask("Zoé").done());
    const auto request = scene.request();
    REQUIRE(scene.town->play("bertrand", client::RefuseRequest{request.request}).done());
    CHECK(scene.request().request.empty());
    CHECK(scene.town->play("bertrand", client::ConfirmRequest{request.request}).outcome.rule ==
          "unknown");
    CHECK(scene.card("alice", "Zoé").state == "refused");
    // The label is free again.
    REQUIRE(scene.town->play("alice", client::CreateCard{"Zoé"}).done());
}

TEST_CASE("an answered card is asked for, agreed to and closed while others are away") {
    AnsweringScene scene;
    scene.town->close("bertrand");
    const std::string id = "00112233445566778899aabbccddeeff";
    client::CreateCard wish{"Zoé", "ring", {}, 0, id, "bertrand"};
    const auto first = scene.town->play("alice", wish).first<client::CardShown>();
    scene.town->crash("alice");
    CHECK(scene.town->play("alice", wish).first<client::CardShown>().card == first.card);
    scene.town->close("alice");
    const auto request = scene.request();
    scene.town->crash_relay();
    CHECK(scene.town->play("bertrand", client::ConfirmRequest{request.request}, 5).outcome.exit ==
          client::Exit::Queued);
    scene.town->crash("bertrand");
    scene.town->start_relay();
    REQUIRE(scene.town->play("bertrand", client::ConfirmRequest{request.request}).done());
    CHECK(scene.card("bertrand", "Zoé").state == "asked");
    scene.settle();
    CHECK(scene.card("alice", "Zoé").state == "open");
    // Closed while who answers is away: it says so until he is back.
    scene.town->close("bertrand");
    REQUIRE(scene.town->play("alice", client::CloseCard{"Zoé"}).done());
    CHECK(scene.card("alice", "Zoé").state == "closing");
    REQUIRE(scene.town->play("bertrand", client::Sync{0}).done());
    CHECK(scene.closed("alice", "Zoé"));
    CHECK(scene.closed("bertrand", "Zoé"));
    CHECK(scene.open("zoe", *scene.opened_code).outcome.rule == "invitation-spent");
}

TEST_CASE("what nobody has made yet is closed at once, and its request is gone") {
    AnsweringScene scene;
    REQUIRE(scene.ask("Zoé").done());
    const auto request = scene.request();
    REQUIRE(scene.town->play("alice", client::CloseCard{"Zoé"}).done());
    CHECK(scene.closed("alice", "Zoé"));
    CHECK(scene.request().request.empty());
    CHECK(scene.town->play("bertrand", client::ConfirmRequest{request.request}).outcome.rule ==
          "unknown");
}

TEST_CASE(
    "its owner renews an answered card without asking again, and who answers may give it up") {
    AnsweringScene scene;
    scene.bind("Zoé", "zoe");
    const std::string old = scene.card("alice", "Zoé").card;
    REQUIRE(scene.town->play("alice", client::RenewCards{client::RenewCards::Which::This, "Zoé"})
                .done());
    scene.settle();
    CHECK(scene.request().request.empty());
    const auto renewed = scene.card("alice", "Zoé");
    CHECK(renewed.state == "open");
    CHECK(renewed.card != old);
    REQUIRE(renewed.text.has_value());
    CHECK_FALSE(scene.town->send("zoe", "bertrand", "encore ?").done());
    REQUIRE(scene.open("zoe again", *renewed.text).done());
    REQUIRE(scene.confirm(scene.request()).done());
    REQUIRE(scene.town->play("zoe again", client::Sync{0}).done());
    REQUIRE(scene.town->send("zoe again", "bertrand", "me revoilà").done());
    // Who answers does not renew it: the code would lack the owner's word.
    CHECK(scene.town->play("bertrand", client::RenewCards{client::RenewCards::Which::This, "Zoé"})
              .outcome.rule == "unsupported");
    REQUIRE(scene.town->play("bertrand", client::CloseCard{"Zoé"}).done());
    CHECK(scene.closed("alice", "Zoé"));
    CHECK(
        scene.town->play("alice", client::RenewCards{client::RenewCards::Which::This, renewed.card})
            .outcome.rule == "invalid-argument");
}

TEST_CASE(
    "one gesture renews what is answered here and elsewhere, but what one answers for others") {
    AnsweringScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->play("alice", client::CreateCard{"Max"}).done());
    REQUIRE(scene.town->play("alice", client::CreateCard{"Ida"}).done());
    const auto zoe = scene.card("alice", "Zoé").card;
    const auto max = scene.card("alice", "Max").card;
    const auto ida = scene.card("alice", "Ida").card;
    using Which = client::RenewCards::Which;
    REQUIRE(scene.town->play("alice", client::RenewCards{Which::AllBut, "Ida"}).done());
    scene.settle();
    CHECK(scene.card("alice", "Zoé").card != zoe);
    CHECK(scene.card("alice", "Max").card != max);
    CHECK(scene.card("alice", "Ida").card == ida);
    const auto mine = scene.card("bertrand", "Zoé").card;
    REQUIRE(scene.town->play("bertrand", client::CreateCard{"Eve"}).done());
    const auto left = scene.town->play("bertrand", client::RenewCards{Which::AllBut, "Eve"});
    REQUIRE(left.done());
    CHECK(town::CardScene::notices(left).size() == 1);
    CHECK(scene.card("bertrand", "Zoé").card == mine);
    // The one that is left may be the answered one.
    REQUIRE(scene.town->play("alice", client::RenewCards{Which::AllBut, "Zoé"}).done());
    scene.settle();
    CHECK(scene.card("alice", "Zoé").card == mine);
    CHECK(scene.card("alice", "Ida").card != ida);
}

TEST_CASE("the leak of an answered card is told to its owner and to who answers it") {
    AnsweringScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    CHECK_FALSE(scene.open("thief", *scene.opened_code, "I am Zoé").done());
    const auto at_secretary =
        town::CardScene::notices(scene.town->play("bertrand", client::Sync{0}));
    REQUIRE(at_secretary.size() == 1);
    CHECK(at_secretary.front().contains("which you answer for alice, was used by someone else"));
    const auto at_owner = town::CardScene::notices(scene.town->play("alice", client::Sync{0}));
    REQUIRE(at_owner.size() == 1);
    CHECK(at_owner.front().contains("the card you gave to Zoé, which bertrand answers, was used"));
    CHECK(scene.card("alice", "Zoé").leaked > 0);
    CHECK(town::CardScene::notices(scene.town->play("alice", client::Sync{0})).empty());
}

TEST_CASE("the policy of cards binds who asks and who answers") {
    AnsweringScene scene;
    const auto rule = [&scene](const std::string& text) {
        REQUIRE(scene.town->officer(officer::SetPolicy{{text}}).done());
        REQUIRE(scene.town->play("bertrand", client::Sync{0}).done());
    };
    REQUIRE(scene.ask("Zoé").done());
    const auto request = scene.request();
    rule("cards.tier=note");
    CHECK(scene.confirm(request).outcome.rule == "policy-tier");
    CHECK(scene.ask("Max").outcome.rule == "policy-tier");
    rule("cards=nobody");
    CHECK(scene.ask("Max").outcome.rule == "policy-cards");
    rule("cards=");
    rule("cards.tier=");
    REQUIRE(scene.confirm(request).done());
}

TEST_CASE("nobody asks himself, nor whom he does not see, nor twice under one label") {
    AnsweringScene scene;
    CHECK(
        scene.town->play("alice", client::CreateCard{"Zoé", {}, {}, 0, {}, "alice"}).outcome.rule ==
        "invalid-argument");
    CHECK(scene.town->play("alice", client::CreateCard{"Zoé", {}, {}, 0, {}, "nobody"})
              .outcome.rule == "unknown");
    REQUIRE(scene.ask("Zoé").done());
    CHECK(scene.ask("Zoé").outcome.rule == "already-exists");
    CHECK(scene.town->play("alice", client::CreateCard{"Zoé"}).outcome.rule == "already-exists");

    const auto sections = Town::in_sections({{"alice", {"north"}}, {"chloe", {"south"}}});
    CHECK(sections->play("alice", client::CreateCard{"Zoé", {}, {}, 0, {}, "chloe"}).outcome.rule ==
          "unknown");
}

TEST_CASE("the lost phone of who answers closes what it answered, and its owner sees that") {
    AnsweringScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->officer(officer::ReportLost{"bertrand"}).done());
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    CHECK(scene.closed("alice", "Zoé"));
    CHECK_FALSE(scene.town->send("zoe", "bertrand", "allô ?").done());
    REQUIRE(scene.town->play("alice", client::CreateCard{"Zoé"}).done());
}

TEST_CASE("a restored relay is told an answered card anew, by the code that was handed over") {
    AnsweringScene scene;
    const auto backup = scene.town->relay_machine().disk.image();
    const auto card = scene.made("Zoé");
    scene.town->restore_relay(backup);
    scene.town->pass(std::chrono::minutes(6));
    scene.settle();
    REQUIRE(scene.open("zoe", *card.text).done());
    REQUIRE(scene.confirm(scene.request()).done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    CHECK(scene.town->play("zoe", client::ListContacts{}).first<client::Contact>().role ==
          "answers for alice");
}
