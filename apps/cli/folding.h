// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Folding: lines of ours with others' words in them, as `cercle read` and its like print them.
//
// A terminal begins a line wherever a text has one, and wherever it has no more room. So each line
// that others' words begin bears a mark, which no line of the program's own has: what stands at a
// line's beginning without it, we say.

#include <optional>
#include <string>
#include <string_view>

namespace cercle::cli {

/// The mark.
inline constexpr std::string_view said_before = "  | ";

/// Made harmless. `columns` is how wide the terminal is, if it is one: whatever is longer goes on
/// behind the mark, at a blank if there is one. What terminals disagree about counts as wide as the
/// widest of them shows it.
[[nodiscard]] std::string folded(std::string_view line, std::optional<int> columns);

}  // namespace cercle::cli
