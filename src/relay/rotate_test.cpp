// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "access/token.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Play : Desk {
    Play() {
        admit(ana);
        admit(ben);
    }

    protocol::RotateInbox rotation(const Secret& token) const {
        return {ben.inbox, {access::token_hash(access::Right::Deposit, token)}};
    }

    /// Under which position the relay says that everything came earlier.
    protocol::Seq rotate(const Secret& token) {
        const auto answer = ask(ben.reading(), rotation(token));
        REQUIRE(answer.has_value());
        const auto& none = std::get<protocol::Entries>(answer->body);
        CHECK(none.entries.empty());
        return none.head;
    }

    protocol::Deposit letter(const Secret& token, const std::string& text) const {
        auto letter = ben.letter(text);
        letter.token = token.copy();
        return letter;
    }

    std::uint32_t left() {
        return std::get<protocol::Count>(
                   ask(ben.reading(), protocol::CountKeyPackages{ben.inbox}).value().body)
            .left;
    }

    Actor ana{};
    Actor ben{};
};

}  // namespace

TEST_CASE("an inbox that was given another token is closed to who holds the one before") {
    Play play;
    REQUIRE(play.ask(play.ana.asker(), play.ben.letter("before")).has_value());
    const Secret next = new_token();
    CHECK(play.rotate(next) == protocol::Seq{1});
    CHECK(play.refusal(play.ana.asker(), play.ben.letter("by the old one")) == Code::refused);
    CHECK(play.refusal(play.ana.asker(),
                       protocol::TakeKeyPackage{play.ben.inbox, play.ben.deposit.copy(), {}}) ==
          Code::refused);
    CHECK(play.ask(play.ana.asker(), play.letter(next, "by the new one")).has_value());
    CHECK(play.rotate(new_token()) == protocol::Seq{2});
    CHECK(play.refusal(play.ana.asker(), play.letter(next, "too late")) == Code::refused);
}

TEST_CASE("a letter that was taken under the old token is found by its id afterwards") {
    Play play;
    const auto sent = [&play, entry = play.ben.letter("once").entry] {
        return protocol::Deposit{play.ben.inbox, play.ben.deposit.copy(), entry};
    };
    const auto first = play.ask(play.ana.asker(), sent());
    REQUIRE(first.has_value());
    play.rotate(new_token());
    const auto again = play.ask(play.ana.asker(), sent());
    REQUIRE(again.has_value());
    CHECK(std::get<protocol::Posted>(again->body).positions ==
          std::get<protocol::Posted>(first->body).positions);
}

TEST_CASE("the circle's officer writes to every inbox without its token, and no other officer") {
    Play play;
    play.rotate(new_token());
    const auto says = [&play](const std::string& text) {
        return protocol::Deposit{
            play.ben.inbox, Secret(protocol::token_size), play.ben.letter(text).entry};
    };
    CHECK(play.ask(play.officer.asker(), says("the office has moved")).has_value());
    CHECK(play.refusal(Officer{}.asker(), says("so it has")) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), says("from me")) == Code::refused);
    CHECK(play.refusal(Asker{}, says("from nobody")) == Code::refused);
    // To inboxes, and to nothing else.
    auto nowhere = says("to nobody");
    nowhere.inbox = LogId::random(chance());
    CHECK(play.refusal(play.officer.asker(), std::move(nowhere)) == Code::refused);
}

TEST_CASE("key packages go with the token, and saying it twice takes none of the new ones") {
    Play play;
    REQUIRE(
        play.ask(play.ben.reading(), protocol::PutKeyPackages{play.ben.inbox, {to_bytes("old")}})
            .has_value());
    const Secret next = new_token();
    play.rotate(next);
    CHECK(play.left() == 0);
    REQUIRE(
        play.ask(play.ben.reading(), protocol::PutKeyPackages{play.ben.inbox, {to_bytes("new")}})
            .has_value());
    play.rotate(next);
    CHECK(play.left() == 1);
}

TEST_CASE("who may deposit in an inbox is for the device to say whose it is") {
    Play play;
    CHECK(play.refusal(play.ben.asker(), play.rotation(new_token())) == Code::refused);
    CHECK(play.refusal(play.ana.reading(), play.rotation(new_token())) == Code::refused);
    CHECK(play.refusal(play.ana.asker(), play.rotation(new_token())) == Code::refused);
    CHECK(play.ask(play.ana.asker(), play.ben.letter("still")).has_value());
}
