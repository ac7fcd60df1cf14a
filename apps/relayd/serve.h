// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "apps/relayd/data_directory.h"
#include "apps/relayd/outcome.h"
#include "apps/relayd/settings.h"

namespace cercle::relayd {

/// Serves until SIGTERM or SIGINT, then drains. The first line on stdout says where. `settings`
/// were checked by who read them.
[[nodiscard]] Exit serve(DataDirectory data, const Settings& settings);

}  // namespace cercle::relayd
