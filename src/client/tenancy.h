// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Tenancy: how one process lives with a home. It owns the home where it can, and else passes its
// commands on to the process that does; when that one ends, this one takes its place.
//
// A home has one writer, ever. What an owner that is gone may have begun is asked for once more,
// and done once: what it makes was named before (errand.h).

#include <optional>

#include "client/owner.h"

namespace cercle::client {

class Tenancy {
  public:
    /// The owner is opened when the home has been taken.
    Tenancy(World& world, Settings settings, OpenOwner open_owner);
    Tenancy(const Tenancy&) = delete;
    Tenancy& operator=(const Tenancy&) = delete;
    ~Tenancy();

    /// Does a command, here or in the owner's process. Several may run beside each other. Errors:
    /// home_busy, permissions, and those of the disk; other refusals are in the outcome.
    [[nodiscard]] net::Task<Outcome> perform(Errand errand, ByteSink sink);

    /// After the last command: waits for those that others have passed on to us, and gives the
    /// home back. Must be awaited before destruction.
    [[nodiscard]] net::Task<void> leave();

  private:
    /// Whether the home is ours now. Errors: other than busy.
    [[nodiscard]] Result<bool> take_home();
    [[nodiscard]] net::Task<Outcome> perform_passed(Bytes command, ByteSink events);

    World& world_;
    Settings settings_;
    OpenOwner open_owner_;
    std::optional<Home> home_;
    std::unique_ptr<Owner> owner_;
};

/// A command as a task among others: how it ended, whatever that is, and then that it has. Both
/// outlive it.
[[nodiscard]] net::Task<void> keep_outcome(net::Task<Outcome> task,
                                           Outcome& outcome,
                                           net::Event& done);

}  // namespace cercle::client
