// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Progress of files, on standard error: a bar that moves on a terminal, and a line now and then
// where there is none.

#include <string>

#include "client/api.h"

namespace cercle::cli {

void show_progress(const client::FileProgress& progress);

/// On a terminal: takes away the bar that may stand there, since something else has to be said.
void clear_progress();

/// "47 %"
[[nodiscard]] std::string percent_text(const client::FileProgress& progress);

/// "5.0 MiB"
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace cercle::cli
