// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Page: what stands in a room, as rows. The last station of a message's trip.

#include <cstdint>
#include <functional>
#include <vector>

#include "apps/cli/chat_model.h"

namespace cercle::cli::chat {

/// A point of time as a person's calendar and clock show it.
struct Moment {
    int year = 1970;
    int month = 1;
    int day = 1;
    int weekday = 4;  // days since Sunday
    int hour = 0;
    int minute = 0;
};

/// From milliseconds since 1970.
using Calendar = std::function<Moment(std::uint64_t)>;

/// Who looks, and when.
struct Viewer {
    const Model& model;
    const Calendar& calendar;
    std::uint64_t now = 0;
};

struct PageRow {
    Row row;
    std::size_t entry = 0;
};

struct Page {
    std::vector<PageRow> rows;
    /// Nothing that has been loaded lies above.
    bool at_top = false;
};

/// The last rows of a room, each exactly so wide: as many as are asked for or somewhat more, and
/// at least those from an entry on. `chosen` is shown as such.
[[nodiscard]] Page page_of(const Room& room,
                           const Viewer& viewer,
                           int columns,
                           std::size_t rows,
                           std::optional<std::size_t> chosen = std::nullopt,
                           std::optional<std::size_t> from = std::nullopt);

/// The first entry that was new when the room was opened; as many as there are if none is.
[[nodiscard]] std::size_t first_new(const Room& room, const Viewer& viewer);

/// Which of the colours for people somebody has, everywhere and always.
[[nodiscard]] std::uint8_t colour_of(const std::string& member);

inline constexpr std::uint8_t colours_of_people = 6;

}  // namespace cercle::cli::chat
