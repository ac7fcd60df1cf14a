// SPDX-License-Identifier: AGPL-3.0-or-later

// A card's id names a log, too: its answers. What its owner does with it reaches no other log.

#include <catch2/catch_test_macros.hpp>

#include "protocol/card.h"
#include "relay/bounds.h"
#include "relay/verify.h"
#include "tests/stage/calling.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::Misuse;

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

    [[nodiscard]] bool has(const protocol::CardId& card) {
        bool there = false;
        must(store
                 ->look([&](LogTables& tables) -> Result<void> {
                     TRY(const auto found, tables.cards().find_card(card));
                     there = found.has_value();
                     return {};
                 })
                 .has_value());
        return there;
    }

    bool turned_away(const Visitor& visitor, protocol::RequestBody request) {
        const auto answer = ask(visitor.asker(), std::move(request));
        return answer.has_value() &&
               codec::encode(answer->body) == codec::encode(protocol::ResponseBody{
                                                  protocol::Refused{protocol::Refusal::Refused}});
    }

    [[nodiscard]] std::uint32_t misuses(const protocol::CardId& card, Misuse why) {
        std::uint32_t count = 0;
        must(store
                 ->look([&](LogTables& tables) -> Result<void> {
                     TRY(const auto rows, tables.cards().misuses(card));
                     for (const auto& row : rows)
                         if (row.why == why) count = row.count;
                     return {};
                 })
                 .has_value());
        return count;
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

TEST_CASE(
    "attack: an over-long use of a card is told nothing but the one refusal, and is counted") {
    Play play;
    const std::string knock(protocol::longest_knock + 1, 'x');
    const std::string letter(protocol::longest_card_letter + 1, 'x');
    const Ticket unknown{play.ana.inbox};
    CHECK(play.turned_away(play.zoe, unknown.claim(knock)));
    CHECK(play.turned_away(play.zoe, unknown.use(letter)));
    CHECK(play.misuses({}, Misuse::Forged) == 2);
    const Ticket card{play.ana.inbox};
    REQUIRE(play.ask(play.ana.reading(), card.put()).has_value());
    // Its secret alone is no right to be told of lengths but for a claim.
    CHECK(play.turned_away(play.zoe, card.use(letter)));
    CHECK(play.misuses(card.id, Misuse::Unbound) == 1);
    CHECK(play.refusal(play.zoe.asker(), card.claim(knock)) == Code::too_large);
    REQUIRE(play.ask(play.ana.reading(), card.bind(play.ana, play.zoe)).has_value());
    CHECK(play.turned_away(play.max, card.use(letter)));
    CHECK(play.misuses(card.id, Misuse::Foreign) == 1);
    CHECK(play.refusal(play.zoe.asker(), card.use(letter)) == Code::too_large);
}

TEST_CASE("closed cards make room for new ones, those first that nobody has tried for longest") {
    Play play;
    const auto done = [&play](protocol::RequestBody request) {
        return play.ask(play.ana.reading(), std::move(request)).has_value();
    };
    std::vector<Ticket> closed;
    for (int at = 0; at < 3; ++at) {
        play.now.value += 1'000;
        closed.push_back(Ticket{play.ana.inbox});
        REQUIRE(done(closed.back().put()));
        REQUIRE(done(protocol::RevokeCard{play.ana.inbox, closed.back().id}));
        CHECK(play.turned_away(play.zoe, closed.back().use("letter")));
    }
    // The first is the one that was tried last.
    play.now.value += 1'000;
    CHECK(play.turned_away(play.zoe, closed.at(0).use("letter")));
    for (std::size_t at = closed.size(); at < bounds::cards_per_inbox; ++at)
        REQUIRE(done(Ticket{play.ana.inbox}.put()));
    REQUIRE(done(Ticket{play.ana.inbox}.put()));
    CHECK_FALSE(play.has(closed.at(1).id));
    REQUIRE(done(Ticket{play.ana.inbox}.put()));
    CHECK_FALSE(play.has(closed.at(2).id));
    CHECK(play.has(closed.at(0).id));
    REQUIRE(done(Ticket{play.ana.inbox}.put()));
    CHECK_FALSE(play.has(closed.at(0).id));
    // None that is open goes.
    CHECK(play.refusal(play.ana.reading(), Ticket{play.ana.inbox}.put()) == Code::too_many);
}
