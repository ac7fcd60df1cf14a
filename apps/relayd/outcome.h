// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Outcome: how a command ends, in words for the operator and a number for scripts
// (7-contract: 0 done, 1 refused by rule, 2 usage, 5 disk or store fault, 6 busy, 70 our bug).

#include <string_view>

#include "base/result.h"

namespace cercle::relayd {

enum class Exit : int { Done = 0, Refused = 1, Usage = 2, Unreachable = 3, Store = 5, Busy = 6 };

[[nodiscard]] Exit exit_of(Code code);

/// Says on stderr what went wrong, and what would help where that is known.
[[nodiscard]] Exit report(const Error& error, std::string_view what_for);

/// The same of what another process of the relay has answered.
void report_answer(std::string_view sentence, std::string_view rule, std::string_view what_for);

/// One JSON object on a line of its own, at once.
void print_line(std::string_view json);

}  // namespace cercle::relayd
