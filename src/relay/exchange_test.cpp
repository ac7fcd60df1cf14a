// SPDX-License-Identifier: AGPL-3.0-or-later
#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Play : Desk {
    Play() {
        REQUIRE(ask(officer.asker(),
                    officer.order(protocol::OpenExchange{
                        exchange, hash_of(access::Right::Exchange, token), {now.value + 1000}}))
                    .has_value());
    }

    protocol::PutStep put(std::uint8_t step, std::string_view text) const {
        return {exchange, token.copy(), step, to_bytes(text)};
    }

    protocol::GetStep get(std::uint8_t step) const { return {exchange, token.copy(), step}; }

    protocol::Step step(std::uint8_t number) {
        return std::get<protocol::Step>(ask(Asker{}, get(number)).value().body);
    }

    ExchangeId exchange = ExchangeId::random(chance());
    Secret token = new_token();
};

bool is_done(const Result<Answer>& answer) {
    return answer.has_value() && std::holds_alternative<protocol::Done>(answer->body);
}

}  // namespace

TEST_CASE("a step is written once, and the same bytes again are done") {
    Play play;
    CHECK_FALSE(play.step(0).payload.has_value());
    CHECK(is_done(play.ask(Asker{}, play.put(0, "request"))));
    CHECK(is_done(play.ask(Asker{}, play.put(0, "request"))));
    CHECK(play.step(0).payload == to_bytes("request"));
    CHECK(play.step(0).contested == 0);
}

TEST_CASE("other bytes for a step that is taken are refused and seen by both sides") {
    Play play;
    REQUIRE(is_done(play.ask(Asker{}, play.put(0, "request"))));
    const auto answer = play.ask(Asker{}, play.put(0, "a thief's request"));
    REQUIRE(answer.has_value());
    CHECK(std::get<protocol::Refused>(answer->body).refusal == protocol::Refusal::Refused);
    CHECK(play.step(0).payload == to_bytes("request"));
    CHECK(play.step(0).contested == 1);
}

TEST_CASE("an exchange that is unknown, closed, expired or asked with a wrong token is refused") {
    Play play;
    auto wrong = play.put(0, "text");
    wrong.token = new_token();
    CHECK(play.refusal(Asker{}, std::move(wrong)) == Code::refused);
    auto unknown = play.get(0);
    unknown.exchange = ExchangeId::random(chance());
    CHECK(play.refusal(Asker{}, std::move(unknown)) == Code::refused);
    play.now.value += 999;
    CHECK(play.ask(Asker{}, play.get(0)).has_value());
    play.now.value += 1;
    CHECK(play.refusal(Asker{}, play.get(0)) == Code::refused);
    play.now.value -= 1;
    REQUIRE(is_done(play.ask(play.officer.asker(),
                             play.officer.order(protocol::CloseExchange{play.exchange}))));
    CHECK(play.refusal(Asker{}, play.get(0)) == Code::refused);
}

TEST_CASE("steps beyond the last and letters too long are refused") {
    Play play;
    CHECK(play.refusal(Asker{}, play.put(bounds::steps_per_exchange, "text")) == Code::refused);
    CHECK(play.refusal(Asker{}, play.put(0, std::string(bounds::longest_step + 1, 'x'))) ==
          Code::too_large);
}

TEST_CASE("who waits for a step is told when the exchange moves") {
    Play play;
    const auto waiting = play.ask(Asker{}, play.get(1));
    REQUIRE(waiting.has_value());
    CHECK(std::holds_alternative<ExchangeWatched>(waiting->effects.at(0)));
    const auto written = play.ask(Asker{}, play.put(1, "answer"));
    REQUIRE(written.has_value());
    CHECK(std::holds_alternative<ExchangeMoved>(written->effects.at(0)));
}
