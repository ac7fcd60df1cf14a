// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// KnownDevices: the devices that asked lately, as the store has them: every request of a device
// asks whether it may. Whoever changes a device forgets it here, and whoever undoes anything,
// everything. Private to this folder.

#include <cstddef>
#include <unordered_map>

#include "relay/log.h"

namespace cercle::relay {

class KnownDevices {
  public:
    /// Nothing if it has to be looked up.
    [[nodiscard]] const Device* find(const DeviceKey& key) const {
        const auto found = known_.find(key);
        return found == known_.end() ? nullptr : &found->second;
    }

    void remember(const Device& device) {
        if (known_.size() >= most) known_.clear();
        known_.insert_or_assign(device.key, device);
    }

    void forget(const DeviceKey& key) { known_.erase(key); }

    void forget_all() { known_.clear(); }

  private:
    static constexpr std::size_t most = 16'384;

    std::unordered_map<DeviceKey, Device> known_;
};

}  // namespace cercle::relay
