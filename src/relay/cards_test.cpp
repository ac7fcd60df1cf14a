// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "protocol/card.h"
#include "relay/bounds.h"
#include "relay/verify.h"
#include "tests/stage/calling.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::CardUse;
using protocol::Misuse;
using protocol::Tier;

protocol::Token copy_of(const Secret& secret) {
    return secret.copy();
}

/// Ana has made a card for Zoe; Max holds nothing.
struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
        REQUIRE(done(ana.reading(), card.put()));
    }

    ~Play() { CHECK(verify(*store).has_value()); }

    Play(const Play&) = delete;
    Play& operator=(const Play&) = delete;

    bool done(const Asker& asker, protocol::RequestBody request) {
        const auto answer = ask(asker, std::move(request));
        return answer.has_value() && std::holds_alternative<protocol::Done>(answer->body);
    }

    /// Whether an outsider reads the one refusal. It is an answer, since it is counted.
    bool turned_away(const Visitor& visitor, protocol::RequestBody request) {
        const auto answer = ask(visitor.asker(), std::move(request));
        REQUIRE(answer.has_value());
        return codec::encode(answer->body) ==
               codec::encode(protocol::ResponseBody{protocol::Refused{protocol::Refusal::Refused}});
    }

    protocol::CardRow row() {
        auto answer = ask(ana.reading(), protocol::ListCards{ana.inbox, {}});
        REQUIRE(answer.has_value());
        const auto& list = std::get<protocol::Cards>(answer->body);
        REQUIRE(list.cards.size() == 1);
        return list.cards.front();
    }

    std::uint32_t misuses(Misuse why) {
        const auto rows = row().misuse;
        const auto found = std::ranges::find(rows, why, &protocol::MisuseCount::why);
        return found == rows.end() ? 0 : found->count;
    }

    std::vector<protocol::CardLetter> letters() {
        const auto answer = ask(ana.reading(), protocol::Read{ana.inbox, {0}});
        REQUIRE(answer.has_value());
        std::vector<protocol::CardLetter> letters;
        for (const auto& entry : std::get<protocol::Entries>(answer->body).entries) {
            REQUIRE(entry.kind == protocol::EntryKind::Card);
            letters.push_back(must(codec::decode<protocol::CardLetter>(entry.payload)));
        }
        return letters;
    }

    void bind() { REQUIRE(done(ana.reading(), card.bind(ana, zoe))); }

    Actor ana{};
    Actor ben{};
    Visitor zoe{};
    Visitor max{};
    Ticket card{ana.inbox};
};

}  // namespace

TEST_CASE("the first use of a card is a claim, which names who made it, and is made once") {
    Play play;
    const auto claim = [&] { return play.card.claim("I am Zoe"); };
    const auto first = claim();
    CHECK(play.done(play.zoe.asker(),
                    protocol::ClaimCard{first.card, copy_of(first.secret), first.letter}));
    const auto letters = play.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters.at(0).use == CardUse::Claim);
    CHECK(letters.at(0).card == play.card.id);
    CHECK(letters.at(0).holder == play.zoe.holder_key());
    CHECK(to_text(letters.at(0).letter) == "I am Zoe");
    // Whatever the card may do later, a claim rings nowhere.
    CHECK(letters.at(0).tier == Tier::Knock);
    CHECK(play.row().claimant == play.zoe.holder_key());
    CHECK(play.turned_away(play.zoe, claim()));
    CHECK(play.turned_away(play.zoe, play.card.use("before it is bound")));
    // The same again is no second one.
    CHECK(play.done(play.zoe.asker(),
                    protocol::ClaimCard{first.card, copy_of(first.secret), first.letter}));
    CHECK(play.letters().size() == 1);
}

TEST_CASE("a second claimant freezes a card that is not bound, until its owner binds it") {
    Play play;
    REQUIRE(play.done(play.zoe.asker(), play.card.claim("I am Zoe")));
    CHECK(play.turned_away(play.max, play.card.claim("I am Zoe")));
    CHECK(play.row().frozen == 1);
    CHECK(play.row().claimant == play.zoe.holder_key());
    CHECK(play.turned_away(play.zoe, play.card.read()));
    play.bind();
    CHECK(play.row().frozen == 0);
    CHECK(play.done(play.zoe.asker(), play.card.use("letter")));
    CHECK(play.turned_away(play.max, play.card.claim("me")));
    CHECK(play.row().frozen == 0);
}

TEST_CASE("a bound card takes its holder's letters, and each carries the tier of its moment") {
    Play play;
    play.bind();
    CHECK(play.done(play.zoe.asker(), play.card.use("one")));
    play.card.terms.tier = Tier::Note;
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.done(play.zoe.asker(), play.card.use("two")));
    const auto letters = play.letters();
    REQUIRE(letters.size() == 2);
    CHECK(letters.at(0).use == CardUse::Letter);
    CHECK(letters.at(0).tier == Tier::Ring);
    CHECK(letters.at(0).holder == play.zoe.holder_key());
    CHECK(letters.at(1).tier == Tier::Note);
}

TEST_CASE("a letter whose answer was lost is sent again, and taken once, whatever changed since") {
    Play play;
    play.bind();
    const auto letter = play.card.use("letter");
    const auto again = [&] {
        return protocol::UseCard{letter.card, copy_of(letter.secret), letter.letter};
    };
    REQUIRE(play.done(play.zoe.asker(), again()));
    play.card.terms = {Tier::Note, 0, {}};
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.done(play.zoe.asker(), again()));
    CHECK(play.letters().size() == 1);
    // For the one who sent it. With other words, the id is taken.
    CHECK(play.turned_away(play.max, again()));
    auto other = again();
    other.letter.payload = to_bytes("other");
    play.card.terms = {Tier::Note, 5, {}};
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.refusal(play.zoe.asker(), std::move(other)) == Code::id_reused);
}

TEST_CASE("a card takes as many letters a day as its budget says, and anew on the next") {
    Play play;
    play.bind();
    for (int at = 0; at < 3; ++at)
        CHECK(play.done(play.zoe.asker(), play.card.use("letter")));
    CHECK(play.turned_away(play.zoe, play.card.use("letter")));
    CHECK(play.misuses(Misuse::Spent) == 1);
    play.now.value += std::uint64_t{24} * 3'600'000;
    CHECK(play.done(play.zoe.asker(), play.card.use("letter")));
}

TEST_CASE("a card is taken within its hours only, and claimed at any") {
    Play play;
    const auto day = [](std::uint64_t hours) {
        constexpr std::uint64_t monday = 20'787;  // days since 1970
        return Stamp{(monday * 24 + hours) * 3'600'000};
    };
    play.card.terms.hours = {{9 * 60, 17 * 60}};
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    play.now = day(20);
    CHECK(play.done(play.zoe.asker(), play.card.claim("I am Zoe")));
    play.bind();
    CHECK(play.turned_away(play.zoe, play.card.use("late")));
    CHECK(play.misuses(Misuse::Late) == 1);
    play.now = day(7 * 24 + 10);
    CHECK(play.done(play.zoe.asker(), play.card.use("in time")));
}

TEST_CASE("a card of the tier that never passes takes nothing, until its owner changes it") {
    Play play;
    play.bind();
    play.card.terms.tier = Tier::Never;
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.turned_away(play.zoe, play.card.use("letter")));
    CHECK(play.turned_away(play.zoe, play.card.read()));
    CHECK(play.misuses(Misuse::Muted) == 2);
    play.card.terms.tier = Tier::Knock;
    REQUIRE(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.done(play.zoe.asker(), play.card.use("letter")));
    // Which is for short ones.
    CHECK(play.refusal(play.zoe.asker(),
                       play.card.use(std::string(protocol::longest_knock + 1, 'x'))) ==
          Code::too_large);
}

TEST_CASE("attack: whoever misuses a card, or has none, reads one and the same refusal") {
    Play play;
    Ticket unknown{play.ana.inbox};
    Ticket forged = Ticket{play.ana.inbox, play.card.id};
    const auto all_are_turned_away = [&](const Visitor& visitor, const Ticket& card) {
        CHECK(play.turned_away(visitor, card.read()));
        CHECK(play.turned_away(visitor, card.claim("letter")));
        CHECK(play.turned_away(visitor, card.use("letter")));
    };
    all_are_turned_away(play.zoe, unknown);
    all_are_turned_away(play.zoe, forged);
    play.bind();
    all_are_turned_away(play.max, play.card);
    REQUIRE(play.done(play.ana.reading(), protocol::RevokeCard{play.ana.inbox, play.card.id}));
    all_are_turned_away(play.zoe, play.card);
    REQUIRE(play.done(play.ana.reading(), protocol::DropCard{play.ana.inbox, play.card.id}));
    all_are_turned_away(play.zoe, play.card);
    CHECK(play.letters().size() == 1);
}

TEST_CASE("the owner hears of a misused card once until he looks, and finds how often and when") {
    Play play;
    play.bind();
    for (int at = 0; at < 5; ++at) {
        play.now.value += 1'000;
        CHECK(play.turned_away(play.max, play.card.use("letter")));
    }
    auto letters = play.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters.at(0).use == CardUse::Misuse);
    CHECK(letters.at(0).card == play.card.id);
    CHECK(letters.at(0).letter.empty());
    const auto rows = play.row().misuse;
    REQUIRE(rows.size() == 1);
    CHECK(rows.at(0).why == Misuse::Foreign);
    CHECK(rows.at(0).count == 5);
    CHECK(rows.at(0).last.value - rows.at(0).first.value == 4'000);
    // He has looked.
    CHECK(play.turned_away(play.max, play.card.use("letter")));
    CHECK(play.turned_away(play.max, play.card.use("letter")));
    letters = play.letters();
    CHECK(letters.size() == 2);
    CHECK(play.misuses(Misuse::Foreign) == 7);
    // The holder's own mishaps are counted, and alarm nobody.
    static_cast<void>(play.row());
    CHECK(play.turned_away(play.zoe, play.card.claim("letter")));
    CHECK(play.misuses(Misuse::Unbound) == 1);
    CHECK(play.letters().size() == 2);
}

TEST_CASE("attack: a flood of uses of a card fills neither its owner's inbox nor the store") {
    Play play;
    play.bind();
    for (int at = 0; at < 500; ++at)
        CHECK(play.turned_away(play.max, play.card.use("letter")));
    CHECK(play.letters().size() == 1);
    REQUIRE(play.store
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto rows, tables.cards().misuses(play.card.id));
                    CHECK(rows.size() == 1);
                    TRY(const auto strays, tables.cards().misuses({}));
                    CHECK(strays.empty());
                    return {};
                })
                .has_value());
}

TEST_CASE("attack: nobody but an inbox's owner makes, binds, revokes, drops or lists its cards") {
    Play play;
    for (const Asker& asker : {play.ben.reading(),
                               play.ben.asker(),
                               play.ana.asker(),
                               play.zoe.asker(),
                               Asker{},
                               play.officer.asker()}) {
        CHECK(play.refusal(asker, play.card.put()) == Code::refused);
        CHECK(play.refusal(asker, play.card.bind(play.ana, play.zoe)) == Code::refused);
        CHECK(play.refusal(asker, protocol::RevokeCard{play.ana.inbox, play.card.id}) ==
              Code::refused);
        CHECK(play.refusal(asker, protocol::DropCard{play.ana.inbox, play.card.id}) ==
              Code::refused);
        CHECK(play.refusal(asker, protocol::ListCards{play.ana.inbox, {}}) == Code::refused);
    }
    // Nor by naming it beside an inbox of his own.
    auto put = play.card.put();
    put.inbox = play.ben.inbox;
    CHECK(play.refusal(play.ben.reading(), put) == Code::refused);
    CHECK(play.refusal(play.ben.reading(), protocol::RevokeCard{play.ben.inbox, play.card.id}) ==
          Code::refused);
    CHECK(play.done(play.ben.reading(), protocol::DropCard{play.ben.inbox, play.card.id}));
    CHECK(play.row().revoked == 0);
}

TEST_CASE("attack: a binding that the owner did not sign, for this card and key, is refused") {
    Play play;
    const auto refused = [&](const protocol::BindCard& binding) {
        return play.refusal(play.ana.reading(), binding) == Code::refused;
    };
    CHECK(refused(play.card.bind(play.ben, play.zoe)));
    auto other_key = play.card.bind(play.ana, play.zoe);
    other_key.holder = play.max.holder_key();
    CHECK(refused(other_key));
    Ticket second{play.ana.inbox};
    REQUIRE(play.done(play.ana.reading(), second.put()));
    auto other_card = play.card.bind(play.ana, play.zoe);
    other_card.card = second.id;
    CHECK(refused(other_card));
    REQUIRE(play.done(play.ana.reading(), protocol::DropCard{play.ana.inbox, second.id}));
    // A revoked card is bound to nobody any more.
    REQUIRE(play.done(play.ana.reading(), protocol::RevokeCard{play.ana.inbox, play.card.id}));
    CHECK(refused(play.card.bind(play.ana, play.zoe)));
}

TEST_CASE("a card that is put again has its new terms and face, and keeps who it is bound to") {
    Play play;
    play.bind();
    REQUIRE(play.done(play.zoe.asker(), play.card.use("letter")));
    play.card.terms = {Tier::Note, 1, {}};
    play.card.face = to_bytes("another face");
    CHECK(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.done(play.ana.reading(), play.card.put()));
    CHECK(play.row().terms == play.card.terms);
    CHECK(play.row().holder == play.zoe.holder_key());
    const auto answer = play.ask(play.zoe.asker(), play.card.read());
    REQUIRE(answer.has_value());
    CHECK(std::get<protocol::CardFace>(answer->body).face == play.card.face);
    // What was used of the day's budget stays used.
    CHECK(play.turned_away(play.zoe, play.card.use("letter")));
    // Its secret cannot be changed.
    auto other = play.card.put();
    other.secret = {};
    CHECK(play.refusal(play.ana.reading(), other) == Code::refused);
}

TEST_CASE("cards are listed in pieces, all of them, and are bounded in number and size") {
    Play play;
    for (std::size_t at = 1; at < bounds::cards_per_inbox; ++at) {
        REQUIRE(play.done(play.ana.reading(), Ticket{play.ana.inbox}.put()));
    }
    CHECK(play.refusal(play.ana.reading(), Ticket{play.ana.inbox}.put()) == Code::too_many);
    CHECK(play.done(play.ana.reading(), play.card.put()));
    std::vector<protocol::CardId> ids;
    protocol::CardId after{};
    for (bool more = true; more;) {
        auto answer = play.ask(play.ana.reading(), protocol::ListCards{play.ana.inbox, after});
        REQUIRE(answer.has_value());
        const auto& list = std::get<protocol::Cards>(answer->body);
        REQUIRE_FALSE(list.cards.empty());
        CHECK(list.cards.size() <= protocol::most_listed_cards);
        for (const auto& row : list.cards)
            ids.push_back(row.card);
        after = ids.back();
        more = list.more != 0;
    }
    CHECK(ids.size() == bounds::cards_per_inbox);
    CHECK(std::ranges::is_sorted(ids));
    Ticket large{play.ana.inbox};
    large.face = Bytes(protocol::longest_face + 1);
    CHECK(play.refusal(play.ana.reading(), large.put()) == Code::too_large);
    Ticket nameless{play.ana.inbox, protocol::CardId{}};
    CHECK(play.refusal(play.ana.reading(), nameless.put()) == Code::malformed);
}

TEST_CASE("the longest card fits what a list of cards is counted with") {
    protocol::CardRow row{};
    row.terms.hours.resize(protocol::most_windows);
    row.claimant = protocol::HolderKey{};
    row.holder = protocol::HolderKey{};
    row.misuse.resize(protocol::kinds_of_misuse);
    CHECK(codec::encoded_size(row) <= bounds::listed_card);
}

TEST_CASE("a dropped device's cards lead nowhere, and nothing of them is left") {
    Play play;
    play.bind();
    CHECK(play.turned_away(play.max, play.card.use("letter")));
    REQUIRE(play.done(play.officer.asker(),
                      play.officer.order(protocol::DropDevice{play.ana.device_key()})));
    CHECK(play.turned_away(play.zoe, play.card.use("letter")));
    REQUIRE(play.store
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto counts, tables.counts());
                    CHECK(counts.cards == 0);
                    TRY(const auto rows, tables.cards().misuses(play.card.id));
                    CHECK(rows.empty());
                    return {};
                })
                .has_value());
}

TEST_CASE("a holder's session reaches cards and guesses, and nothing else") {
    Play play;
    Talk talk;
    play.create(play.ana, talk, {play.ana.reader_key()});
    const Asker zoe = play.zoe.asker();
    CHECK(play.refusal(zoe, talk.post(0, "text")) == Code::refused);
    CHECK(play.refusal(zoe, talk.creation({play.ana.reader_key()})) == Code::refused);
    CHECK(play.refusal(zoe, play.ana.opening(talk.log)) == Code::refused);
    CHECK(play.refusal(zoe, play.ana.letter("letter")) == Code::refused);
    CHECK(play.refusal(zoe, protocol::DropShare{}) == Code::refused);
    CHECK(play.refusal(zoe, protocol::PutStep{{}, new_token(), 0, {}}) == Code::refused);
    // And nobody else reaches those: neither a device nor who holds an invitation.
    for (const Asker& asker : {play.ana.asker(), Asker{}, play.officer.asker()}) {
        CHECK(play.refusal(asker, play.card.claim("letter")) == Code::refused);
        CHECK(play.refusal(asker, play.card.use("letter")) == Code::refused);
        CHECK(play.refusal(asker, play.card.read()) == Code::refused);
        CHECK(play.refusal(asker, protocol::Guess{new_token(), {}, {}}) == Code::refused);
    }
}

TEST_CASE("the owner writes to whom his card is bound, who alone reads it") {
    Play play;
    const auto early = play.ask(play.ana.reading(), play.card.answer("too early"));
    CHECK_FALSE(early.has_value());
    REQUIRE(play.done(play.zoe.asker(), play.card.claim("I am Zoe")));
    CHECK(play.turned_away(play.zoe, play.card.answers()));
    play.bind();
    const auto letter = play.card.answer("come in");
    const auto first = play.ask(play.ana.reading(), letter);
    REQUIRE(first.has_value());
    // A repetition is one.
    const auto again = play.ask(play.ana.reading(), letter);
    REQUIRE(again.has_value());
    CHECK(codec::encode(again->body) == codec::encode(first->body));

    const auto opened = play.ask(play.zoe.asker(), play.card.answers());
    REQUIRE(opened.has_value());
    CHECK(std::get<protocol::Opened>(opened->body).head == Seq{1});
    CHECK(std::holds_alternative<LogOpened>(opened->effects.at(0)));
    Asker reading = play.zoe.asker();
    reading.reader = protocol::ReaderKey{play.zoe.holder_key().bytes};
    const LogId log = protocol::answers_of(play.card.id);
    const auto entries = play.ask(reading, protocol::Read{log, {0}});
    REQUIRE(entries.has_value());
    CHECK(std::get<protocol::Entries>(entries->body).entries.at(0).payload == to_bytes("come in"));
    CHECK(play.done(reading, protocol::Acknowledge{log, {1}, {0}}));

    // Nobody else, by whichever way: not the secret alone, not a device, not by a token of zeros.
    CHECK(play.turned_away(play.max, play.card.answers()));
    CHECK_FALSE(play.ask(play.max.asker(), protocol::Read{log, {0}}).has_value());
    CHECK_FALSE(play.ask(play.ben.reading(), play.card.answer("by another")).has_value());
    CHECK_FALSE(
        play.ask(play.ben.reading(), protocol::Deposit{log, Secret(32), {{}, to_bytes("x")}})
            .has_value());
}

TEST_CASE("a holder's session opens no log but the answers to its card") {
    Play play;
    play.bind();
    const Asker outsider = play.zoe.asker();
    const LogId inbox = play.ana.inbox;
    // Even one that could sign as its reader: a device that was dropped.
    CHECK_FALSE(play.ask(outsider, play.ana.opening(inbox, outsider.binding)).has_value());
    CHECK_FALSE(play.ask(outsider, protocol::Read{inbox, {0}}).has_value());
    CHECK_FALSE(play.ask(outsider, protocol::Acknowledge{inbox, {0}, {0}}).has_value());
}

TEST_CASE("answers go with their card, with its holder, and with its owner's device") {
    Play play;
    const LogId log = protocol::answers_of(play.card.id);
    const auto answered = [&] {
        REQUIRE(play.ask(play.ana.reading(), play.card.answer("come in")).has_value());
    };
    const auto is_there = [&] {
        bool there = false;
        REQUIRE(play.store
                    ->look([&](LogTables& tables) -> Result<void> {
                        TRY(const auto found, tables.find_log(log));
                        there = found.has_value();
                        return {};
                    })
                    .has_value());
        return there;
    };
    play.bind();
    answered();
    REQUIRE(play.done(play.ana.reading(), play.card.bind(play.ana, play.max)));
    CHECK_FALSE(is_there());
    answered();
    REQUIRE(play.done(play.ana.reading(), protocol::RevokeCard{play.ana.inbox, play.card.id}));
    CHECK_FALSE(is_there());
    CHECK_FALSE(play.ask(play.ana.reading(), play.card.answer("closed")).has_value());
    CHECK(play.turned_away(play.max, play.card.answers()));
}
