// SPDX-License-Identifier: AGPL-3.0-or-later

// A card's id names a log, too: its answers. What its owner does with it reaches no other log.

#include <catch2/catch_test_macros.hpp>

#include "protocol/card.h"
#include "relay/verify.h"
#include "tests/stage/calling.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

/// Ben is a member who wishes Ana ill; Zoe may get a card of his.
struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
        must(ask(ben.asker(), ana.letter("for Ana")).has_value());
        must(ask(ana.asker(), talk.post(0, "for both")).has_value());
    }

    ~Play() { CHECK(verify(*store).has_value()); }

    Play(const Play&) = delete;
    Play& operator=(const Play&) = delete;

    /// All that an owner may ask for with a card, whatever comes of each.
    void misuse(const Ticket& card) {
        const auto wish = [this](protocol::RequestBody request) {
            static_cast<void>(ask(ben.reading(), std::move(request)).has_value());
        };
        wish(card.put());
        wish(card.bind(ben, zoe));
        wish(card.answer("a letter that no token let in"));
        wish(card.bind(ben, max));
        wish(protocol::RevokeCard{ben.inbox, card.id});
        wish(protocol::DropCard{ben.inbox, card.id});
    }

    /// As it lay in a store before PutCard looked at logs.
    void slip_in(const Ticket& ticket) {
        must(store
                 ->transact([&](LogTables& tables) -> Result<void> {
                     const protocol::PutCard put = ticket.put();
                     Card card{put.card, put.inbox, put.secret, put.terms, put.face};
                     return tables.cards().put_card(card);
                 })
                 .has_value());
    }

    Actor ana{};
    Actor ben{};
    Visitor zoe{};
    Visitor max{};
    Talk talk{};
};

}  // namespace

TEST_CASE("attack: a card that bears an inbox's id touches no inbox") {
    Play play;
    const Ticket card{play.ben.inbox, protocol::CardId{play.ana.inbox.bytes}};
    CHECK(play.refusal(play.ben.reading(), card.put()) == Code::refused);
    play.misuse(card);
    play.slip_in(card);
    play.misuse(card);
    CHECK(play.ask(play.ana.asker(), play.ana.opening(play.ana.inbox)).has_value());
    CHECK(play.texts(play.ana, play.ana.inbox) == std::vector<std::string>{"for Ana"});
    // And it takes letters as before.
    CHECK(play.ask(play.ben.asker(), play.ana.letter("more")).has_value());
    // Nor is it a way to his own inbox for a holder.
    const Ticket own{play.ben.inbox, protocol::CardId{play.ben.inbox.bytes}};
    CHECK(play.refusal(play.ben.reading(), own.put()) == Code::refused);
}

TEST_CASE("attack: a card that bears a conversation's id touches no conversation") {
    Play play;
    const Ticket card{play.ben.inbox, protocol::CardId{play.talk.log.bytes}};
    CHECK(play.refusal(play.ben.reading(), card.put()) == Code::refused);
    play.misuse(card);
    play.slip_in(card);
    play.misuse(card);
    CHECK(play.texts(play.ana, play.talk.log) == std::vector<std::string>{"for both"});
    CHECK(play.ask(play.ben.asker(), play.talk.post(0, "more")).has_value());
}

TEST_CASE("attack: a reader's key that is shown as a holder's opens no conversation by a card") {
    Play play;
    const Ticket card{play.ben.inbox, protocol::CardId{play.talk.log.bytes}};
    play.slip_in(card);
    Visitor reader{SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                           play.ben.reader.secret().reveal())
                       .value()};
    REQUIRE(play.ask(play.ben.reading(), card.bind(play.ben, reader)).has_value());
    const auto opened = play.ask(reader.asker(), card.answers());
    REQUIRE(opened.has_value());
    CHECK(opened->effects.empty());
    CHECK(std::get<protocol::Opened>(opened->body).head == Seq{0});
}

TEST_CASE("a conversation is not made under a card's id") {
    Play play;
    const Ticket card{play.ana.inbox};
    REQUIRE(play.ask(play.ana.reading(), card.put()).has_value());
    Talk talk;
    talk.log = protocol::answers_of(card.id);
    CHECK(play.refusal(play.ben.asker(), talk.creation({play.ben.reader_key()})) == Code::refused);
    const auto recorded =
        protocol::CreateRecordedLog{talk.log, talk.verifier(0), {play.ben.reader_key()}};
    CHECK(play.refusal(play.ben.asker(), recorded) == Code::refused);
    REQUIRE(play.ask(play.ana.reading(), card.bind(play.ana, play.zoe)).has_value());
    CHECK(play.ask(play.ana.reading(), card.answer("come in")).has_value());
}
