// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Chat: `cercle chat`, a conversation on a terminal.

#include "client/api.h"

namespace cercle::cli {

/// Until its person goes. Refuses where there is no terminal.
[[nodiscard]] client::Outcome chat_in_terminal(const client::Settings& settings);

}  // namespace cercle::cli
