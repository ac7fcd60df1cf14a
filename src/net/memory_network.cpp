// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/memory_network.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "net/mailbox.h"
#include "net/memory_line.h"
#include "net/succession.h"

namespace cercle::net {
namespace {

constexpr std::size_t longest_queue = 1024;  // of callers whom nobody has accepted yet
constexpr std::uint16_t first_free_port = 40000;
constexpr SeatNumber nobodys = 0;

/// The queue is shared with the task that accepts.
using Callers = std::shared_ptr<Mailbox<std::unique_ptr<Channel>>>;

Task<std::unique_ptr<Channel>> accept_from(Callers callers) {
    co_return co_await callers->pop(Deadline::never());
}

/// Where somebody listens.
struct Place {
    RelayKey key;
    std::vector<Bytes> shown;
    Callers callers;
    SeatNumber seat = nobodys;
};

/// What a machine can do at the moment.
struct Condition {
    Reach reach = Reach::Everybody;
    /// Set while it is down: how that shows to who calls it.
    std::optional<Parting> down;
};

}  // namespace

struct MemoryNetwork::State {
    State(Loop& loop, Random& random, Weather weather)
        : world{loop, random, weather} {}

    [[nodiscard]] std::vector<std::shared_ptr<MemoryLine>> live() {
        std::vector<std::shared_ptr<MemoryLine>> found;
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

    [[nodiscard]] bool reaches(SeatNumber seat) {
        return conditions[seat].reach == Reach::Everybody;
    }

    /// Frames flow on a line while both its machines reach anybody.
    void let_flow() {
        for (const auto& line : live()) {
            line->set_flowing(reaches(line->seat(LineEnd::Caller)) &&
                              reaches(line->seat(LineEnd::Called)));
        }
    }

    void lose_lines(SeatNumber seat, Parting parting) {
        for (const auto& line : live()) {
            if (line->ends_in(seat)) line->lose(line->end_in(seat), parting);
        }
    }

    MemoryWorld world;
    std::map<Address, Place> places;
    std::set<Address> refused;
    std::map<SeatNumber, Condition> conditions;
    std::vector<std::weak_ptr<MemoryLine>> lines;
    SeatNumber last_seat = nobodys;
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

    Result<void> show(const ServerIdentity& identity) override {
        const auto place = state_->places.find(address_);
        if (place == state_->places.end()) return fail(Code::closing, "nobody listens any more");
        place->second.key = identity.key();
        place->second.shown = identity.certificates();
        return {};
    }

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
Result<std::unique_ptr<Listener>> listen_in(std::shared_ptr<State> state,
                                            SeatNumber seat,
                                            Address address,
                                            const ServerIdentity& identity) {
    if (address.port == 0) address.port = state->free_port(address.host);
    if (state->places.contains(address)) {
        return fail(Code::already_exists, "somebody listens there");
    }
    auto callers =
        std::make_shared<Mailbox<std::unique_ptr<Channel>>>(state->world.loop, longest_queue);
    state->places.emplace(address, Place{identity.key(), identity.certificates(), callers, seat});
    return std::make_unique<MemoryListener<State>>(state, std::move(address), std::move(callers));
}

/// What the network says to a call, if it is not put through; the caller has to wait for silence.
template <class State>
std::optional<Code> obstacle(State& state, SeatNumber seat, const Address& address) {
    const Condition& mine = state.conditions[seat];
    if (mine.down) return Code::unreachable_peer;
    if (mine.reach == Reach::Nobody) return Code::deadline_passed;
    const auto place = state.places.find(address);
    if (place == state.places.end() || state.refused.contains(address)) {
        return Code::unreachable_peer;
    }
    const Condition& theirs = state.conditions[place->second.seat];
    if (theirs.reach == Reach::Nobody) return Code::deadline_passed;
    if (!theirs.down) return std::nullopt;
    return *theirs.down == Parting::Told ? Code::unreachable_peer : Code::deadline_passed;
}

template <class State>
Task<std::unique_ptr<Channel>> call(std::shared_ptr<State> state,
                                    SeatNumber seat,
                                    Address address,
                                    RelayKey expected,
                                    Deadline deadline) {
    Loop& loop = state->world.loop;
    const Deadline there = loop.in(state->world.delay());
    CO_TRY_VOID(co_await loop.wait_until(there.but_at_most(deadline)));
    if (deadline < there) co_return fail(Code::deadline_passed, "the call took too long");

    const auto hindered = obstacle(*state, seat, address);
    if (hindered == Code::unreachable_peer) {
        co_return fail(Code::unreachable_peer, "nobody answers there");
    }
    if (hindered) {
        CO_TRY_VOID(co_await loop.wait_until(deadline));
        co_return fail(Code::deadline_passed, "nothing came back");
    }
    const auto place = state->places.find(address);
    std::optional<RelayKey> successor;
    if (place->second.key != expected) {
        CO_TRY(successor, follow_succession(place->second.shown, expected));
    }
    // Shared: it belongs to both ends alike.
    auto line = std::make_shared<MemoryLine>(
        state->world, address, std::array<SeatNumber, 2>{seat, place->second.seat});
    auto mine = channel_at(line, LineEnd::Caller, successor);
    if (!place->second.callers->push(channel_at(line, LineEnd::Called))) {
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
    : state_(std::make_shared<State>(loop, random, weather)) {}

MemoryNetwork::~MemoryNetwork() = default;

Result<std::unique_ptr<Listener>> MemoryNetwork::listen(Address address,
                                                        const ServerIdentity& identity) {
    return listen_in(state_, nobodys, std::move(address), identity);
}

Task<std::unique_ptr<Channel>> MemoryNetwork::dial(Address address,
                                                   RelayKey expected,
                                                   Deadline deadline) {
    return call(state_, nobodys, std::move(address), expected, deadline);
}

std::unique_ptr<MemoryNetwork::Seat> MemoryNetwork::seat() {
    return std::make_unique<Seat>(state_, ++state_->last_seat);
}

void MemoryNetwork::cut(const Address& address) {
    for (const auto& line : state_->live()) {
        if (line->address() == address) line->cut();
    }
}

void MemoryNetwork::set_dialing(const Address& address, Dialing dialing) {
    if (dialing == Dialing::Refused) {
        state_->refused.insert(address);
    } else {
        state_->refused.erase(address);
    }
}

void MemoryNetwork::set_delays(Duration shortest, Duration longest) {
    state_->world.weather.shortest_delay = shortest;
    state_->world.weather.longest_delay = longest;
}

void MemoryNetwork::set_tap(Tap tap) {
    state_->world.tap = std::move(tap);
}

std::size_t MemoryNetwork::connections() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(state_->live(), [](const auto& line) { return line->open(); }));
}

MemoryNetwork::Seat::Seat(std::shared_ptr<State> state, std::uint64_t number)
    : state_(std::move(state)),
      number_(number) {}

MemoryNetwork::Seat::~Seat() = default;

Result<std::unique_ptr<Listener>> MemoryNetwork::Seat::listen(Address address,
                                                              const ServerIdentity& identity) {
    return listen_in(state_, number_, std::move(address), identity);
}

Task<std::unique_ptr<Channel>> MemoryNetwork::Seat::dial(Address address,
                                                         RelayKey expected,
                                                         Deadline deadline) {
    return call(state_, number_, std::move(address), expected, deadline);
}

void MemoryNetwork::Seat::set_reach(Reach reach) {
    state_->conditions[number_].reach = reach;
    state_->let_flow();
}

void MemoryNetwork::Seat::lose_connections(Parting parting) {
    state_->lose_lines(number_, parting);
}

void MemoryNetwork::Seat::crash(Parting parting) {
    state_->conditions[number_].down = parting;
    state_->lose_lines(number_, parting);
}

void MemoryNetwork::Seat::revive() {
    state_->conditions[number_].down.reset();
}

}  // namespace cercle::net
