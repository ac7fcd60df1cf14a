// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Alarms: what a person must hear of, and which belongs to no conversation. One of a kind for each
// subject, however often it happens.

#include <string>
#include <vector>

#include "identity/words.h"
#include "store/transaction.h"

namespace cercle::client {

struct Alarm {
    std::int64_t ordinal = 0;
    /// directory_forked: `device` shows, or a page says (no device), another circle than was shown
    /// here. directory_withheld: a page goes on from what has not come here. device_unasked,
    /// fact_hidden, name_changed: of this device's own member.
    std::string rule;           // its name
    identity::DeviceId device;  // zeros: of none
    WallTime at;
};

class Alarms {
  public:
    explicit Alarms(store::Database& database)
        : database_(database) {}

    /// In the order in which they were raised.
    [[nodiscard]] Result<std::vector<Alarm>> all() const;

    [[nodiscard]] static Result<void> raise(store::Transaction& transaction,
                                            Code rule,
                                            identity::DeviceId device,
                                            WallTime at);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
