// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What verify looks at in cards and unlock shares. Private to this folder.

#include "relay/verify.h"

namespace cercle::relay {

/// Every row is what was written; every card leads to an inbox, and who it is bound to, its owner
/// has signed. Errors: store_corrupt, and those of the disk.
Result<void> verify_cards(LogTables& tables, Verified& verified);

/// Every row is what was written, and what is counted in it can be true. Nothing where a relay
/// keeps none. Errors: store_corrupt, and those of the disk.
Result<void> verify_shares(LogTables& tables, Verified& verified);

}  // namespace cercle::relay
