// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// How an error of the house becomes the end of a command.

#include "base/result.h"
#include "client/api.h"

namespace cercle::client {

[[nodiscard]] Exit exit_of(Code code);
[[nodiscard]] Outcome outcome_of(const Error& error);
[[nodiscard]] Outcome outcome_of(const Result<void>& result);

}  // namespace cercle::client
