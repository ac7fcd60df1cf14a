// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_rows.h"

#include <algorithm>
#include <utility>

namespace cercle::cli::chat {
namespace {

constexpr std::string_view cut = "…";

void add(Row& row, std::string text, Style style) {
    if (!text.empty()) row.push_back({std::move(text), style});
}

/// As much as fits, the sign for the rest included.
Row shortened(const Row& row, int columns) {
    Row short_row;
    int left = std::max(columns - 1, 0);  // for the sign
    for (const Span& span : row) {
        std::string text;
        for (const Glyph& glyph : glyphs(span.text)) {
            if (glyph.columns > left) {
                if (columns > 0) text += cut;
                add(short_row, std::move(text), span.style);
                return short_row;
            }
            text += glyph.text;
            left -= glyph.columns;
        }
        add(short_row, std::move(text), span.style);
    }
    return short_row;
}

bool is_blank(const Glyph& glyph) {
    return glyph.text.find_first_not_of(' ') == std::string::npos;
}

}  // namespace

int columns_of(const Row& row) {
    int columns = 0;
    for (const Span& span : row)
        columns += cli::columns_of(span.text);
    return columns;
}

Row fitted(const Row& row, int columns) {
    Row fits = columns_of(row) <= columns ? row : shortened(row, columns);
    const int missing = columns - columns_of(fits);
    if (missing > 0) fits.push_back({std::string(static_cast<std::size_t>(missing), ' '), {}});
    return fits;
}

Row at_both_ends(const Row& left, const Row& right, int columns) {
    const int room = columns - columns_of(right);
    if (room < 1) return fitted(right, columns);
    Row row = fitted(left, room);
    row.insert(row.end(), right.begin(), right.end());
    return row;
}

Row centred(const Row& row, int columns) {
    const int missing = columns - columns_of(row);
    Row moved;
    if (missing > 1) moved.push_back({std::string(static_cast<std::size_t>(missing / 2), ' '), {}});
    moved.insert(moved.end(), row.begin(), row.end());
    return fitted(moved, columns);
}

Row inverted(Row row) {
    for (Span& span : row)
        span.style.ground = Ground::Inverted;
    return row;
}

std::string text_of(const Row& row) {
    std::string text;
    for (const Span& span : row)
        text += span.text;
    return text;
}

std::vector<Piece> wrapped(const std::vector<Glyph>& text, int columns) {
    std::vector<Piece> pieces;
    std::size_t begin = 0;
    std::size_t breakable = 0;  // behind the last blank of this line
    int used = 0;
    int used_at_break = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at].text == "\n") {
            pieces.push_back({begin, at});
            begin = breakable = at + 1;
            used = used_at_break = 0;
            continue;
        }
        const bool blank = is_blank(text[at]);
        if (!blank && used + text[at].columns > columns && at > begin) {
            const bool at_blank = breakable > begin;
            const std::size_t end = at_blank ? breakable : at;
            pieces.push_back({begin, end});
            used = at_blank ? used - used_at_break : 0;
            begin = end;
            used_at_break = 0;
        }
        used += text[at].columns;
        if (blank) {
            breakable = at + 1;
            used_at_break = used;
        }
    }
    pieces.push_back({begin, text.size()});
    return pieces;
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
    const auto found = glyphs(text);
    std::vector<std::string> lines;
    for (const Piece& piece : wrapped(found, columns)) {
        std::string& line = lines.emplace_back();
        for (std::size_t at = piece.begin; at < piece.end; ++at)
            line += found[at].text;
        while (line.ends_with(' '))
            line.pop_back();
    }
    return lines;
}

}  // namespace cercle::cli::chat
