// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/session.h"

#include <algorithm>
#include <utility>

#include "codec/tls.h"
#include "merkle/proof.h"
#include "relay/bounds.h"
#include "relay/switchboard.h"

namespace cercle::relay {

using protocol::FromRelay;

Session::Session(Switchboard& board, net::Loop& loop, net::Channel& channel)
    : board_(board),
      loop_(loop),
      channel_(channel),
      sender_(loop, board.diary()),
      room_(loop),
      sent_(loop) {}

net::Task<void> Session::live() {
    channel_.limit_frames(bounds::longest_hello);
    // Whatever ends the intake, ends the session: a peer that went away, a frame that is none.
    auto ended = co_await greet();
    if (ended.has_value()) ended = co_await take_hello();
    if (ended.has_value()) ended = co_await take_requests();
    finish();
    [[maybe_unused]] const auto sent = co_await sent_.wait(loop_.in(bounds::patience_for_sending));
    channel_.close();
    co_return co_await sender_.close();
}

std::size_t Session::cost_of(const protocol::RequestBody& request, std::size_t frame) {
    constexpr std::size_t small_answer = 256;
    if (std::holds_alternative<protocol::Read>(request)) {
        return frame + bounds::bytes_per_answer + protocol::longest_payload;
    }
    if (std::holds_alternative<protocol::TakeKeyPackage>(request)) {
        return frame + bounds::longest_package;
    }
    if (std::holds_alternative<protocol::GetStep>(request)) return frame + bounds::longest_step;
    if (std::holds_alternative<protocol::GetChunk>(request)) return frame + protocol::chunk_size;
    if (std::holds_alternative<protocol::ProveRecord>(request) ||
        std::holds_alternative<protocol::ProveGrowth>(request)) {
        return frame + small_answer + merkle::longest_path * sizeof(merkle::Hash);
    }
    if (std::holds_alternative<protocol::ListCards>(request)) {
        return frame + protocol::most_listed_cards * bounds::listed_card;
    }
    if (std::holds_alternative<protocol::ReadCard>(request)) return frame + protocol::longest_face;
    return frame + small_answer;
}

void Session::respond(protocol::RequestNumber request,
                      protocol::ResponseBody body,
                      std::size_t cost) {
    const bool granted = !std::holds_alternative<protocol::Refused>(body);
    if (granted && request.value != 0 && !trusted_) trust();
    Bytes frame = codec::encode(FromRelay{protocol::Response{request, std::move(body)}});
    if (pace != nullptr) pace->take_answer(frame.size(), loop_.clock().steady());
    push(std::move(frame), cost);
}

void Session::trust() {
    trusted_ = true;
    channel_.limit_frames(protocol::longest_frame);
}

void Session::hold(std::size_t cost) {
    held_ += cost;
    board_.count_held(cost);
}

void Session::release(std::size_t cost) {
    held_ -= cost;
    board_.count_released(cost);
}

bool Session::has_room() const {
    // With nothing under way, a session may always ask for one thing: nobody starves.
    if (under_way == 0 && held_ == 0) return true;
    const std::size_t most =
        trusted_ ? bounds::requests_per_session : bounds::requests_per_stranger;
    return under_way < most && held_ < bounds::bytes_per_session &&
           board_.held() < bounds::bytes_of_all_sessions;
}

void Session::tell_grew(const LogId& log, Seq head) {
    grown_[log] = head;
    start_sending();
}

void Session::tell_moved(const ExchangeId& exchange) {
    watched.erase(exchange);
    moved_.insert(exchange);
    start_sending();
}

void Session::finish() {
    finishing_ = true;
    room_.notify_all();
    if (!sending_) conclude();
}

void Session::end() {
    finish();
    channel_.close();
}

void Session::conclude() {
    sent_.set();
    channel_.close();
}

void Session::push(Bytes frame, std::size_t cost) {
    if (!sending_ && outgoing_.empty() && channel_.send_now(frame)) {
        release(std::min(held_, cost));
        room_.notify_all();
        return;
    }
    outgoing_.push_back({std::move(frame), cost});
    start_sending();
    room_.notify_all();
}

// There is a sender only while there is something to send: a session that says nothing is cheap.
void Session::start_sending() {
    if (!sending_) sending_ = sender_.spawn(send_what_there_is()).has_value();
}

net::Task<void> Session::send_what_there_is() {
    const auto outcome = co_await send_all();
    sending_ = false;
    // A peer that does not take what it asked for is let go; all of it is in the log.
    if (!outcome.has_value()) {
        release(held_);
        finish();
    } else if (finishing_) {
        conclude();
    }
    co_return Result<void>{};
}

net::Task<void> Session::send_all() {
    while (true) {
        auto answers = std::exchange(outgoing_, {});
        if (answers.empty() && (finishing_ || (grown_.empty() && moved_.empty()))) {
            co_return Result<void>{};
        }
        if (answers.empty()) CO_TRY_VOID(co_await send(next_news()));
        for (Outgoing& next : answers) {
            CO_TRY_VOID(co_await send(std::move(next.frame)));
            release(std::min(held_, next.cost));
            room_.notify_all();
        }
    }
}

net::Task<void> Session::send(Bytes frame) {
    return channel_.send(std::move(frame), loop_.in(bounds::patience_for_sending));
}

Bytes Session::next_news() {
    if (!grown_.empty()) {
        const auto [log, head] = *grown_.begin();
        grown_.erase(grown_.begin());
        return codec::encode(FromRelay{protocol::Grew{log, head}});
    }
    const ExchangeId exchange = *moved_.begin();
    moved_.erase(moved_.begin());
    return codec::encode(FromRelay{protocol::Moved{exchange}});
}

}  // namespace cercle::relay
