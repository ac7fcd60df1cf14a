// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Terms: what an operator decides of a relay. Bounds (bounds.h) can be lowered, never raised; a
// rate can be either.

#include <functional>
#include <memory>

#include "relay/bounds.h"
#include "relay/rate.h"
#include "relay/retention.h"

namespace cercle::relay {

class Recovery;

struct Allowance {
    std::uint64_t places = bounds::places;
    std::uint64_t places_per_device_and_day = bounds::places_per_device_and_day;
    Duration blob_retention = bounds::blob_retention;
    std::size_t bytes_waiting = bounds::bytes_waiting;
    /// Of a relay that was restored. In memory alone, and for whoever decides.
    std::shared_ptr<Recovery> recovery{};
};

struct Terms {
    Allowance allowance{};
    Retention retention{};
    /// Of each device.
    Rate rate{bounds::requests_per_second, bounds::bytes_per_second};
    /// Whether the disk has room for more. Asked before each transaction, which is refused as
    /// disk_full without it.
    std::function<bool()> has_room = [] { return true; };
    /// Whether newcomers still find memory. Sessions that are there go on without.
    std::function<bool()> has_memory = [] { return true; };
};

}  // namespace cercle::relay
