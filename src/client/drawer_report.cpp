// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/drawer_report.h"

#include <algorithm>

#include "codec/tls.h"

namespace cercle::client {

Result<DrawerReport> read_drawer_report(BytesView bytes) {
    TRY(const auto report, codec::decode<DrawerReport>(bytes));
    if (report.version != drawer_report_version) {
        return fail(Code::unsupported, "a drawer report of another version");
    }
    if (report.opened > drawer_days) {
        return fail(Code::malformed, "a drawer report that says more than fourteen days");
    }
    return report;
}

ReportDay day_of(WallTime time) {
    const auto days = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    return {static_cast<std::uint32_t>(std::max<std::int64_t>(days, 0))};
}

WallTime time_of(ReportDay day) {
    return WallTime{std::chrono::days{day.value}};
}

bool is_counted(ReportDay day, ReportDay today) {
    // A device's clock may be a day ahead of the officer's.
    return day.value <= today.value + 1 && day.value + drawer_days > today.value;
}

std::uint32_t devices_opened(const std::vector<Opening>& openings, ReportDay today) {
    const auto is_first = [today](const Opening& one) {
        if (!is_counted(one.day, today)) return false;
        // Fourteen days before any counted day is not counted.
        return one.before >= drawer_days || one.day.value < one.before ||
               !is_counted({one.day.value - one.before}, today);
    };
    return static_cast<std::uint32_t>(std::ranges::count_if(openings, is_first));
}

Figure figure_of(Adoption adoption, std::uint32_t threshold) {
    const std::uint32_t phones = adoption.phones;
    const std::uint32_t opened = std::min(adoption.opened, phones);
    const std::uint32_t unopened = phones - opened;
    if (phones < 2 * threshold) return {Figure::Kind::Withheld, phones, 0};
    if (unopened < threshold) return {Figure::Kind::AtMost, phones, threshold - 1};
    if (opened < threshold) return {Figure::Kind::AtLeast, phones, phones - threshold + 1};
    return {Figure::Kind::Exactly, phones, unopened};
}

}  // namespace cercle::client
