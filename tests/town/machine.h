// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Machine: a computer that exists only in this process: a disk, a place in the network, and a
// clock that may be wrong. When its disk crashes, its connections die at that very operation.

#include "base/clock.h"
#include "net/memory_network.h"
#include "store/simulated_disk.h"

namespace cercle::town {

/// Another clock's, so much ahead or behind. What is waited for is not touched by that.
class ShiftedClock final : public Clock {
  public:
    explicit ShiftedClock(const Clock& true_clock)
        : true_clock_(true_clock) {}

    [[nodiscard]] WallTime wall() const override { return true_clock_.wall() + shift_; }

    [[nodiscard]] SteadyTime steady() const override { return true_clock_.steady(); }

    void jump(Duration by) { shift_ += by; }

    /// Somebody sets it right, if it is so much off that its device believes nobody any more.
    void set_right_if_off_by(Duration bound) {
        if (shift_ > bound || shift_ < -bound) shift_ = Duration{0};
    }

  private:
    const Clock& true_clock_;
    Duration shift_{0};
};

class Machine {
  public:
    Machine(net::Loop& loop, net::MemoryNetwork& network, Random& random)
        : disk(random),
          seat(network.seat()),
          clock(loop.clock()) {
        disk.set_on_crash([this] { seat->crash(parting_); });
    }

    /// Whatever runs on it, can do nothing any more.
    void crash(store::Ending ending) {
        parting_ = ending == store::Ending::Killed ? net::Parting::Told : net::Parting::Silent;
        disk.crash(ending);
    }

    /// At one of the next operations of its disk.
    void plan(store::Trouble trouble) {
        parting_ = trouble.kind == store::Trouble::Kind::PowerLoss ? net::Parting::Silent
                                                                   : net::Parting::Told;
        disk.plan(trouble);
    }

    [[nodiscard]] bool is_off() const { return disk.dead(); }

    void start_again() {
        disk.revive();
        seat->revive();
    }

    store::SimulatedDisk disk;
    std::unique_ptr<net::MemoryNetwork::Seat> seat;
    ShiftedClock clock;

  private:
    net::Parting parting_ = net::Parting::Told;
};

}  // namespace cercle::town
