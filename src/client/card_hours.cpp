// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_hours.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

namespace cercle::client {
namespace {

using protocol::minutes_of_week;
using protocol::Window;
using Week = std::bitset<minutes_of_week>;

constexpr std::size_t minutes_of_day = 24 * 60;

std::unexpected<Error> unclear() {
    return fail(Code::invalid_argument,
                "hours are said like this: Mon-Fri 09:00-18:00, Sat 10:00-12:00");
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

std::pair<std::string_view, std::string_view> split(std::string_view text, char at) {
    const auto found = text.find(at);
    if (found == std::string_view::npos) return {text, {}};
    return {text.substr(0, found), text.substr(found + 1)};
}

std::optional<std::size_t> day_of_week(std::string_view word) {
    constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::string small;
    for (const char letter : word)
        small += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    const auto found = std::ranges::find(days, small);
    if (found == days.end()) return std::nullopt;
    return static_cast<std::size_t>(found - days.begin());
}

std::optional<std::size_t> number(std::string_view digits, std::size_t most) {
    if (digits.empty() || digits.size() > 2) return std::nullopt;
    std::size_t value = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return std::nullopt;
        value = value * 10 + static_cast<std::size_t>(digit - '0');
    }
    return value <= most ? std::optional(value) : std::nullopt;
}

/// A minute of the day; 24:00 is its end.
std::optional<std::size_t> minute_of_day(std::string_view text) {
    const auto [hours, minutes] = split(text, ':');
    const auto hour = number(hours, 24);
    const auto minute = number(minutes, 59);
    if (!hour || !minute || (*hour == 24 && *minute != 0)) return std::nullopt;
    return *hour * 60 + *minute;
}

/// From the first day to the last, around the week's end if need be.
std::optional<std::vector<std::size_t>> days_of(std::string_view text) {
    const auto [from, until] = split(text, '-');
    const auto first = day_of_week(from);
    const auto last = until.empty() ? first : day_of_week(until);
    if (!first || !last) return std::nullopt;
    std::vector<std::size_t> days{*first};
    while (days.back() != *last)
        days.push_back((days.back() + 1) % 7);
    return days;
}

Result<void> mark(Week& week, std::string_view span) {
    std::vector<std::size_t> days{0, 1, 2, 3, 4, 5, 6};
    if (const auto [word, rest] = split(span, ' '); !rest.empty()) {
        const auto named = days_of(word);
        if (!named) return unclear();
        days = *named;
        span = trimmed(rest);
    }
    const auto [from_text, until_text] = split(span, '-');
    const auto from = minute_of_day(from_text);
    const auto until = minute_of_day(until_text);
    if (!from || !until || *from == *until || *from == minutes_of_day) return unclear();
    const std::size_t length = *until > *from ? *until - *from : minutes_of_day - *from + *until;
    for (const std::size_t day : days) {
        for (std::size_t minute = 0; minute < length; ++minute)
            week.set((day * minutes_of_day + *from + minute) % minutes_of_week);
    }
    return {};
}

std::vector<Window> windows_of(const Week& week) {
    std::vector<Window> windows;
    for (std::uint16_t minute = 0; minute < minutes_of_week; ++minute) {
        if (!week.test(minute)) continue;
        const auto end = static_cast<std::uint16_t>(minute + 1);
        if (!windows.empty() && windows.back().until == minute) {
            windows.back().until = end;
        } else {
            windows.push_back({minute, end});
        }
    }
    return windows;
}

}  // namespace

Result<std::vector<Window>> read_hours(std::string_view text) {
    std::vector<Window> windows;
    if (trimmed(text).empty()) return windows;
    if (text.size() > 400) return unclear();
    Week week;
    while (true) {
        const auto [span, rest] = split(text, ',');
        TRY_VOID(mark(week, trimmed(span)));
        if (span.size() == text.size()) break;
        text = rest;
    }
    return windows_of(week);
}

Result<std::vector<Window>> hours_in_utc(const std::vector<Window>& local,
                                         std::chrono::minutes offset) {
    // Always is said by no window.
    if (local.empty()) return local;
    Week week;
    const auto shift = static_cast<std::size_t>(
        (-offset.count() % minutes_of_week + minutes_of_week) % minutes_of_week);
    for (const Window& window : local) {
        for (std::size_t minute = window.from; minute < window.until; ++minute)
            week.set((minute + shift) % minutes_of_week);
    }
    auto windows = windows_of(week);
    if (windows.size() > protocol::most_windows) {
        return fail(Code::invalid_argument, "these hours have too many pieces");
    }
    return windows;
}

std::chrono::minutes offset_of_this_machine(WallTime moment) {
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) return {};
    return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds(parts.tm_gmtoff));
}

}  // namespace cercle::client
