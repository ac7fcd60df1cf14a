// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/town/operator.h"

#include "codec/tls.h"

namespace cercle::town {

/// One session as it passes through his hands.
struct Operator::Hands {
    Operator& mine;
    Session session;
    std::unique_ptr<net::Channel> channel;
    std::deque<Bytes> for_relay{};

    void learn(BytesView frame) {
        const auto hello = codec::decode<protocol::Hello>(frame);
        if (!hello) return;
        if (const auto* device = std::get_if<protocol::AsDevice>(&hello->who)) {
            mine.devices_.insert_or_assign(session, device->key);
        }
    }

    /// His own answer, encoded, if he gives one.
    [[nodiscard]] std::optional<Bytes> answer(BytesView frame) {
        if (!mine.answering_) return std::nullopt;
        const auto request = codec::decode<protocol::Request>(frame);
        if (!request) return std::nullopt;
        auto body = mine.answering_(session, request->body);
        if (!body) return std::nullopt;
        return codec::encode(
            protocol::FromRelay{protocol::Response{request->number, *std::move(body)}});
    }

    net::Task<Bytes> receive(net::Deadline deadline) {
        while (for_relay.empty()) {
            CO_TRY(Bytes frame, co_await channel->receive(deadline));
            learn(frame);
            if (auto own = answer(frame)) {
                CO_TRY_VOID(co_await channel->send(*std::move(own), deadline));
                continue;
            }
            if (!mine.to_relay_) co_return frame;
            for (Bytes& one : mine.to_relay_(session, std::move(frame)))
                for_relay.push_back(std::move(one));
        }
        Bytes frame = std::move(for_relay.front());
        for_relay.pop_front();
        co_return frame;
    }

    net::Task<void> send(Bytes frame, net::Deadline deadline) {
        if (!mine.to_device_) co_return co_await channel->send(std::move(frame), deadline);
        auto instead = mine.to_device_(session, std::move(frame));
        for (Bytes& one : instead)
            CO_TRY_VOID(co_await channel->send(std::move(one), deadline));
        co_return Result<void>{};
    }
};

namespace {

class HandledChannel final : public net::Channel {
  public:
    explicit HandledChannel(Operator::Hands hands)
        : hands_(std::move(hands)) {}

    net::Task<Bytes> receive(net::Deadline deadline) override { return hands_.receive(deadline); }

    net::Task<void> send(Bytes frame, net::Deadline deadline) override {
        return hands_.send(std::move(frame), deadline);
    }

    void limit_frames(std::size_t largest) noexcept override {
        hands_.channel->limit_frames(largest);
    }

    void close() noexcept override { hands_.channel->close(); }

    [[nodiscard]] const crypto::Digest& binding() const override {
        return hands_.channel->binding();
    }

  private:
    Operator::Hands hands_;
};

template <class Wrap>
class HandledListener final : public net::Listener {
  public:
    HandledListener(std::unique_ptr<net::Listener> listener, Wrap wrap)
        : listener_(std::move(listener)),
          wrap_(std::move(wrap)) {}

    net::Task<std::unique_ptr<net::Channel>> accept() override {
        CO_TRY(auto channel, co_await listener_->accept());
        co_return wrap_(std::move(channel));
    }

    [[nodiscard]] net::Address address() const override { return listener_->address(); }

    Result<void> show(const net::ServerIdentity& identity) override {
        return listener_->show(identity);
    }

    void close() noexcept override { listener_->close(); }

  private:
    std::unique_ptr<net::Listener> listener_;
    Wrap wrap_;
};

}  // namespace

Result<std::unique_ptr<net::Listener>> Operator::listen(net::Address address,
                                                        const net::ServerIdentity& identity) {
    TRY(auto listener, network_.listen(std::move(address), identity));
    auto wrap = [this](std::unique_ptr<net::Channel> channel) -> std::unique_ptr<net::Channel> {
        return std::make_unique<HandledChannel>(Hands{*this, ++last_, std::move(channel)});
    };
    return std::make_unique<HandledListener<decltype(wrap)>>(std::move(listener), wrap);
}

net::Task<std::unique_ptr<net::Channel>> Operator::dial(net::Address address,
                                                        net::RelayKey expected,
                                                        net::Deadline deadline) {
    return network_.dial(std::move(address), expected, deadline);
}

void Operator::rewrite(std::function<void(Session, protocol::FromRelay&)> change) {
    to_device_ = [change = std::move(change)](Session session, const Bytes& frame) {
        auto said = codec::decode<protocol::FromRelay>(frame);
        if (!said) return std::vector<Bytes>{frame};
        change(session, *said);
        return std::vector<Bytes>{codec::encode(*said)};
    };
}

void Operator::be_honest() {
    to_relay_ = nullptr;
    to_device_ = nullptr;
    answering_ = nullptr;
}

std::optional<protocol::DeviceKey> Operator::device(Session session) const {
    const auto found = devices_.find(session);
    return found == devices_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace cercle::town
