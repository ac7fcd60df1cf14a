// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The door to libqrencode: a code that a phone can read from a terminal.

#include <string>

namespace cercle::cli {

/// Two modules a character, dark on light whatever the terminal's colours are; a sentence if the
/// text does not fit.
[[nodiscard]] std::string terminal_qr(const std::string& text);

}  // namespace cercle::cli
