// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/session.h"
#include "relay/switchboard.h"

// Intake: what a session does with what it hears. Every frame either becomes a request, whose
// answer is on its way, or ends the session; nothing a peer sends does anything else.

namespace cercle::relay {
namespace {

using access::Label;
using protocol::Refusal;
using protocol::RequestNumber;

// A Hello's answer and a refused frame's have no request to refer to.
constexpr RequestNumber unasked{0};

// An established session stands for long; the network below asks its peer for signs of life.
constexpr Duration patience_for_requests = std::chrono::hours{24};

Result<void> check_proof(Label label,
                         const std::array<std::uint8_t, 32>& binding,
                         BytesView key,
                         BytesView signature) {
    const Bytes statement = codec::encode(protocol::SessionStatement{binding, to_bytes(key)});
    if (!access::verify(key, label, statement, signature).has_value()) {
        return fail(Code::refused, "no such right");
    }
    return {};
}

// Which log a request needs to have been opened by its session, if any.
const LogId* needs_opened(const protocol::RequestBody& request) {
    if (const auto* read = std::get_if<protocol::Read>(&request)) return &read->log;
    if (const auto* put = std::get_if<protocol::PutKeyPackages>(&request)) return &put->inbox;
    if (const auto* count = std::get_if<protocol::CountKeyPackages>(&request)) {
        return &count->inbox;
    }
    if (const auto* rotate = std::get_if<protocol::RotateInbox>(&request)) return &rotate->inbox;
    if (const auto* kept = std::get_if<protocol::Acknowledge>(&request)) return &kept->log;
    if (const auto* back = std::get_if<protocol::GiveBack>(&request)) return &back->log;
    if (const auto* kept = std::get_if<protocol::DeclareKept>(&request)) return &kept->log;
    if (const auto* proved = std::get_if<protocol::ProveRecord>(&request)) return &proved->log;
    if (const auto* put = std::get_if<protocol::PutCard>(&request)) return &put->inbox;
    if (const auto* bind = std::get_if<protocol::BindCard>(&request)) return &bind->inbox;
    if (const auto* revoke = std::get_if<protocol::RevokeCard>(&request)) return &revoke->inbox;
    if (const auto* drop = std::get_if<protocol::DropCard>(&request)) return &drop->inbox;
    if (const auto* list = std::get_if<protocol::ListCards>(&request)) return &list->inbox;
    if (const auto* answer = std::get_if<protocol::AnswerCard>(&request)) return &answer->inbox;
    return nullptr;
}

}  // namespace

net::Task<void> Session::greet() {
    push(codec::encode(protocol::Greeting{protocol::protocol_version, board_.incarnation()}), 0);
    co_return Result<void>{};
}

net::Task<void> Session::take_hello() {
    asker.binding = channel_.binding();
    CO_TRY(const Bytes frame, co_await channel_.receive(loop_.in(bounds::patience_for_hello)));
    const auto hello = codec::decode<protocol::Hello>(frame);
    Result<void> outcome;
    if (!hello.has_value()) {
        outcome = fail(Code::malformed, "a first frame that is no Hello");
    } else if (hello->version != protocol::protocol_version) {
        outcome = fail(Code::unsupported, "another version");
    } else if (const auto* device = std::get_if<protocol::AsDevice>(&hello->who)) {
        outcome = co_await admit_device(*device);
    } else if (const auto* officer = std::get_if<protocol::AsOfficer>(&hello->who)) {
        asker.kind = Asker::Kind::Officer;
        asker.officer = officer->key;
        outcome = check_proof(
            Label::OfficerSession, asker.binding, officer->key.view(), officer->signature);
    } else if (const auto* holder = std::get_if<protocol::AsHolder>(&hello->who)) {
        asker.kind = Asker::Kind::Holder;
        asker.holder = holder->key;
        outcome =
            check_proof(Label::HolderSession, asker.binding, holder->key.view(), holder->signature);
    } else {
        asker.kind = Asker::Kind::Newcomer;
    }
    if (outcome.has_value()) outcome = board_.admit(*this);
    if (outcome.has_value()) {
        if (!stranger) trust();
        if (stranger) channel_.limit_frames(bounds::longest_of_strangers);
    }
    if (outcome.has_value()) {
        respond(unasked, protocol::Done{}, 0);
    } else {
        respond(unasked, protocol::Refused{refusal_for(outcome.error().code)}, 0);
    }
    co_return outcome;
}

net::Task<void> Session::admit_device(protocol::AsDevice proof) {
    asker.kind = Asker::Kind::Device;
    asker.device = proof.key;
    // Both are looked at in any case, so that a forged proof takes as long as an unknown key.
    const auto right =
        check_proof(Label::DeviceSession, asker.binding, proof.key.view(), proof.signature);
    const auto known = co_await board_.look_up_device(proof.key);
    CO_TRY_VOID(right);
    co_return known;
}

// As long as nothing is in a request's way, it is taken as it comes; only what has to wait makes a
// step of this task.
net::Task<void> Session::take_requests() {
    const Duration patience = stranger ? bounds::patience_for_strangers : patience_for_requests;
    const net::Deadline last_moment = loop_.in(patience);
    last_asked_ = loop_.clock().steady();
    while (true) {
        if (put_off_ != nullptr) {
            // It may have been opened by the request just before.
            CO_TRY_VOID(co_await wait_for_opening());
            submit(std::move(*std::exchange(put_off_, nullptr)));
        }
        CO_TRY_VOID(co_await wait_for_turn());
        CO_TRY_VOID(co_await wait_for_room());
        if (finishing_) co_return fail(Code::closing, "the session ends");
        const net::Deadline deadline =
            stranger ? last_moment : net::Deadline{last_asked_ + patience};
        const auto heard = co_await channel_.receive_each(
            [this](Bytes frame) { return take_frame(std::move(frame)); }, deadline);
        CO_TRY_VOID(taken_);
        const bool asked_since = !stranger && deadline < net::Deadline{last_asked_ + patience};
        if (!heard.has_value() && heard.error().code == Code::deadline_passed && asked_since) {
            continue;
        }
        CO_TRY_VOID(heard);
    }
}

net::Channel::Hearing Session::take_frame(Bytes frame) {
    last_asked_ = loop_.clock().steady();
    pace->take_request(frame.size(), last_asked_);
    taken_ = take_request(std::move(frame));
    const bool goes_on = taken_.has_value() && put_off_ == nullptr && !finishing_ && has_room() &&
                         pace->wait(last_asked_) <= Duration{0};
    return goes_on ? net::Channel::Hearing::More : net::Channel::Hearing::Enough;
}

Result<void> Session::take_request(Bytes frame) {
    auto request = codec::decode<protocol::Request>(frame);
    if (!request.has_value() || request->number == unasked) {
        respond(unasked, protocol::Refused{Refusal::Malformed}, 0);
        return fail(Code::malformed, "a frame that is no request");
    }
    Job job{number, request->number, asker, std::move(request->body), frame.size()};
    Bytes{}.swap(frame);
    if (opening > 0 && needs_opened(job.request) != nullptr) {
        put_off_ = std::make_unique<Job>(std::move(job));
    } else {
        submit(std::move(job));
    }
    return {};
}

void Session::submit(Job job) {
    if (const LogId* const log = needs_opened(job.request)) {
        if (const auto found = opened.find(*log); found != opened.end()) {
            job.asker.reader = found->second;
        }
    }
    const RequestNumber asked = job.number;
    const std::size_t cost = cost_of(job.request, job.size);
    hold(cost);
    const auto submitted = board_.submit(*this, std::move(job));
    if (!submitted.has_value()) {
        respond(asked, protocol::Refused{refusal_for(submitted.error().code)}, cost);
    }
}

net::Task<void> Session::wait_for_room() {
    const net::Deadline deadline = loop_.in(2 * bounds::patience_for_sending);
    while (!finishing_ && !has_room())
        CO_TRY_VOID(co_await room_.wait(deadline));
    co_return Result<void>{};
}

// Who has asked for more than its rate is heard later. TLS and TCP carry that back to it.
net::Task<void> Session::wait_for_turn() {
    Duration pause = pace->wait(loop_.clock().steady());
    if (pause > Duration{0}) ++board_.tally().slowed;
    while (!finishing_ && pause > Duration{0}) {
        const auto waited = co_await room_.wait(loop_.in(pause));
        if (!waited.has_value() && waited.error().code != Code::deadline_passed) co_return waited;
        pause = pace->wait(loop_.clock().steady());
    }
    co_return Result<void>{};
}

net::Task<void> Session::wait_for_opening() {
    const net::Deadline deadline = loop_.in(2 * bounds::patience_for_sending);
    while (!finishing_ && opening > 0)
        CO_TRY_VOID(co_await room_.wait(deadline));
    co_return Result<void>{};
}

}  // namespace cercle::relay
