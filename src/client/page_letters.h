// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Page letters: pages of the directory that the officer writes to one device, into its inbox: the
// parts of its first page that had no place in the enrolment's answer, and what it sees from now on
// when its member's sections change (docs/spec/invitation.md).

#include <vector>

#include "client/core.h"
#include "protocol/entry.h"

namespace cercle::client {

/// The officer's machine: a page that says for which device it is, signed. What is for the same
/// inbox waits until it has come.
[[nodiscard]] Result<void> write_page_letter(Core& core,
                                             store::Transaction& transaction,
                                             protocol::LogId inbox,
                                             const Secret& inbox_secret,
                                             const Secret& signed_page);

/// Errors: forged (no page), policy_violated (none for this device), and those of open_page and
/// enter_page.
[[nodiscard]] Result<void> take_page_letter(Core& core,
                                            store::Transaction& transaction,
                                            const protocol::Entry& entry);

}  // namespace cercle::client
