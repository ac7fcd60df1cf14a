// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The door to libqrencode: a code that a phone can read from a terminal.

#include <optional>
#include <string>
#include <vector>

namespace cercle::cli {

/// The squares of a code, row by row, without a quiet zone around them.
struct QrModules {
    int width = 0;
    std::vector<bool> dark;

    /// Light outside of it.
    [[nodiscard]] bool is_dark(int row, int column) const;
};

/// Nothing if the text is too long for one.
[[nodiscard]] std::optional<QrModules> qr_modules(const std::string& text);

/// Two modules a character, dark on light whatever the terminal's colours are; a sentence if the
/// text does not fit.
[[nodiscard]] std::string terminal_qr(const std::string& text);

}  // namespace cercle::cli
