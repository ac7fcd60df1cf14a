// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// One connection of a MemoryNetwork: two ways, on which frames travel for a while and arrive in
// order, and what can happen to it. Private to this folder.

#include <array>
#include <deque>
#include <limits>
#include <memory>
#include <optional>

#include "net/event.h"
#include "net/memory_network.h"

namespace cercle::net {

/// What the network, its listeners and its channels all look at.
struct MemoryWorld {
    Loop& loop;
    Random& random;
    Weather weather;
    MemoryNetwork::Tap tap{};

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) const;
    [[nodiscard]] Duration delay() const;
};

/// Which machine an end of a line stands in; 0 is nobody's in particular.
using SeatNumber = std::uint64_t;

enum class LineEnd : std::uint8_t { Caller = 0, Called = 1 };

/// Shared by the channels at both ends and by the tasks that wait in them.
class MemoryLine {
  public:
    MemoryLine(MemoryWorld& world, Address called, std::array<SeatNumber, 2> seats);
    MemoryLine(const MemoryLine&) = delete;
    MemoryLine& operator=(const MemoryLine&) = delete;
    ~MemoryLine() = default;

    [[nodiscard]] static Task<Bytes> receive(std::shared_ptr<MemoryLine> line,
                                             LineEnd end,
                                             Deadline deadline);
    [[nodiscard]] static Task<void> send(std::shared_ptr<MemoryLine> line,
                                         LineEnd end,
                                         Bytes frame,
                                         Deadline deadline);

    void limit_frames(LineEnd end, std::size_t largest) { side(end).largest = largest; }

    void close(LineEnd end);

    /// Both ends learn at once that the other is gone, and nothing under way arrives.
    void cut();
    /// This end is gone now. The other one learns of it: soon, when a system is left to say so,
    /// or when it has waited in vain for a sign of life.
    void lose(LineEnd end, Parting parting);
    /// Whether frames get through. Those that do not wait; ends that have waited too long give up.
    void set_flowing(bool flowing);

    [[nodiscard]] bool open() const;
    [[nodiscard]] bool ends_in(SeatNumber seat) const;
    [[nodiscard]] LineEnd end_in(SeatNumber seat) const;

    [[nodiscard]] SeatNumber seat(LineEnd end) const { return side(end).seat; }

    [[nodiscard]] const Address& address() const { return address_; }

    [[nodiscard]] const crypto::Digest& binding() const { return binding_; }

  private:
    /// Nothing stands for the sender's goodbye.
    using Parcel = std::optional<Bytes>;

    struct UnderWay {
        Timer arrival;
        Parcel parcel;
    };

    /// One end, with what comes towards it.
    struct Side {
        explicit Side(Loop& loop)
            : changed(loop) {}

        Signal changed;
        std::deque<UnderWay> under_way;
        std::deque<Parcel> arrived;
        SteadyTime last_arrival{};
        SeatNumber seat = 0;
        std::size_t largest = std::numeric_limits<std::size_t>::max();
        bool closed = false;
        bool lost = false;
        Timer losing;
    };

    [[nodiscard]] Side& side(LineEnd end) { return sides_[static_cast<std::size_t>(end)]; }

    [[nodiscard]] const Side& side(LineEnd end) const {
        return sides_[static_cast<std::size_t>(end)];
    }

    void post(LineEnd to, Parcel parcel);
    void travel(Side& to);
    void lose_now(LineEnd end);
    void lose_at(LineEnd end, Deadline moment);

    MemoryWorld& world_;
    Address address_;
    crypto::Digest binding_{};
    std::array<Side, 2> sides_;
    bool flowing_ = true;
};

/// A channel at one end.
[[nodiscard]] std::unique_ptr<Channel> channel_at(std::shared_ptr<MemoryLine> line,
                                                  LineEnd end,
                                                  std::optional<RelayKey> successor = {});

}  // namespace cercle::net
