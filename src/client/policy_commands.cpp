// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/policy_commands.h"

#include <format>
#include <utility>

#include "client/circle_policy.h"
#include "client/drawer.h"
#include "client/shown.h"

namespace cercle::client {
namespace {

std::string_view standing_text(RuleStanding standing) {
    switch (standing) {
        case RuleStanding::Usual:
            return "usual";
        case RuleStanding::Set:
            return "set";
        case RuleStanding::Unknown:
            break;
    }
    return "unknown";
}

}  // namespace

Result<PolicyShown> policy_shown(Core& core) {
    TRY(const auto held, circle_policy::held(core.database));
    PolicyShown shown;
    shown.number = held.policy.number.value;
    shown.at = held.policy.time.value;
    shown.suite = std::format("{:#06x}", core.self.suite.value);
    for (RuleReading& rule : readings_of(held.policy.rules)) {
        shown.rules.push_back({std::move(rule.name),
                               std::move(rule.value),
                               std::string(standing_text(rule.standing)),
                               std::move(rule.sentence)});
    }
    return shown;
}

Result<void> list_reports(Core& core, const EventSink& sink) {
    TRY(const auto held, circle_policy::held(core.database));
    TRY(const auto told, drawer::told(core.database));
    if (held.rules.report == Allowed::No) {
        sink(Notice{"by the circle's policy nothing is reported of this device"});
    } else if (told.empty()) {
        sink(Notice{"nothing was reported of this device yet"});
    }
    for (const drawer::Told& one : told) {
        ReportTold shown;
        shown.day = milliseconds(time_of(one.day));
        shown.opened = one.opened != 0 ? 1 : 0;
        shown.before = one.opened;
        shown.policy = one.policy.value;
        shown.state = one.state == drawer::Told::State::Queued ? "queued" : "sent";
        sink(shown);
    }
    return {};
}

}  // namespace cercle::client
