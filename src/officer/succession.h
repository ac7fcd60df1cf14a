// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Succession: the office goes on on another machine (docs/spec/succession.md), from a sealed
// backup: of the officer's own, whose machine is lost, or of a predecessor who has handed it over.
//
// No ratchet of the old machine is used again, since none is in a backup: the new machine is a new
// device, with directory conversations of its own. What was said after the backup was made it
// learns from the members' devices before it says anything itself.

#include <cstdint>

#include "client/core.h"
#include "client/world.h"
#include "officer/backup.h"
#include "officer/register.h"

namespace cercle::officer {

/// So many page numbers are left out when the office moves: pages that the new machine knows
/// nothing of cannot have gone so far.
inline constexpr std::uint64_t page_jump = 1'000'000;

/// The office on a new machine, into a vault in which nobody lives. Nothing is said to anybody yet
/// but that, in letters to all inboxes that the backup knows. Errors: those of the disk.
[[nodiscard]] Result<void> restore_office(client::World& world,
                                          store::Database& vault,
                                          const Backup& backup);

/// A word on the office for one inbox, closed under the secret that is known of it here. The office
/// brings it to the relay itself: the inbox's token may be another one by now.
[[nodiscard]] Result<void> write_word(Random& random,
                                      store::Transaction& transaction,
                                      protocol::LogId inbox,
                                      const Secret& inbox_secret,
                                      BytesView signed_word);

/// This machine's word as it is now: with its inbox as it is today, asking for that or not.
/// Nothing on the founder's machine.
[[nodiscard]] Result<std::optional<Secret>> word_again(client::Core& core,
                                                       const AuthorityRow& authority,
                                                       identity::Asks asks);

/// How far the circle has told its new machine what it knows.
struct Gathered {
    std::uint32_t devices = 0;  // that are to tell: all that are not revoked, the officers' aside
    std::uint32_t told = 0;     // of these
    std::uint32_t unknown = 0;  // members of whom the log speaks, and nobody has told

    friend bool operator==(const Gathered&, const Gathered&) = default;
};

[[nodiscard]] Result<Gathered> gathered(client::Core& core);

/// Takes in what devices have told since the last look, and writes to those of whom it hears for
/// the first time. What does not hold raises an alarm, and counts as not told. Once the office is
/// open, only how the device itself is reached. Errors: those of the disk.
[[nodiscard]] Result<void> take_accounts(client::Core& core, const SuccessionRow& row);

/// The office opens: the new device enters the directory, and what was the officer's before is
/// revoked (its machine is lost), or a member's from now on (it was handed over). Nothing if it has
/// opened already. Errors: those of the disk.
[[nodiscard]] Result<void> open_office(client::Core& core, const AuthorityRow& authority);

/// The root is erased on a machine whose office has gone to another one, as soon as the root itself
/// has said so. Errors: those of the disk.
[[nodiscard]] Result<void> give_up_what_is_over(client::Core& core);

}  // namespace cercle::officer
