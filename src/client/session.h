// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Session: one authenticated connection to the relay. Requests go out as they come and are
// matched with their answers by number; news arrives beside them.
//
// On the trip: between client/outbox and the relay's intake, and back.

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "client/world.h"
#include "crypto/sign.h"
#include "net/channel.h"
#include "net/event.h"
#include "net/task_group.h"
#include "protocol/frames.h"

namespace cercle::client {

/// What a relay says unasked.
using News = std::variant<protocol::Grew, protocol::Moved>;
using OnNews = std::move_only_function<void(const News&)>;

class Session {
  public:
    /// As a device, as the officer or as the holder of a card, by their keys; as a newcomer without
    /// one.
    enum class Who : std::uint8_t { Device, Officer, Newcomer, Holder };

    /// Errors: unreachable_peer, relay_key_mismatch, deadline_passed, unsupported, and what the
    /// relay answers (refused: it does not know this key).
    [[nodiscard]] static net::Task<std::unique_ptr<Session>> open(World& world,
                                                                  net::Address address,
                                                                  net::RelayKey relay_key,
                                                                  Who who,
                                                                  const crypto::SigningKey* key,
                                                                  OnNews on_news,
                                                                  net::Deadline deadline);
    Session(World& world, std::unique_ptr<net::Channel> channel, OnNews on_news);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Must be awaited before the session is destroyed.
    [[nodiscard]] net::Task<void> close();

    /// The answer, if it is of the expected kind. Errors: the refusal's code; unreachable_peer
    /// when the connection was lost (whether the relay has done it is then unknown); malformed.
    template <class Answer>
    [[nodiscard]] net::Task<Answer> ask(protocol::RequestBody body, net::Deadline deadline) {
        CO_TRY(auto answer, co_await ask_any(std::move(body), deadline));
        auto* expected = std::get_if<Answer>(&answer);
        if (expected == nullptr) {
            co_return fail(Code::malformed, "the relay answered something else than was asked");
        }
        co_return std::move(*expected);
    }

    /// The right to read a log, and its news from now on.
    [[nodiscard]] net::Task<protocol::Opened> open_log(protocol::LogId log,
                                                       const crypto::SigningKey& reader,
                                                       net::Deadline deadline);

    [[nodiscard]] bool lost() const { return lost_; }

    /// The relay's new key, if the one that was expected has made it its successor.
    [[nodiscard]] std::optional<net::RelayKey> relay_successor() const {
        return channel_->successor();
    }

    [[nodiscard]] protocol::Incarnation incarnation() const { return incarnation_; }

  private:
    struct Waiting {
        explicit Waiting(net::Loop& loop)
            : answered(loop) {}

        net::Event answered;
        std::optional<Result<protocol::ResponseBody>> answer;
    };

    [[nodiscard]] net::Task<void> greet(Who who,
                                        const crypto::SigningKey* key,
                                        net::Deadline deadline);
    [[nodiscard]] net::Task<protocol::ResponseBody> ask_any(protocol::RequestBody body,
                                                            net::Deadline deadline);
    [[nodiscard]] net::Task<void> listen();
    [[nodiscard]] Result<void> take_frame(BytesView frame);
    void lose();

    World& world_;
    std::unique_ptr<net::Channel> channel_;
    OnNews on_news_;
    net::TaskGroup tasks_;
    std::map<std::uint32_t, Waiting*> waiting_;
    protocol::Incarnation incarnation_;
    std::uint32_t next_number_ = 1;
    bool lost_ = false;
};

}  // namespace cercle::client
