// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/memory_line.h"

#include <algorithm>
#include <utility>

namespace cercle::net {
namespace {

LineEnd other(LineEnd end) {
    return end == LineEnd::Caller ? LineEnd::Called : LineEnd::Caller;
}

class MemoryChannel final : public Channel {
  public:
    MemoryChannel(std::shared_ptr<MemoryLine> line, LineEnd end, std::optional<RelayKey> successor)
        : line_(std::move(line)),
          end_(end),
          successor_(successor) {}

    MemoryChannel(const MemoryChannel&) = delete;
    MemoryChannel& operator=(const MemoryChannel&) = delete;

    ~MemoryChannel() override { line_->close(end_); }

    Task<Bytes> receive(Deadline deadline) override {
        return MemoryLine::receive(line_, end_, deadline);
    }

    Task<void> send(Bytes frame, Deadline deadline) override {
        return MemoryLine::send(line_, end_, std::move(frame), deadline);
    }

    void limit_frames(std::size_t largest) noexcept override { line_->limit_frames(end_, largest); }

    void close() noexcept override { line_->close(end_); }

    [[nodiscard]] const crypto::Digest& binding() const override { return line_->binding(); }

    [[nodiscard]] std::optional<RelayKey> successor() const override { return successor_; }

  private:
    std::shared_ptr<MemoryLine> line_;
    LineEnd end_;
    std::optional<RelayKey> successor_;
};

}  // namespace

std::unique_ptr<Channel> channel_at(std::shared_ptr<MemoryLine> line,
                                    LineEnd end,
                                    std::optional<RelayKey> successor) {
    return std::make_unique<MemoryChannel>(std::move(line), end, successor);
}

std::uint64_t MemoryWorld::below(std::uint64_t bound) const {
    std::array<std::uint8_t, 8> bytes{};
    random.fill(bytes);
    std::uint64_t drawn = 0;
    for (const std::uint8_t byte : bytes)
        drawn = drawn << 8U | byte;
    return drawn % bound;
}

Duration MemoryWorld::delay() const {
    const auto span = (weather.longest_delay - weather.shortest_delay).count() + 1;
    return weather.shortest_delay +
           Duration{static_cast<std::int64_t>(below(static_cast<std::uint64_t>(span)))};
}

MemoryLine::MemoryLine(MemoryWorld& world, Address called, std::array<SeatNumber, 2> seats)
    : world_(world),
      address_(std::move(called)),
      sides_{Side(world.loop), Side(world.loop)} {
    world_.random.fill(binding_);
    sides_[0].seat = seats[0];
    sides_[1].seat = seats[1];
}

Task<Bytes> MemoryLine::receive(std::shared_ptr<MemoryLine> line, LineEnd end, Deadline deadline) {
    Side& here = line->side(end);
    while (true) {
        if (here.closed) co_return fail(Code::closing, "the channel was closed");
        if (here.lost) co_return fail(Code::unreachable_peer, "the connection is gone");
        if (!here.arrived.empty()) {
            if (!here.arrived.front()) {
                co_return fail(Code::unreachable_peer, "the peer has closed");
            }
            Bytes frame = *std::move(here.arrived.front());
            here.arrived.pop_front();
            line->side(other(end)).changed.notify_all();
            if (frame.size() > here.largest) {
                line->close(end);
                co_return fail(Code::too_large, "the peer sent a frame over the channel's bound");
            }
            co_return frame;
        }
        CO_TRY_VOID(co_await here.changed.wait(deadline));
    }
}

Task<void> MemoryLine::send(std::shared_ptr<MemoryLine> line,
                            LineEnd end,
                            Bytes frame,
                            Deadline deadline) {
    Side& here = line->side(end);
    Side& there = line->side(other(end));
    if (frame.size() > line->world_.weather.largest_frame) {
        co_return fail(Code::too_large, "a frame over the channel's bound");
    }
    while (true) {
        if (here.closed) co_return fail(Code::closing, "the channel was closed");
        if (here.lost) co_return fail(Code::unreachable_peer, "the connection is gone");
        if (there.closed) {
            // As with TCP, who sends after the peer's goodbye learns it only once it is here.
            const bool known = !here.arrived.empty() && !here.arrived.back();
            if (known) co_return fail(Code::unreachable_peer, "the peer has closed");
            co_return Result<void>{};
        }
        const std::size_t load = there.under_way.size() + there.arrived.size();
        if (load < line->world_.weather.most_under_way) break;
        const auto waited = co_await here.changed.wait(deadline);
        if (!waited) {
            line->close(end);
            co_return std::unexpected(waited.error());
        }
    }
    if (line->world_.tap) line->world_.tap(here.seat, there.seat, frame);
    line->post(other(end), std::move(frame));
    co_return Result<void>{};
}

void MemoryLine::post(LineEnd to, Parcel parcel) {
    Side& there = side(to);
    there.under_way.push_back({.arrival = {}, .parcel = std::move(parcel)});
    if (flowing_ && !there.lost) travel(there);
}

/// Sets the last of what is under way in motion.
void MemoryLine::travel(Side& to) {
    const SteadyTime now = world_.loop.clock().steady();
    to.last_arrival = std::max(to.last_arrival, now + world_.delay());
    // The timer dies with the side that it refers to.
    to.under_way.back().arrival =
        world_.loop.timers().schedule(Deadline{to.last_arrival}, [this, &to] {
            to.arrived.push_back(std::move(to.under_way.front().parcel));
            to.under_way.pop_front();
            to.changed.notify_all();
        });
}

void MemoryLine::close(LineEnd end) {
    Side& here = side(end);
    if (std::exchange(here.closed, true)) return;
    here.under_way.clear();
    here.arrived.clear();
    if (!here.lost) post(other(end), std::nullopt);
    for (Side& one : sides_)
        one.changed.notify_all();
}

void MemoryLine::lose_now(LineEnd end) {
    Side& here = side(end);
    here.losing.cancel();
    here.lost = true;
    here.under_way.clear();
    here.arrived.clear();
    for (Side& one : sides_)
        one.changed.notify_all();
}

void MemoryLine::lose_at(LineEnd end, Deadline moment) {
    Side& here = side(end);
    if (here.lost) return;
    here.losing = world_.loop.timers().schedule(moment, [this, end] { lose_now(end); });
}

void MemoryLine::cut() {
    lose_now(LineEnd::Caller);
    lose_now(LineEnd::Called);
}

void MemoryLine::lose(LineEnd end, Parting parting) {
    if (side(end).lost) return;
    lose_now(end);
    const Duration until =
        parting == Parting::Told ? world_.delay() : world_.weather.patience_with_silence;
    lose_at(other(end), world_.loop.in(until));
}

void MemoryLine::set_flowing(bool flowing) {
    if (std::exchange(flowing_, flowing) == flowing) return;
    for (const LineEnd end : {LineEnd::Caller, LineEnd::Called}) {
        Side& here = side(end);
        if (here.lost) continue;
        if (!flowing) {
            for (UnderWay& one : here.under_way)
                one.arrival.cancel();
            // Not both at the same moment: for a while one end believes in the other alone.
            const auto silence = world_.weather.patience_with_silence;
            lose_at(end, world_.loop.in(silence + world_.delay() * 10));
            continue;
        }
        here.losing.cancel();
        std::deque<UnderWay> waiting = std::exchange(here.under_way, {});
        for (UnderWay& one : waiting) {
            here.under_way.push_back(std::move(one));
            travel(here);
        }
    }
}

bool MemoryLine::open() const {
    return std::ranges::none_of(sides_, [](const Side& one) { return one.closed || one.lost; });
}

bool MemoryLine::ends_in(SeatNumber seat) const {
    return sides_[0].seat == seat || sides_[1].seat == seat;
}

LineEnd MemoryLine::end_in(SeatNumber seat) const {
    return sides_[0].seat == seat ? LineEnd::Caller : LineEnd::Called;
}

}  // namespace cercle::net
