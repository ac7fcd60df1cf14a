// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The vault's tables (docs/spec/vault.md). Steps are only ever added at the end.

#include <span>

#include "store/statement.h"

namespace cercle::client {

[[nodiscard]] std::span<const store::Sql> schema_steps();

}  // namespace cercle::client
