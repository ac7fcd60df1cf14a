// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Circle policy: the one that this device holds, and where it keeps to it. On the trip between a
// directory page (identity/circle_policy.h) and what a person wants to do.
//
// A policy with a higher number takes the place of one with a lower one, and never the other way.
// Each check is made where the act is done. None of them is made of what others have done: devices
// learn of a policy at different times, and nothing that a conversation's members must agree on
// may depend on that (docs/spec/policy.md).

#include <optional>

#include "client/circle_rules.h"
#include "client/core.h"

namespace cercle::client::circle_policy {

struct Held {
    identity::CirclePolicy policy;  // number 0: none was ever set
    CircleRules rules;
    /// By the officer's clock, the policy that began the drawer report; nothing if there is none.
    std::optional<WallTime> reporting_since;
};

[[nodiscard]] Result<Held> held(store::Database& database);

/// As it was signed, for the next page.
[[nodiscard]] Result<std::optional<identity::SignedPolicy>> newest(store::Transaction& transaction);

/// Takes what a page brings. An older one than this device has changes nothing, nor does one that
/// this build cannot read. Two under one number are no honest officer's: the first stays, and an
/// alarm is raised. Errors: forged, and those of the disk.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const identity::SignedPolicy& signed_policy,
                                const identity::Root& root,
                                WallTime at);

// ---- what a person wants to do

/// Errors: policy_cards, policy_guests, policy_tier.
[[nodiscard]] Result<void> check_card(Core& core, protocol::Tier tier);
/// A claim is to be confirmed. Errors: policy_guests.
[[nodiscard]] Result<void> check_guest(Core& core);
/// Errors: policy_file_size.
[[nodiscard]] Result<void> check_file(Core& core, std::uint64_t size);
/// Errors: policy_groups.
[[nodiscard]] Result<void> check_group(Core& core);

/// What comes by a card does no more at this device than the policy lets cards do.
[[nodiscard]] Result<protocol::Tier> capped(Core& core, protocol::Tier tier);

}  // namespace cercle::client::circle_policy
