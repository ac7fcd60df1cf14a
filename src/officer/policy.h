// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Policy: the officer sets rules for all (identity/circle_policy.h). Signed, entered in the journal
// and in the transparency log, and on its way to all devices, in one transaction.

#include <string>
#include <vector>

#include "client/core.h"
#include "officer/register.h"

namespace cercle::officer {

/// Under the next number. What changes nothing is no act. Errors: not_found (the directory's
/// conversation is not there yet), and those of client::with_changes.
[[nodiscard]] Result<void> set_policy(client::Core& core,
                                      const AuthorityRow& authority,
                                      const std::vector<std::string>& changes);

}  // namespace cercle::officer
