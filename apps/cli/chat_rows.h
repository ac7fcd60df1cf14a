// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Rows: what stands on one line of the screen, before any terminal is known. Everything that
// `cercle chat` shows is rows first, so that it can be tested without one.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/glyphs.h"

namespace cercle::cli::chat {

enum class Colour : std::uint8_t { Plain, Quiet, Accent, Good, Warning, Person };
enum class Weight : std::uint8_t { Normal, Bold };
enum class Ground : std::uint8_t { Normal, Inverted };

struct Style {
    Colour colour = Colour::Plain;
    Weight weight = Weight::Normal;
    Ground ground = Ground::Normal;
    std::uint8_t person = 0;  // which of the colours that people have
};

inline constexpr Style quiet{.colour = Colour::Quiet};
inline constexpr Style accent{.colour = Colour::Accent};
inline constexpr Style warning{.colour = Colour::Warning};
inline constexpr Style bold{.weight = Weight::Bold};

/// A piece of text, made harmless, on one line.
struct Span {
    std::string text;
    Style style;
};

using Row = std::vector<Span>;

[[nodiscard]] int columns_of(const Row& row);

/// Exactly so wide: cut, with a sign that it was, or filled with blanks.
[[nodiscard]] Row fitted(const Row& row, int columns);

/// The left one at the left, as much of it as the right one at the right leaves room for.
[[nodiscard]] Row at_both_ends(const Row& left, const Row& right, int columns);

[[nodiscard]] Row centred(const Row& row, int columns);

[[nodiscard]] Row inverted(Row row);

/// The row's text alone.
[[nodiscard]] std::string text_of(const Row& row);

/// Glyphs from `begin` to before `end`.
struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where a text breaks into lines of at most so many columns: at line ends, else behind a blank,
/// else anywhere. Blanks at a break may stand out. Each glyph but the line ends is in one piece.
[[nodiscard]] std::vector<Piece> wrapped(const std::vector<Glyph>& text, int columns);

/// The same as texts, without the blanks at the breaks.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int columns);

}  // namespace cercle::cli::chat
