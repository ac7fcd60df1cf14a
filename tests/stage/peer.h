// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Peer: a device's end of a session, and a whole relay on a virtual loop for it to speak to.
// For tests of several folders, and for fuzz targets: no Catch2.

#include <deque>
#include <memory>
#include <utility>
#include <variant>

#include "net/memory_network.h"
#include "relay/server.h"
#include "tests/stage/stage.h"

namespace cercle::relay::stage {

inline constexpr Duration patience = std::chrono::minutes{2};

/// Passes everything on to another store; counts, and fails on request.
class FragileStore final : public LogStore {
  public:
    explicit FragileStore(std::unique_ptr<LogStore> inner)
        : inner_(std::move(inner)) {}

    Result<void> transact(const Work& work) override {
        ++transactions;
        if (!std::exchange(fails_next, false)) return inner_->transact(work);
        return inner_->transact([&](LogTables& tables) -> Result<void> {
            TRY_VOID(work(tables));
            return fail(Code::disk_fault, "a test's fault");
        });
    }

    Result<void> look(const Work& work) override { return inner_->look(work); }

    Result<void> put_away() override { return inner_->put_away(); }

    Result<void> give_back() override { return inner_->give_back(); }

    Result<void> check_integrity() override { return inner_->check_integrity(); }

    std::size_t transactions = 0;
    bool fails_next = false;

  private:
    std::unique_ptr<LogStore> inner_;
};

class Peer {
  public:
    Peer(net::Loop& loop, std::unique_ptr<net::Channel> channel)
        : loop_(loop),
          channel_(std::move(channel)) {
        greeting = must(codec::decode<protocol::Greeting>(must(receive())));
    }

    Result<void> send(Bytes frame) {
        return loop_.run_until(channel_->send(std::move(frame), loop_.in(patience)));
    }

    Result<Bytes> receive(Duration how_long = patience) {
        return loop_.run_until(channel_->receive(loop_.in(how_long)));
    }

    /// The next response; news on the way are kept. What fails is the connection.
    Result<protocol::Response> response() {
        while (true) {
            TRY(const Bytes frame, receive());
            TRY(auto spoken, codec::decode<protocol::FromRelay>(frame));
            if (auto* response = std::get_if<protocol::Response>(&spoken)) {
                return std::move(*response);
            }
            news.push_back(std::move(spoken));
        }
    }

    /// All news that come within a while.
    void listen() {
        while (true) {
            const auto frame = receive(std::chrono::seconds{5});
            if (!frame.has_value()) return;
            news.push_back(must(codec::decode<protocol::FromRelay>(*frame)));
        }
    }

    Result<void> hello(decltype(protocol::Hello::who) who) {
        TRY_VOID(send(codec::encode(protocol::Hello{protocol::protocol_version, std::move(who)})));
        TRY(const auto answer, response());
        if (const auto* refused = std::get_if<protocol::Refused>(&answer.body)) {
            return fail(protocol::to_code(refused->refusal), "the relay refused");
        }
        return {};
    }

    [[nodiscard]] protocol::AsDevice proof(const Actor& actor) const {
        return {actor.device_key(), sign(actor.key, access::Label::DeviceSession)};
    }

    [[nodiscard]] protocol::AsOfficer proof(const Officer& officer) const {
        return {as<OfficerKey>(officer.key), sign(officer.key, access::Label::OfficerSession)};
    }

    /// Of whoever holds one key and nothing else.
    [[nodiscard]] protocol::AsHolder proof(const SigningKey& key) const {
        return {as<HolderKey>(key), sign(key, access::Label::HolderSession)};
    }

    protocol::RequestNumber ask_later(protocol::RequestBody body) {
        last_ = last_.next();
        must(send(codec::encode(protocol::Request{last_, std::move(body)})).has_value());
        return last_;
    }

    /// Errors: what the relay refused with.
    Result<protocol::ResponseBody> ask(protocol::RequestBody body) {
        const auto number = ask_later(std::move(body));
        TRY(auto answer, response());
        must(answer.number == number);
        if (const auto* refused = std::get_if<protocol::Refused>(&answer.body)) {
            return fail(protocol::to_code(refused->refusal), "the relay refused");
        }
        return std::move(answer.body);
    }

    [[nodiscard]] const crypto::Digest& binding() const { return channel_->binding(); }

    protocol::Greeting greeting{};
    std::deque<protocol::FromRelay> news{};

  private:
    [[nodiscard]] Bytes sign(const SigningKey& key, access::Label label) const {
        return access::sign(
            key,
            label,
            codec::encode(protocol::SessionStatement{channel_->binding(), key.public_key()}));
    }

    net::Loop& loop_;
    std::unique_ptr<net::Channel> channel_;
    protocol::RequestNumber last_{};
};

/// A relay at work, claimed, with one conversation of Ana and Ben.
class Town : public Desk {
  public:
    Town() {
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
        start();
    }

    Town(const Town&) = delete;
    Town& operator=(const Town&) = delete;

    ~Town() { stop(); }

    void start() {
        fragile = std::make_unique<FragileStore>(std::move(store));
        server = must(
            Server::start(loop, loop.clock(), network, {"relay", 7443}, identity, *fragile, diary));
    }

    void stop() {
        if (server == nullptr) return;
        must(loop.run_until(server->stop()).has_value());
        server.reset();
    }

    std::unique_ptr<net::Channel> dial() {
        return must(
            loop.run_until(network.dial({"relay", 7443}, identity.key(), loop.in(patience))));
    }

    Peer stranger() { return {loop, dial()}; }

    template <class Person>
    Peer session(const Person& person) {
        Peer peer(loop, dial());
        must(peer.hello(peer.proof(person)).has_value());
        return peer;
    }

    net::Loop loop{net::Loop::Kind::Virtual, WallTime{std::chrono::hours{500'000}}};
    net::MemoryNetwork network{loop, chance()};
    net::ServerIdentity identity = net::ServerIdentity::generate(chance());
    SilentDiary diary{};
    std::unique_ptr<FragileStore> fragile{};
    std::unique_ptr<Server> server{};
    Actor ana{};
    Actor ben{};
    Talk talk{};
};

}  // namespace cercle::relay::stage
