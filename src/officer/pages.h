// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pages: the directory as the officer writes it. His own vault holds the whole of it; a page holds
// of that what its readers see, by their sections. What they do not see is never sent to them.
//
// Pages are in parts (identity/directory.h), each under a new number, and sent in the transaction
// in which they are made: each goes on from the last.

#include <set>
#include <vector>

#include "identity/enrolment.h"
#include "officer/halls.h"
#include "store/transaction.h"

namespace cercle::officer {

using Pages = std::vector<identity::DirectoryPage>;

/// A circle that was founded before there was a transparency log has what is in its directory in it
/// from now on.
[[nodiscard]] Result<void> begin_log(store::Transaction& transaction);

/// Puts a certified device, and its member if he is new, into the officer's own directory.
[[nodiscard]] Result<void> enter_in_directory(store::Transaction& transaction,
                                              const identity::DirectoryMember& member,
                                              const identity::Passport& passport,
                                              BytesView certificate,
                                              const identity::EnrolmentRequest& request,
                                              WallTime now);

/// All that a device in these sections sees, for that device alone.
[[nodiscard]] Result<Pages> whole_directory(store::Transaction& transaction,
                                            identity::DeviceId reader,
                                            const identity::Sections& sections);

/// The same for who has been in the circle and moves to a hall.
[[nodiscard]] Result<Pages> directory_for_move(store::Transaction& transaction,
                                               identity::DeviceId reader,
                                               const Hall& hall);

/// All that a hall's readers see, under new numbers: for those who have come into it together.
[[nodiscard]] Result<Pages> whole_for_hall(store::Transaction& transaction, const Hall& hall);

/// Nothing but in which hall a device stands from now on, for that device alone. It is believed
/// whatever has come there of the log.
[[nodiscard]] Result<Pages> way_to_hall(store::Transaction& transaction,
                                        identity::DeviceId reader,
                                        const Hall& hall);

/// Nobody and no device, but all revocations and the policy.
[[nodiscard]] Result<Pages> revocations_alone(store::Transaction& transaction, const Hall& hall);

/// A device and all that were certified after it.
[[nodiscard]] Result<Pages> directory_since(store::Transaction& transaction,
                                            identity::DeviceId device,
                                            const Hall& hall);

/// Some devices and their members; no page, if the hall's readers see none of them.
[[nodiscard]] Result<Pages> directory_of(store::Transaction& transaction,
                                         const std::vector<identity::DeviceId>& devices,
                                         const Hall& hall);

/// A member with his picture, or without one from now on; no page, if the hall's readers do not see
/// him.
[[nodiscard]] Result<Pages> portrait_of(store::Transaction& transaction,
                                        identity::MemberId member,
                                        const Hall& hall);

/// Whom a hall's readers see. Errors: the disk's.
[[nodiscard]] Result<std::set<identity::MemberId>> seen_from(store::Transaction& transaction,
                                                             const identity::Sections& sections);

/// What has changed for a hall's readers: who comes into sight, whose entry says something else,
/// and who is gone; and the officer's rules.
struct Resighting {
    std::set<identity::MemberId> come;
    std::set<identity::MemberId> changed;
    std::set<identity::MemberId> gone;
};

[[nodiscard]] Result<Pages> resighted(store::Transaction& transaction,
                                      const Hall& hall,
                                      const Resighting& resighting);

}  // namespace cercle::officer
