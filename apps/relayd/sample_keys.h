// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sample keys: private keys that everybody knows, because they stand in standards and test files.
// A relay with one of them is anybody's, so none serves with it.

#include "net/address.h"

namespace cercle::relayd {

[[nodiscard]] bool is_sample_key(const net::RelayKey& key);

}  // namespace cercle::relayd
