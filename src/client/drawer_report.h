// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Drawer report: what a device tells the officer once a day of whether it is used, and what his
// client makes of all of them (docs/spec/report.md). Pure.
//
// A report says neither whose it is nor when. It says whether its device was opened since the one
// before, and if so, how many days before that it was opened last: with that alone the officer
// counts each device once in any fourteen days, without being able to tell one from another.

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace cercle::client {

inline constexpr std::uint8_t drawer_report_version = 1;

/// Of 1970-01-01 it is 0; in UTC.
using ReportDay = Number<struct ReportDayTag, std::uint32_t>;
using DrawerReportId = Id<struct DrawerReportTag>;

/// An unopened phone is one that was not opened for so many days. Also the longest time before that
/// a report tells apart.
inline constexpr std::uint8_t drawer_days = 14;

struct DrawerReport {
    std::uint8_t version = drawer_report_version;
    DrawerReportId id;  // drawn for this one alone: who gets it twice, counts it once
    ReportDay day;
    /// 0: not opened since the report before. Otherwise it was, and the last report that said so
    /// is so many days older; 14: fourteen or more, or there is none.
    std::uint8_t opened = 0;

    auto fields(this auto& self) { return std::tie(self.version, self.id, self.day, self.opened); }

    friend bool operator==(const DrawerReport&, const DrawerReport&) = default;
};

/// Errors: malformed, unsupported.
[[nodiscard]] Result<DrawerReport> read_drawer_report(BytesView bytes);

[[nodiscard]] ReportDay day_of(WallTime time);
/// Its first moment.
[[nodiscard]] WallTime time_of(ReportDay day);

/// That some device was opened.
struct Opening {
    ReportDay day;
    std::uint8_t before = 0;  // as DrawerReport::opened, and never 0
};

/// Whether an opening of that day has a part in what is counted today.
[[nodiscard]] bool is_counted(ReportDay day, ReportDay today);

/// So many devices were opened in the fourteen days that end with `today`: each at its first
/// opening in them.
[[nodiscard]] std::uint32_t devices_opened(const std::vector<Opening>& openings, ReportDay today);

/// What the officer is told: nothing at all, or how many phones were not opened, or at most or at
/// least so many.
struct Figure {
    enum class Kind : std::uint8_t { Withheld = 0, Exactly = 1, AtMost = 2, AtLeast = 3 };

    Kind kind = Kind::Withheld;
    std::uint32_t phones = 0;
    std::uint32_t unopened = 0;

    friend bool operator==(const Figure&, const Figure&) = default;
};

/// How many there are, and how many of them were opened: more than there are, since a lost phone's
/// reports cannot be told from others', is all.
struct Adoption {
    std::uint32_t phones = 0;
    std::uint32_t opened = 0;
};

/// A number parts the phones in two. It is told only where both parts have `threshold` phones at
/// least; a part that has fewer is said to have fewer, and nothing is said where both could.
[[nodiscard]] Figure figure_of(Adoption adoption, std::uint32_t threshold);

}  // namespace cercle::client
