// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/memory_network.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "net/mailbox.h"

namespace cercle::net {
namespace {

constexpr std::size_t longest_queue = 1024;  // of callers whom nobody has accepted yet
constexpr std::uint16_t first_free_port = 40000;

/// What the network, its listeners and its channels all look at; nobody changes it.
struct World {
    Loop& loop;
    Random& random;
    Weather weather;

    [[nodiscard]] Duration delay() const {
        std::array<std::uint8_t, 8> bytes{};
        random.fill(bytes);
        std::uint64_t drawn = 0;
        for (const std::uint8_t byte : bytes)
            drawn = drawn << 8U | byte;
        const auto span = static_cast<std::uint64_t>(
            (weather.longest_delay - weather.shortest_delay).count() + 1);
        return weather.shortest_delay + Duration{static_cast<std::int64_t>(drawn % span)};
    }
};

/// Nothing stands for the sender's goodbye.
using Parcel = std::optional<Bytes>;

/// One way between two ends.
struct Way {
    struct UnderWay {
        Timer arrival;
        Parcel parcel;
    };

    explicit Way(Loop& loop)
        : changed(loop) {}

    [[nodiscard]] std::size_t load() const { return under_way.size() + arrived.size(); }

    void clear() {
        under_way.clear();
        arrived.clear();
    }

    Signal changed;
    std::deque<UnderWay> under_way;
    std::deque<Parcel> arrived;
    SteadyTime last_arrival{};
};

enum class End : std::uint8_t { Caller, Called };

/// Shared by the channels at both ends and by the tasks that wait in them.
struct Line {
    Line(World of, Address called)
        : world(of),
          address(std::move(called)),
          ways{Way(of.loop), Way(of.loop)} {
        world.random.fill(binding);
    }

    [[nodiscard]] Way& towards(End end) { return ways[end == End::Caller ? 0 : 1]; }

    [[nodiscard]] Way& from(End end) { return ways[end == End::Caller ? 1 : 0]; }

    [[nodiscard]] bool& closed(End end) { return closed_[end == End::Caller ? 0 : 1]; }

    void post(End from_end, Parcel parcel) {
        Way& way = from(from_end);
        const SteadyTime now = world.loop.clock().steady();
        way.last_arrival = std::max(way.last_arrival, now + world.delay());
        way.under_way.push_back({.arrival = {}, .parcel = std::move(parcel)});
        // The timer dies with the way that it refers to.
        way.under_way.back().arrival =
            world.loop.timers().schedule(Deadline{way.last_arrival}, [&way] {
                way.arrived.push_back(std::move(way.under_way.front().parcel));
                way.under_way.pop_front();
                way.changed.notify_all();
            });
    }

    void close(End end) {
        if (std::exchange(closed(end), true)) return;
        towards(end).clear();
        if (!cut_off) post(end, std::nullopt);
        tell_all();
    }

    void cut() {
        cut_off = true;
        for (Way& way : ways)
            way.clear();
        tell_all();
    }

    [[nodiscard]] bool open() const { return !cut_off && !closed_[0] && !closed_[1]; }

    void tell_all() {
        for (Way& way : ways)
            way.changed.notify_all();
    }

    World world;
    Address address;
    crypto::Digest binding{};
    std::array<Way, 2> ways;
    bool cut_off = false;

  private:
    std::array<bool, 2> closed_{};
};

Task<Bytes> receive_at(std::shared_ptr<Line> line, End end, Deadline deadline) {
    Way& way = line->towards(end);
    while (true) {
        if (line->closed(end)) co_return fail(Code::closing, "the channel was closed");
        if (line->cut_off) co_return fail(Code::unreachable_peer, "the connection was cut");
        if (!way.arrived.empty()) {
            if (!way.arrived.front()) co_return fail(Code::unreachable_peer, "the peer has closed");
            Bytes frame = *std::move(way.arrived.front());
            way.arrived.pop_front();
            way.changed.notify_all();
            co_return frame;
        }
        CO_TRY_VOID(co_await way.changed.wait(deadline));
    }
}

Task<void> send_from(std::shared_ptr<Line> line, End end, Bytes frame, Deadline deadline) {
    Way& way = line->from(end);
    const End other = end == End::Caller ? End::Called : End::Caller;
    if (frame.size() > line->world.weather.largest_frame) {
        co_return fail(Code::too_large, "a frame over the channel's bound");
    }
    while (true) {
        if (line->closed(end)) co_return fail(Code::closing, "the channel was closed");
        if (line->cut_off) co_return fail(Code::unreachable_peer, "the connection was cut");
        if (line->closed(other)) {
            // As with TCP, who sends after the peer's goodbye learns it only once it is here.
            const Way& back = line->towards(end);
            const bool known = !back.arrived.empty() && !back.arrived.back();
            if (known) co_return fail(Code::unreachable_peer, "the peer has closed");
            co_return Result<void>{};
        }
        if (way.load() < line->world.weather.most_under_way) break;
        const auto waited = co_await way.changed.wait(deadline);
        if (!waited) {
            line->close(end);
            co_return std::unexpected(waited.error());
        }
    }
    line->post(end, std::move(frame));
    co_return Result<void>{};
}

class MemoryChannel final : public Channel {
  public:
    MemoryChannel(std::shared_ptr<Line> line, End end)
        : line_(std::move(line)),
          end_(end) {}

    MemoryChannel(const MemoryChannel&) = delete;
    MemoryChannel& operator=(const MemoryChannel&) = delete;

    ~MemoryChannel() override { line_->close(end_); }

    Task<Bytes> receive(Deadline deadline) override { return receive_at(line_, end_, deadline); }

    Task<void> send(Bytes frame, Deadline deadline) override {
        return send_from(line_, end_, std::move(frame), deadline);
    }

    void close() noexcept override { line_->close(end_); }

    [[nodiscard]] const crypto::Digest& binding() const override { return line_->binding; }

  private:
    std::shared_ptr<Line> line_;
    End end_;
};

/// The queue is shared with the task that accepts.
using Callers = std::shared_ptr<Mailbox<std::unique_ptr<Channel>>>;

Task<std::unique_ptr<Channel>> accept_from(Callers callers) {
    co_return co_await callers->pop(Deadline::never());
}

}  // namespace

struct MemoryNetwork::State {
    struct Place {
        RelayKey key;
        Callers callers;
    };

    explicit State(World of)
        : world(of) {}

    [[nodiscard]] std::vector<std::shared_ptr<Line>> live() {
        std::vector<std::shared_ptr<Line>> found;
        std::erase_if(lines, [](const auto& line) { return line.expired(); });
        for (const auto& line : lines)
            found.push_back(line.lock());
        return found;
    }

    [[nodiscard]] std::uint16_t free_port(const std::string& host) const {
        std::uint16_t port = first_free_port;
        while (places.contains({host, port}))
            ++port;
        return port;
    }

    World world;
    std::map<Address, Place> places;
    std::set<Address> refused;
    std::vector<std::weak_ptr<Line>> lines;
};

namespace {

template <class State>
class MemoryListener final : public Listener {
  public:
    MemoryListener(std::shared_ptr<State> state, Address address, Callers callers)
        : state_(std::move(state)),
          address_(std::move(address)),
          callers_(std::move(callers)) {}

    MemoryListener(const MemoryListener&) = delete;
    MemoryListener& operator=(const MemoryListener&) = delete;

    ~MemoryListener() override { MemoryListener::close(); }

    Task<std::unique_ptr<Channel>> accept() override { return accept_from(callers_); }

    [[nodiscard]] Address address() const override { return address_; }

    void close() noexcept override {
        if (callers_->closed()) return;
        callers_->close();
        state_->places.erase(address_);
        while (callers_->take()) {  // whom nobody has accepted is turned away
        }
    }

  private:
    std::shared_ptr<State> state_;
    Address address_;
    Callers callers_;
};

template <class State>
Task<std::unique_ptr<Channel>> call(std::shared_ptr<State> state,
                                    Address address,
                                    RelayKey expected,
                                    Deadline deadline) {
    Loop& loop = state->world.loop;
    const Deadline there = loop.in(state->world.delay());
    CO_TRY_VOID(co_await loop.wait_until(there.but_at_most(deadline)));
    if (deadline < there) co_return fail(Code::deadline_passed, "the call took too long");

    const auto place = state->places.find(address);
    if (place == state->places.end() || state->refused.contains(address)) {
        co_return fail(Code::unreachable_peer, "nobody answers there");
    }
    if (place->second.key != expected) {
        co_return fail(Code::relay_key_mismatch, "another server answers there");
    }
    // Shared: it belongs to both ends alike.
    auto line = std::make_shared<Line>(state->world, address);
    auto mine = std::make_unique<MemoryChannel>(line, End::Caller);
    if (!place->second.callers->push(std::make_unique<MemoryChannel>(line, End::Called))) {
        co_return fail(Code::unreachable_peer, "too many are calling");
    }
    state->lines.push_back(line);

    const Deadline back = loop.in(state->world.delay());
    CO_TRY_VOID(co_await loop.wait_until(back.but_at_most(deadline)));
    if (deadline < back) co_return fail(Code::deadline_passed, "the answer took too long");
    co_return std::unique_ptr<Channel>(std::move(mine));
}

}  // namespace

MemoryNetwork::MemoryNetwork(Loop& loop, Random& random, Weather weather)
    : state_(std::make_shared<State>(World{loop, random, weather})) {}

MemoryNetwork::~MemoryNetwork() = default;

Result<std::unique_ptr<Listener>> MemoryNetwork::listen(Address address,
                                                        const ServerIdentity& identity) {
    if (address.port == 0) address.port = state_->free_port(address.host);
    if (state_->places.contains(address)) {
        return fail(Code::already_exists, "somebody listens there");
    }
    auto callers =
        std::make_shared<Mailbox<std::unique_ptr<Channel>>>(state_->world.loop, longest_queue);
    state_->places.emplace(address, State::Place{identity.key(), callers});
    return std::make_unique<MemoryListener<State>>(state_, std::move(address), std::move(callers));
}

Task<std::unique_ptr<Channel>> MemoryNetwork::dial(Address address,
                                                   RelayKey expected,
                                                   Deadline deadline) {
    return call(state_, std::move(address), expected, deadline);
}

void MemoryNetwork::cut(const Address& address) {
    for (const auto& line : state_->live()) {
        if (line->address == address) line->cut();
    }
}

void MemoryNetwork::set_dialing(const Address& address, Dialing dialing) {
    if (dialing == Dialing::Refused) {
        state_->refused.insert(address);
    } else {
        state_->refused.erase(address);
    }
}

std::size_t MemoryNetwork::connections() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(state_->live(), [](const auto& line) { return line->open(); }));
}

}  // namespace cercle::net
