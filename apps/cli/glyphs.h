// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Glyphs: what others wrote, as a terminal may show it. The door to utf8proc.
//
// Names and texts of others never reach a terminal but through here. A text cannot move the
// cursor, set a title, write to the clipboard or turn a line around: control characters and
// bidirectional formatting are shown as the sign for what cannot be shown, and what has neither
// ink nor width is left out. Only line ends and tabs stay.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cercle::cli {

/// Whether all terminals agree on how wide a glyph is. Of emoji joined from several, and of
/// characters with marks, they do not.
enum class Width { Agreed, Disputed };

/// What a person sees as one character.
struct Glyph {
    std::string text;       // "\n" for a line end
    int columns = 1;        // 0 for a line end
    std::size_t bytes = 0;  // of the text it was read from, what was left out among them
    Width width = Width::Agreed;
};

[[nodiscard]] std::vector<Glyph> glyphs(std::string_view text);

/// The same as one text, with its line ends and tabs.
[[nodiscard]] std::string harmless(std::string_view text);

/// The same on one line.
[[nodiscard]] std::string on_one_line(std::string_view text);

/// Whether one character, in UTF-8, would do something on a terminal instead of being shown.
[[nodiscard]] bool acts_on_terminal(std::string_view character);

/// How many columns a text takes that stands on one line.
[[nodiscard]] int columns_of(std::string_view text);

}  // namespace cercle::cli
