// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/session.h"

#include <utility>

#include "access/label.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

// The channel itself notices a dead peer; this only lets the listening task look up now and then.
constexpr auto listening_patience = 1h;

std::unexpected<Error> refused_with(protocol::Refusal refusal) {
    const Code code = protocol::to_code(refusal);
    if (refusal == protocol::Refusal::StoreFault) {
        return fail(code, "the relay's disk fails at the moment; what was written here is kept");
    }
    return fail(code, "the relay refuses this");
}

}  // namespace

Session::Session(World& world, std::unique_ptr<net::Channel> channel, OnNews on_news)
    : world_(world),
      channel_(std::move(channel)),
      on_news_(std::move(on_news)),
      tasks_(world.loop, world.diary) {}

Session::~Session() = default;

net::Task<std::unique_ptr<Session>> Session::open(World& world,
                                                  net::Address address,
                                                  net::RelayKey relay_key,
                                                  Who who,
                                                  const crypto::SigningKey* key,
                                                  OnNews on_news,
                                                  net::Deadline deadline) {
    CO_TRY(auto channel, co_await world.network.dial(std::move(address), relay_key, deadline));
    auto session = std::make_unique<Session>(world, std::move(channel), std::move(on_news));
    CO_TRY_VOID(co_await session->greet(who, key, deadline));
    CO_TRY_VOID(session->tasks_.spawn(session->listen()));
    co_return session;
}

net::Task<void> Session::greet(Who who, const crypto::SigningKey* key, net::Deadline deadline) {
    CO_TRY(const Bytes first, co_await channel_->receive(deadline));
    CO_TRY(const auto greeting, codec::decode<protocol::Greeting>(first));
    if (greeting.version != protocol::protocol_version) {
        co_return fail(Code::unsupported, "the relay speaks another version of the protocol");
    }
    incarnation_ = greeting.incarnation;

    protocol::Hello hello;
    if (key != nullptr) {
        protocol::SessionStatement statement;
        statement.binding = channel_->binding();
        statement.key = key->public_key();
        const Bytes content = codec::encode(statement);
        if (who == Who::Officer) {
            hello.who =
                protocol::AsOfficer{*protocol::OfficerKey::from(key->public_key()),
                                    access::sign(*key, access::Label::OfficerSession, content)};
        } else if (who == Who::Holder) {
            hello.who =
                protocol::AsHolder{*protocol::HolderKey::from(key->public_key()),
                                   access::sign(*key, access::Label::HolderSession, content)};
        } else {
            hello.who =
                protocol::AsDevice{*protocol::DeviceKey::from(key->public_key()),
                                   access::sign(*key, access::Label::DeviceSession, content)};
        }
    } else {
        hello.who = protocol::AsNewcomer{};
    }
    CO_TRY_VOID(co_await channel_->send(codec::encode(hello), deadline));
    CO_TRY(const Bytes frame, co_await channel_->receive(deadline));
    CO_TRY(const auto answer, codec::decode<protocol::FromRelay>(frame));
    const auto* response = std::get_if<protocol::Response>(&answer);
    if (response == nullptr || response->number.value != 0) {
        co_return fail(Code::malformed, "the relay did not answer the hello");
    }
    if (const auto* refused = std::get_if<protocol::Refused>(&response->body)) {
        co_return fail(protocol::to_code(refused->refusal), "the relay does not admit this device");
    }
    co_return Result<void>();
}

net::Task<void> Session::close() {
    channel_->close();
    lose();
    co_return co_await tasks_.close();
}

net::Task<protocol::ResponseBody> Session::ask_any(protocol::RequestBody body,
                                                   net::Deadline deadline) {
    if (lost_) co_return fail(Code::unreachable_peer, "the connection to the relay is gone");
    const std::uint32_t number = next_number_++;
    Waiting waiting(world_.loop);
    waiting_.emplace(number, &waiting);
    const protocol::Request request{{number}, std::move(body)};
    auto sent = co_await channel_->send(codec::encode(request), deadline);
    if (sent) sent = co_await waiting.answered.wait(deadline);
    waiting_.erase(number);
    if (waiting.answer) co_return *std::move(waiting.answer);
    if (!sent && sent.error().code == Code::deadline_passed) {
        // An answer that is this late leaves everything open: start over on a new connection.
        channel_->close();
        lose();
    }
    CO_TRY_VOID(std::move(sent));
    co_return fail(Code::unreachable_peer, "the connection to the relay is gone");
}

net::Task<protocol::Opened> Session::open_log(protocol::LogId log,
                                              const crypto::SigningKey& reader,
                                              net::Deadline deadline) {
    const protocol::ReaderStatement statement{channel_->binding(), log};
    protocol::OpenLog request{
        log,
        *protocol::ReaderKey::from(reader.public_key()),
        access::sign(reader, access::Label::Reader, codec::encode(statement))};
    co_return co_await ask<protocol::Opened>(std::move(request), deadline);
}

net::Task<void> Session::listen() {
    while (true) {
        auto frame = co_await channel_->receive(world_.loop.in(listening_patience));
        if (!frame && frame.error().code == Code::deadline_passed) continue;
        if (!frame) break;
        if (auto taken = take_frame(*frame); !taken) {
            world_.diary.fault(taken.error());
            channel_->close();
            break;
        }
    }
    lose();
    co_return Result<void>();
}

Result<void> Session::take_frame(BytesView frame) {
    TRY(auto from_relay, codec::decode<protocol::FromRelay>(frame));
    if (auto* response = std::get_if<protocol::Response>(&from_relay)) {
        const auto found = waiting_.find(response->number.value);
        // Late answers to what nobody waits for any more are no fault.
        if (found == waiting_.end()) return {};
        Waiting& waiting = *found->second;
        if (const auto* refused = std::get_if<protocol::Refused>(&response->body)) {
            waiting.answer = Result<protocol::ResponseBody>(refused_with(refused->refusal));
        } else {
            waiting.answer = Result<protocol::ResponseBody>(std::move(response->body));
        }
        waiting.answered.set();
        return {};
    }
    if (const auto* grew = std::get_if<protocol::Grew>(&from_relay)) {
        on_news_(*grew);
    } else if (const auto* moved = std::get_if<protocol::Moved>(&from_relay)) {
        on_news_(*moved);
    }
    return {};
}

void Session::lose() {
    if (lost_) return;
    lost_ = true;
    for (auto& [number, waiting] : waiting_)
        waiting->answered.set();
    // An empty Grew wakes whoever works with this session, so that it notices.
    on_news_(protocol::Grew{});
}

}  // namespace cercle::client
