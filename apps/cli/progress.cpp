// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/progress.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <format>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace cercle::cli {
namespace {

/// To the line's beginning, and nothing left of what stood there.
constexpr std::string_view clean_line = "\r\x1b[K";

std::string_view word_of(client::FileProgress::Act act) {
    switch (act) {
        case client::FileProgress::Act::Reading:
            return "reading";
        case client::FileProgress::Act::Sending:
            return "sending";
        case client::FileProgress::Act::Receiving:
            return "receiving";
    }
    return "";
}

std::size_t columns() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

void write_out(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

double part_of(const client::FileProgress& progress) {
    if (progress.total == 0) return 1;
    return static_cast<double>(progress.done) / static_cast<double>(progress.total);
}

int percent_of(const client::FileProgress& progress) {
    return static_cast<int>(part_of(progress) * 100);
}

/// `sending    [#########.........]  47 %  2.4 of 5.0 MiB`, in whatever the terminal has room for.
std::string bar(const client::FileProgress& progress) {
    const double part = part_of(progress);
    const std::string left = std::format("{:<10}", word_of(progress.act));
    const std::string right = std::format("{:>3} %  {} of {}",
                                          percent_of(progress),
                                          size_text(progress.done),
                                          size_text(progress.total));
    constexpr std::size_t brackets = 4;
    const std::size_t around = left.size() + right.size() + brackets + 1;
    const std::size_t room = columns();
    if (room < around + 5) return right.substr(0, room - 1);
    const std::size_t width = std::min<std::size_t>(40, room - around);
    const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
    return left + "[" + std::string(full, '#') + std::string(width - full, '.') + "] " + right;
}

}  // namespace

std::string percent_text(const client::FileProgress& progress) {
    return std::format("{} %", percent_of(progress));
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 4> units{"bytes", "KiB", "MiB", "GiB"};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < units.size()) {
        size /= 1024;
        ++unit;
    }
    return unit == 0 ? std::format("{} {}", bytes, units[0])
                     : std::format("{:.1f} {}", size, units[unit]);
}

void show_progress(const client::FileProgress& progress) {
    if (isatty(STDERR_FILENO) != 0) {
        write_out(std::string(clean_line) + bar(progress) +
                  (progress.done >= progress.total ? "\n" : ""));
        return;
    }
    // Each percent comes once; a line for every tenth of them is enough.
    const int percent = percent_of(progress);
    if (percent % 10 != 0) return;
    write_out(std::format("{} {} %, {} of {}\n",
                          word_of(progress.act),
                          percent,
                          size_text(progress.done),
                          size_text(progress.total)));
}

void clear_progress() {
    if (isatty(STDERR_FILENO) != 0) write_out(std::string(clean_line));
}

}  // namespace cercle::cli
