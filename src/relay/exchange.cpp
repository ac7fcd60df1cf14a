// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/bounds.h"
#include "relay/decide_parts.h"

// Exchanges: by which a newcomer and the officer pass each other a few closed letters. Each
// step is written once. Who holds a copied invitation and writes too, is noticed.

namespace cercle::relay {
namespace {

Result<Exchange> open_exchange(const Bench& bench, const ExchangeId& id, const Secret& token) {
    TRY(auto exchange, bench.tables.find_exchange(id));
    std::optional<TokenHash> right;
    if (exchange) right = exchange->token;
    const bool matches = matches_if_any(access::Right::Exchange, token, right);
    if (!matches || exchange->until <= bench.now) return refuse();
    return *std::move(exchange);
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::PutStep& request) {
    if (request.payload.size() > bounds::longest_step) {
        return fail(Code::too_large, "a step that is too long");
    }
    TRY_VOID(open_exchange(bench, request.exchange, request.token));
    if (request.step >= bounds::steps_per_exchange) return refuse();
    TRY(const auto taken, bench.tables.find_step(request.exchange, request.step));
    if (!taken) {
        TRY_VOID(bench.tables.insert_step(request.exchange, request.step, request.payload));
        return Answer{protocol::Done{}, {ExchangeMoved{request.exchange}}};
    }
    if (*taken == request.payload) return Answer{protocol::Done{}};
    // An answer and not an error, since the mark has to be kept.
    TRY_VOID(bench.tables.contest_exchange(request.exchange));
    return Answer{protocol::Refused{protocol::Refusal::Refused}, {ExchangeMoved{request.exchange}}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::GetStep& request) {
    TRY(const Exchange exchange, open_exchange(bench, request.exchange, request.token));
    TRY(auto payload, bench.tables.find_step(request.exchange, request.step));
    protocol::Step step{std::move(payload), exchange.contested ? std::uint8_t{1} : std::uint8_t{0}};
    Answer answer{};
    if (!step.payload) answer.effects.emplace_back(ExchangeWatched{request.exchange});
    answer.body = std::move(step);
    return answer;
}

}  // namespace cercle::relay
