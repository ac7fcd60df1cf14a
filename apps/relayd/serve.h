// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "apps/relayd/data_directory.h"
#include "apps/relayd/outcome.h"
#include "net/address.h"

namespace cercle::relayd {

/// Serves until SIGTERM or SIGINT, then drains. The first line on stdout says where.
[[nodiscard]] Exit serve(DataDirectory data, const net::Address& address);

}  // namespace cercle::relayd
