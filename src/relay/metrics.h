// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Metrics: the tally and the state of the disk in the text that OpenMetrics 1.0 describes, for
// whoever watches over the relay. Never an id, an address, or a figure of one device or log.

#include <cstdint>
#include <string>

#include "relay/tally.h"

namespace cercle::relay {

/// What is read at the moment.
struct Gauges {
    std::uint64_t sessions = 0;
    std::uint64_t disk_bytes = 0;  // of the store's files
    std::uint64_t free_bytes = 0;  // on their disk, for this user
    std::uint64_t resident_bytes = 0;
};

/// The whole exposition; its last line is "# EOF".
[[nodiscard]] std::string openmetrics(const Tally& tally, const Gauges& gauges);

inline constexpr const char* openmetrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace cercle::relay
