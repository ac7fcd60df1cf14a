// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A relay that says to a device what a script has it say, and where the script says nothing, what
// an honest one would. Logs that it hands out continue as they must, or nobody would look at what
// is in them.

#include <deque>
#include <map>

#include "client/receive.h"
#include "codec/tls.h"
#include "net/memory_network.h"
#include "protocol/frames.h"
#include "tests/fuzz/round_trip.h"
#include "tests/must.h"

namespace cercle::fuzz {

/// A log as the device knows it, and what the relay will say has come to it.
struct Log {
    protocol::Seq seq;
    protocol::ChainHash chain;
    std::deque<protocol::Entry> entries;

    enum class Place : std::uint8_t { Right, AsItSays };

    void append(protocol::LogId id, protocol::Entry entry, Place place = Place::Right) {
        if (place == Place::Right) {
            entry.seq = head().next();
            entry.chain = client::chain_after(last(), id, entry);
        }
        entries.push_back(std::move(entry));
    }

    [[nodiscard]] protocol::Seq head() const { return entries.empty() ? seq : entries.back().seq; }

    [[nodiscard]] protocol::ChainHash last() const {
        return entries.empty() ? chain : entries.back().chain;
    }
};

/// Said in place of the next answer: a frame, or the body of a response.
using Said = std::variant<Bytes, protocol::ResponseBody>;

class HostileRelay {
  public:
    HostileRelay(net::Loop& loop, net::Network& network, const net::ServerIdentity& identity)
        : loop_(loop),
          listener_(must(network.listen({"relay", 7443}, identity))) {}

    /// Serves one connection after the other, until cancelled.
    [[nodiscard]] net::Task<void> run() {
        while (true) {
            CO_TRY(auto channel, co_await listener_->accept());
            static_cast<void>(co_await serve(*channel));
        }
    }

    std::map<protocol::LogId, Log> logs;
    std::deque<Said> said;
    std::deque<Bytes> news;

  private:
    static constexpr Duration patience = std::chrono::minutes{1};

    net::Task<void> serve(net::Channel& channel) {
        CO_TRY_VOID(co_await channel.send(codec::encode(protocol::Greeting{}), loop_.in(patience)));
        CO_TRY(const Bytes hello, co_await channel.receive(loop_.in(patience)));
        must_hold(codec::decode<protocol::Hello>(hello).has_value());
        CO_TRY_VOID(co_await channel.send(
            codec::encode(protocol::FromRelay{protocol::Response{{0}, protocol::Done{}}}),
            loop_.in(patience)));
        while (true) {
            CO_TRY(const Bytes frame, co_await channel.receive(loop_.in(patience)));
            const auto request = codec::decode<protocol::Request>(frame);
            must_hold(request.has_value());
            while (!news.empty()) {
                CO_TRY_VOID(co_await channel.send(std::move(news.front()), loop_.in(patience)));
                news.pop_front();
            }
            CO_TRY_VOID(co_await channel.send(answer(*request), loop_.in(patience)));
        }
    }

    Bytes answer(const protocol::Request& request) {
        protocol::ResponseBody body;
        if (said.empty()) {
            body = std::visit([this](const auto& asked) { return honest(asked); }, request.body);
        } else {
            Said next = std::move(said.front());
            said.pop_front();
            if (auto* const frame = std::get_if<Bytes>(&next)) return std::move(*frame);
            body = std::move(std::get<protocol::ResponseBody>(next));
        }
        return codec::encode(
            protocol::FromRelay{protocol::Response{request.number, std::move(body)}});
    }

    protocol::ResponseBody honest(const protocol::OpenLog& asked) {
        const auto found = logs.find(asked.log);
        if (found == logs.end()) return protocol::Refused{protocol::Refusal::Refused};
        return protocol::Opened{{1}, found->second.head()};
    }

    protocol::ResponseBody honest(const protocol::Read& asked) {
        protocol::Entries answer;
        Log& log = logs[asked.log];
        answer.head = log.head();
        for (const protocol::Entry& entry : log.entries) {
            if (entry.seq > asked.after) answer.entries.push_back(entry);
        }
        return answer;
    }

    static protocol::ResponseBody honest(const protocol::CountKeyPackages& /*asked*/) {
        return protocol::Count{24};
    }

    static protocol::ResponseBody honest(const protocol::PutKeyPackages& /*asked*/) {
        return protocol::Count{24};
    }

    protocol::ResponseBody honest(const protocol::Post& asked) {
        Log& log = logs[asked.log];
        protocol::Posted posted;
        for (const protocol::NewEntry& one : asked.entries) {
            log.append(asked.log,
                       {{}, protocol::EntryKind::Application, asked.epoch, {}, one.payload, {}});
            posted.positions.push_back(log.head());
        }
        return posted;
    }

    static protocol::ResponseBody honest(const protocol::CreateBlob& /*asked*/) {
        return protocol::Blob{{1}, {}};
    }

    static protocol::ResponseBody honest(const protocol::PutChunk& /*asked*/) {
        return protocol::Done{};
    }

    template <class Other>
    static protocol::ResponseBody honest(const Other& /*asked*/) {
        return protocol::Refused{protocol::Refusal::Refused};
    }

    net::Loop& loop_;
    std::unique_ptr<net::Listener> listener_;
};

}  // namespace cercle::fuzz
