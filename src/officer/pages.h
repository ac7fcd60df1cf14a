// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pages: the directory as the officer writes it. His own vault holds the whole of it.

#include <vector>

#include "identity/enrolment.h"
#include "store/transaction.h"

namespace cercle::officer {

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

/// All there is, under the number of the last page.
[[nodiscard]] Result<identity::DirectoryPage> whole_directory(store::Transaction& transaction);

/// The same under a new number, for all.
[[nodiscard]] Result<identity::DirectoryPage> whole_directory_anew(store::Transaction& transaction);

/// Nobody and no device, but all revocations, under a new number. This page and the next are sent
/// in the transaction in which they are made: each goes on from the last.
[[nodiscard]] Result<identity::DirectoryPage> revocations_alone(store::Transaction& transaction);

/// A device and all that were certified after it, under a new number.
[[nodiscard]] Result<identity::DirectoryPage> directory_since(store::Transaction& transaction,
                                                              identity::DeviceId device);

/// Some devices and their members, under a new number.
[[nodiscard]] Result<identity::DirectoryPage> directory_of(
    store::Transaction& transaction, const std::vector<identity::DeviceId>& devices);

}  // namespace cercle::officer
