// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Cards, from their making to the letters that go by them both ways: an owner in the circle, and
// people outside of it.

#include "identity/card.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/town/card_scene.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::CardScene;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a card is made, opened, compared by six words and confirmed, and both ends talk") {
    CardScene scene;
    const std::string code = scene.make("Zoé (Le Monde)");
    CHECK(code.starts_with("CERCLE:"));
    CHECK(scene.card("Zoé (Le Monde)").state == "open");

    const auto opened = scene.open("zoe", code, "Bonjour, c’est Zoé.");
    REQUIRE(opened.done());
    const auto own = opened.first<client::RequestShown>();
    const auto asked = scene.request();
    CHECK(asked.kind == "claim");
    CHECK(asked.member == "Zoé (Le Monde)");
    CHECK(asked.text == "Bonjour, c’est Zoé.");
    CHECK(std::ranges::count(asked.words, ' ') == 5);
    CHECK(asked.words == own.words);
    CHECK(scene.card("Zoé (Le Monde)").state == "claimed");

    // Until then it can only knock.
    CHECK(scene.town->send("zoe", "the owner of this card", "hello?").outcome.rule ==
          "not-a-member");
    REQUIRE(scene.confirm().done());
    CHECK(scene.card("Zoé (Le Monde)").state == "bound");
    CHECK(scene.request().request.empty());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());

    REQUIRE(scene.town->send("zoe", "alice", "une question").done());
    CHECK(scene.read("alice", "Zoé (Le Monde)") == Texts{"Bonjour, c’est Zoé.", "une question"});
    const auto answer = scene.town->send("alice", "Zoé (Le Monde)", "une réponse");
    REQUIRE(answer.done());
    CHECK(answer.first<client::Sent>().state == "durable");
    CHECK(scene.read("zoe", "alice") == Texts{"une question", "une réponse"});
    for (int turn = 0; turn < 5; ++turn) {
        REQUIRE(scene.town->send("zoe", "alice", "q" + std::to_string(turn)).done());
        REQUIRE(scene.town->send("alice", "Zoé (Le Monde)", "r" + std::to_string(turn)).done());
    }
    CHECK(scene.read("alice", "Zoé (Le Monde)").size() == 13);
    CHECK(scene.read("zoe", "alice").size() == 12);
}

TEST_CASE("a guest has exactly one contact, and can do nothing but write to him and read") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const auto contacts = scene.town->play("zoe", client::ListContacts{});
    REQUIRE(contacts.done());
    CHECK(std::ranges::count_if(contacts.events, [](const auto& event) {
              return std::holds_alternative<client::Contact>(event);
          }) == 1);
    CHECK(contacts.first<client::Contact>().name == "alice");
    CHECK(scene.town->send("zoe", "bertrand", "hello").outcome.rule == "unknown");
    for (const client::Command& command : {client::Command{client::CreateGroup{"g", {"alice"}}},
                                           client::Command{client::CreateCard{"x"}},
                                           client::Command{client::ListDevices{}},
                                           client::Command{client::Fetch{"00", {}}}}) {
        CHECK(scene.town->play("zoe", command).outcome.rule == "unsupported");
    }
    client::Send file{"alice", "", {}};
    file.file = to_bytes("/etc/hostname");
    CHECK(scene.town->play("zoe", file).outcome.rule == "unsupported");
}

TEST_CASE("what is decided without a relay is kept over a crash and done when there is one") {
    CardScene scene;
    scene.town->crash_relay();
    const auto made = scene.town->play("alice", client::CreateCard{"Zoé", "knock", {}, 0}, 5);
    CHECK(made.outcome.exit == client::Exit::Queued);
    const std::string code = made.first<client::CardShown>().text.value_or("");
    REQUIRE_FALSE(code.empty());
    scene.town->crash("alice");
    // Who opens it early waits as well.
    CHECK(scene.town->play("zoe", client::Join{code, {}, "I am Zoe"}, 5).outcome.exit ==
          client::Exit::Timeout);
    scene.town->crash("zoe");
    scene.town->start_relay();
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    REQUIRE(scene.open("zoe", code, "I am Zoe").done());
    const auto request = scene.request();
    CHECK(request.text == "I am Zoe");
    scene.town->crash_relay();
    CHECK(scene.town->play("alice", client::ConfirmRequest{request.request}, 5).outcome.exit ==
          client::Exit::Queued);
    CHECK(scene.town->play("alice", client::Send{"Zoé", "come in", {}}, 5).outcome.exit ==
          client::Exit::Queued);
    scene.town->crash("alice");
    scene.town->start_relay();
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    CHECK(scene.read("zoe", "alice") == Texts{"come in"});
    scene.town->crash_relay();
    CHECK(scene.town->play("zoe", client::Send{"alice", "thank you", {}}, 5)
              .first<client::Sent>()
              .state == "queued");
    scene.town->crash("zoe");
    scene.town->start_relay();
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoe", "come in", "thank you"});
}

TEST_CASE("the same card is made once, and the same text sent once, however often it is asked") {
    CardScene scene;
    const std::string id = "00112233445566778899aabbccddeeff";
    const client::CreateCard wish{"Zoé", "ring", {}, 0, id};
    const auto first = scene.town->play("alice", wish).first<client::CardShown>();
    const auto again = scene.town->play("alice", wish).first<client::CardShown>();
    CHECK(first.card == again.card);
    CHECK(first.text == again.text);
    CHECK(scene.town->play("alice", client::CreateCard{"Zoé"}).outcome.rule == "already-exists");
    REQUIRE(scene.open("zoe", *first.text).done());
    REQUIRE(scene.open("zoe", *first.text).done());
    const auto request = scene.request();
    REQUIRE(scene.town->play("alice", client::ConfirmRequest{request.request}).done());
    REQUIRE(scene.town->play("alice", client::ConfirmRequest{request.request}).done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    REQUIRE(scene.town->play("zoe", client::Send{"alice", "once", id}).done());
    REQUIRE(scene.town->play("zoe", client::Send{"alice", "once", id}).done());
    CHECK(scene.town->play("zoe", client::Send{"alice", "twice", id}).outcome.rule == "id-reused");
    REQUIRE(scene.town->play("alice", client::Send{"Zoé", "once", id}).done());
    REQUIRE(scene.town->play("alice", client::Send{"Zoé", "once", id}).done());
    CHECK(scene.read("alice", "Zoé") == Texts{"once", "once"});
    CHECK(scene.read("zoe", "alice") == Texts{"once", "once"});
}

TEST_CASE("a closed card ends both ways, and disturbs no other") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    scene.bind("Max", "max");
    REQUIRE(scene.town->play("alice", client::CloseCard{"Zoé"}).done());
    CHECK(scene.card("Zoé").card.empty());
    CHECK(scene.town->send("zoe", "alice", "hello?").outcome.rule == "not-a-member");
    CHECK(scene.town->send("alice", "Zoé", "hello?").outcome.rule == "not-a-member");
    REQUIRE(scene.town->send("max", "alice", "still here").done());
    CHECK(scene.read("alice", "Max") == Texts{"I am Max", "still here"});
    // Closing is no leak, though he still tries.
    CHECK(CardScene::notices(scene.town->play("alice", client::Sync{0})).empty());
}

TEST_CASE("one gesture renews all cards but one, on the same terms") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    scene.bind("Max", "max");
    const std::string old = scene.make("Ida", "note");
    const auto renewed =
        scene.town->play("alice", client::RenewCards{client::RenewCards::Which::AllBut, "Zoé"});
    REQUIRE(renewed.done());
    std::vector<client::CardShown> made;
    for (const auto& event : renewed.events) {
        if (const auto* card = std::get_if<client::CardShown>(&event)) made.push_back(*card);
    }
    REQUIRE(made.size() == 2);
    CHECK(std::ranges::all_of(made, [](const auto& card) { return card.text.has_value(); }));
    CHECK(scene.card("Zoé").state == "bound");
    CHECK(scene.card("Max").state == "open");
    CHECK(scene.card("Ida").tier == "note");
    CHECK(scene.open("ida", old).outcome.rule == "invitation-spent");
    const auto next = std::ranges::find(made, "Ida", &client::CardShown::label);
    REQUIRE(scene.open("ida", *next->text).done());
    REQUIRE(scene.town->send("zoe", "alice", "undisturbed").done());
}

TEST_CASE("a renewal that is asked for once more renews nothing once more") {
    CardScene scene;
    for (const char* label : {"Zoé", "Max", "Ida"})
        static_cast<void>(scene.make(label));
    const auto renew = [&scene](const client::RenewCards& wish) {
        const auto renewed = scene.town->play("alice", wish);
        REQUIRE(renewed.done());
        Texts made;
        for (const auto& event : renewed.events) {
            if (const auto* card = std::get_if<client::CardShown>(&event)) {
                made.push_back(card->label + " " + card->card + " " + card->text.value_or(""));
            }
        }
        return made;
    };
    using Which = client::RenewCards::Which;
    const client::RenewCards one{Which::This, "Zoé", "00112233445566778899aabbccddeeff"};
    const auto first = renew(one);
    CHECK(first.size() == 1);
    CHECK(renew(one) == first);
    const client::RenewCards rest{Which::AllBut, "Zoé", "00112233445566778899aabbccddee00"};
    const auto both = renew(rest);
    CHECK(both.size() == 2);
    CHECK(renew(rest) == both);
    // By another wish it is another one.
    CHECK(renew({Which::This, "Zoé", {}}) != first);
    CHECK(renew(one) == Texts{first.front().substr(0, first.front().rfind(' ') + 1)});
}

TEST_CASE("what a letter does is its card's tier: it rings, knocks, is noted, or does not come") {
    CardScene scene;
    for (const auto& [tier, expected] : std::vector<std::pair<std::string, std::string>>{
             {"ring", "ring"}, {"knock", "knock"}, {"note", "none"}}) {
        scene.bind(tier, "home-" + tier, tier);
        REQUIRE(scene.town->send("home-" + tier, "alice", "hello").done());
        const auto read = scene.town->play("alice", client::Read{tier, 1, 0, client::Follow::No});
        CHECK(read.first<client::Message>().text == "hello");
        CHECK(read.first<client::Message>().notify == expected);
    }
    // Nothing passes: not even a claim.
    CHECK(scene.open("nemo", scene.make("Nemo", "never")).outcome.rule == "invitation-spent");
    // Among members nothing of the kind is said.
    REQUIRE(scene.town->send("bertrand", "alice", "hello").done());
    CHECK(scene.town->play("alice", client::Read{"bertrand", 0, 0, client::Follow::No})
              .first<client::Message>()
              .notify.empty());
}

TEST_CASE("a budget is a number a day, and what is over it is kept and goes the day after") {
    CardScene scene;
    const auto made = scene.town->play("alice", client::CreateCard{"Zoé", "ring", {}, 2});
    REQUIRE(scene.open("zoe", *made.first<client::CardShown>().text).done());
    REQUIRE(scene.confirm().done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    REQUIRE(scene.town->send("zoe", "alice", "1").done());
    REQUIRE(scene.town->send("zoe", "alice", "2").done());
    const auto third = scene.town->send("zoe", "alice", "3");
    CHECK(third.outcome.rule == "refused");
    CHECK(third.first<client::Sent>().state == "queued");
    CHECK(scene.read("alice", "Zoé") == Texts{"1", "2"});
    scene.town->pass(24h);
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    CHECK(scene.read("alice", "Zoé") == Texts{"1", "2", "3"});
}

TEST_CASE("hours are the owner's own zone's, and are put anew when its offset changes") {
    CardScene scene;
    const auto hours_at_relay = [&] {
        std::vector<protocol::Window> windows;
        REQUIRE(scene.town->store()
                    .look([&](relay::LogTables& tables) -> Result<void> {
                        return tables.cards().each_card(
                            [&](const relay::Card& card) -> Result<void> {
                                windows = card.terms.hours;
                                return {};
                            });
                    })
                    .has_value());
        return windows;
    };
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    scene.town->core("alice")->world.zone = [](WallTime) { return std::chrono::minutes{60}; };
    REQUIRE(scene.town->play("alice", client::CreateCard{"Zoé", "ring", "Mon 09:00-10:00"}).done());
    CHECK(hours_at_relay() == std::vector<protocol::Window>{{8 * 60, 9 * 60}});
    scene.town->core("alice")->world.zone = [](WallTime) { return std::chrono::minutes{120}; };
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    CHECK(hours_at_relay() == std::vector<protocol::Window>{{7 * 60, 8 * 60}});
    CHECK(scene.town->play("alice", client::CreateCard{"Max", "ring", "sometimes"}).outcome.rule ==
          "invalid-argument");
}

TEST_CASE("a new key in a card's face kills no card: the code that was handed over still opens") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    const auto id = protocol::CardId::from_hex(scene.card("Zoé").card);
    REQUIRE(client::cards::renew_face(*scene.town->core("alice"), *id).has_value());
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    REQUIRE(scene.open("zoe", code, "I am Zoe").done());
    REQUIRE(scene.confirm().done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    REQUIRE(scene.town->send("zoe", "alice", "hello").done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoe", "hello"});
}

TEST_CASE("a card is opened in a home of its own, and a code that is none leaves no home") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    CHECK(scene.open("bertrand", code).outcome.rule == "home-taken");
    std::string mistyped = code;
    mistyped[20] = mistyped[20] == 'A' ? 'B' : 'A';
    CHECK(scene.open("zoe", mistyped).outcome.rule == "invitation-checksum");
    CHECK(scene.open("zoe", code, "\x1b[2J").outcome.rule == "invalid-text");
    REQUIRE(scene.open("zoe", code).done());
    CHECK(scene.open("zoe", scene.make("Max")).outcome.rule == "home-taken");
    CHECK(scene.town->play("zoe", scene.town->invite("Zoé")).outcome.rule == "home-taken");
}

TEST_CASE("who follows a card's conversation is told of each text as it comes") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const auto follower =
        scene.town->begin("zoe", client::Read{"", 0, 0, client::Follow::Yes}, std::nullopt);
    scene.town->pass(1s);
    REQUIRE(scene.town->send("alice", "Zoé", "now").done());
    scene.town->pass(5s);
    CHECK(follower->played.texts() == Texts{"now"});
    scene.town->close("zoe");
}
