// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Backup passphrase: what seals an officer's backup, from a file or a person.

#include <optional>

#include "apps/cli/arguments.h"

namespace cercle::cli {

/// Puts it into the command, if that is one that needs it. How the program ends instead, if there
/// is none, or if who makes a backup has typed two different ones.
[[nodiscard]] std::optional<client::Outcome> add_backup_passphrase(Arguments& arguments);

}  // namespace cercle::cli
