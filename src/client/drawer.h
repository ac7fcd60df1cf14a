// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Drawer: whether this device is used, told to the officer once a day where the circle's policy
// says so (drawer_report.h); and what comes of that at his. Its person sees each report that was
// sent. A device that is off, or whose reports the relay withholds, is one that was not opened.

#include <optional>
#include <vector>

#include "client/circle_policy.h"
#include "client/dispatch.h"
#include "client/drawer_report.h"

namespace cercle::client::drawer {

/// Its person does something with it. Nothing is kept of that but that it was so, since the last
/// report; where no report is made, not even that.
[[nodiscard]] Result<void> note_opened(Core& core);

/// Puts today's report among the letters to the officer. Idle: it is there already, the one before
/// has not gone out yet, or the policy has none.
[[nodiscard]] Result<Progress> report(Core& core);

/// A letter in our inbox that is neither a Welcome nor a word about lost devices. Of a report that
/// its device was opened, the officer's keeps the day and the days before; of others nothing.
/// Errors: it is none, or not for us.
[[nodiscard]] Result<void> take(Core& core,
                                store::Transaction& transaction,
                                const protocol::Entry& entry);

/// What was reported of this device.
struct Told {
    enum class State : std::uint8_t { Queued = 0, Sent = 1 };

    ReportDay day;
    std::uint8_t opened = 0;  // as DrawerReport
    identity::PolicyNumber policy;
    State state = State::Sent;
};

/// By their days.
[[nodiscard]] Result<std::vector<Told>> told(store::Database& database);

/// At the officer's. `from`: figures begin on that day, fourteen after the policy that began the
/// report. Errors: policy_report (there is none).
struct Outlook {
    ReportDay from;
    std::optional<Figure> figure;  // nothing: it is too early
    circle_policy::Held policy;
};

[[nodiscard]] Result<Outlook> outlook(Core& core);

}  // namespace cercle::client::drawer
