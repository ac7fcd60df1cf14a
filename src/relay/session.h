// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Session: one connection, from Greeting to goodbye. It reads frames (intake.cpp), hands
// requests to the switchboard, and sends answers and news in its own time.
//
// It holds a bounded amount: when too many requests are under way or answers unsent, it stops
// reading until there is room; a peer that does not take its answers is closed. News are hints
// and coalesce: one per log, however often it grew.

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "net/channel.h"
#include "net/event.h"
#include "net/task_group.h"
#include "relay/decide.h"
#include "relay/group_commit.h"
#include "relay/rate.h"

namespace cercle::relay {

class Switchboard;

class Session {
  public:
    Session(Switchboard& board, net::Loop& loop, net::Channel& channel);

    /// The whole life: intake, and a sender beside it when there is something to send. Ends when
    /// either side closes.
    [[nodiscard]] net::Task<void> live();

    /// Answers a request that took() counted.
    void respond(protocol::RequestNumber number, protocol::ResponseBody body, std::size_t cost);
    void tell_grew(const LogId& log, Seq head);
    void tell_moved(const ExchangeId& exchange);

    /// Nothing that it held counts any more.
    void forget() { release(held_); }

    /// Sends what there is to send, then closes.
    void finish();
    /// Closes at once.
    void end();

    // What the switchboard keeps with a session.
    SessionNumber number{};
    Asker asker{};
    bool admitted = false;
    bool stranger = false;
    std::unordered_map<LogId, ReaderKey> opened{};
    std::unordered_set<ExchangeId> watched{};
    // Requests under way, by lane, and those among them that open logs.
    std::size_t writing = 0;
    std::size_t opening = 0;
    std::size_t under_way = 0;
    // Of its device; of its own, if there is none. From admission on.
    Pace* pace = nullptr;
    std::optional<Pace> own_pace{};

    /// What a request may hold of this session's memory until its answer is sent.
    [[nodiscard]] static std::size_t cost_of(const protocol::RequestBody& request,
                                             std::size_t frame);

  private:
    struct Outgoing {
        Bytes frame;
        std::size_t cost;
    };

    // intake.cpp
    [[nodiscard]] net::Task<void> greet();
    [[nodiscard]] net::Task<void> take_hello();
    [[nodiscard]] net::Task<void> take_requests();
    [[nodiscard]] net::Channel::Hearing take_frame(Bytes frame);
    /// A request that can be submitted at once is; another one is put off.
    [[nodiscard]] Result<void> take_request(Bytes frame);
    void submit(Job job);
    [[nodiscard]] net::Task<void> admit_device(protocol::AsDevice proof);
    [[nodiscard]] net::Task<void> wait_for_room();
    [[nodiscard]] net::Task<void> wait_for_turn();
    [[nodiscard]] net::Task<void> wait_for_opening();

    void start_sending();
    [[nodiscard]] net::Task<void> send_what_there_is();
    [[nodiscard]] net::Task<void> send_all();
    [[nodiscard]] net::Task<void> send(Bytes frame);
    /// Everything is sent, or cannot be.
    void conclude();
    [[nodiscard]] Bytes next_news();
    void push(Bytes frame, std::size_t cost);
    void hold(std::size_t cost);
    void release(std::size_t cost);
    /// Beyond what a stranger may: it has shown a token that opens something.
    void trust();
    [[nodiscard]] bool has_room() const;

    Switchboard& board_;
    net::Loop& loop_;
    net::Channel& channel_;
    net::TaskGroup sender_;  // empty while there is nothing to send
    net::Signal room_;       // a request less under way, or an answer less unsent
    net::Event sent_;        // nothing more will be
    std::vector<Outgoing> outgoing_;
    std::unordered_map<LogId, Seq> grown_;
    std::unordered_set<ExchangeId> moved_;
    std::unique_ptr<Job> put_off_;  // until what is being opened is
    Result<void> taken_;            // how the last frame was
    SteadyTime last_asked_{};
    std::size_t held_ = 0;  // bytes, by cost_of
    bool trusted_ = false;
    bool sending_ = false;
    bool finishing_ = false;
};

}  // namespace cercle::relay
