// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Device: a member's device at work. Owns the vault, keeps the courier going, and lets commands
// wait for what they want to have happened.

#include <functional>
#include <memory>

#include "client/compose.h"
#include "client/core.h"
#include "client/courier.h"
#include "client/uploader.h"
#include "net/task_group.h"

namespace cercle::client {

class Device {
  public:
    /// Errors: home_missing (not joined), store_corrupt, disk_fault.
    [[nodiscard]] static Result<std::unique_ptr<Device>> create(World& world,
                                                                store::Database vault);
    Device(World& world, store::Database vault, Self self);

    /// Begins to talk to the relay.
    [[nodiscard]] Result<void> start();
    /// Ends it; must be awaited before destruction.
    [[nodiscard]] net::Task<void> stop();

    [[nodiscard]] Core& core() { return core_; }

    [[nodiscard]] Courier& courier() { return courier_; }

    [[nodiscard]] const Uploader& uploader() const { return uploader_; }

    /// Whether somebody who waits keeps waiting while the relay cannot be reached.
    enum class Patience : std::uint8_t { UntilUnreachable, UntilDeadline };

    /// Until `done` says so; it is asked whenever something has changed. Errors:
    /// deadline_passed, the failure to reach the relay, closing, and what `done` returns.
    [[nodiscard]] net::Task<void> wait_until(std::function<Result<bool>()> done,
                                             Patience patience,
                                             net::Deadline deadline);
    /// The same with a deadline that moves.
    [[nodiscard]] net::Task<void> wait_until(std::function<Result<bool>()> done,
                                             Patience patience,
                                             std::function<net::Deadline()> deadline);

    /// Everything that lies at the relay is here, and everything written is there.
    [[nodiscard]] net::Task<void> settle(Patience patience, net::Deadline deadline);

  private:
    [[nodiscard]] net::Task<void> finish_joining_in_time();

    Core core_;
    Courier courier_;
    Uploader uploader_;
    net::TaskGroup tasks_;
};

}  // namespace cercle::client
