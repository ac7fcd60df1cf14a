// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_composer.h"

#include <algorithm>
#include <utility>

namespace cercle::cli::chat {

void Composer::set(std::string text) {
    text_ = std::move(text);
    cursor_ = text_.size();
}

void Composer::insert(std::string_view text) {
    text_.insert(cursor_, text);
    cursor_ += text.size();
}

std::size_t Composer::before(std::size_t position) const {
    std::size_t at = 0;
    std::size_t last = 0;
    for (const Glyph& glyph : glyphs(text_)) {
        if (at >= position) break;
        last = at;
        at += glyph.bytes;
    }
    return last;
}

std::size_t Composer::behind(std::size_t position) const {
    std::size_t at = 0;
    for (const Glyph& glyph : glyphs(text_)) {
        at += glyph.bytes;
        if (at > position) return at;
    }
    return text_.size();
}

bool Composer::is_space_at(std::size_t position) const {
    return position < text_.size() && (text_[position] == ' ' || text_[position] == '\n');
}

void Composer::erase(std::size_t from, std::size_t to) {
    text_.erase(from, to - from);
    cursor_ = from;
}

void Composer::erase_before() {
    erase(before(cursor_), cursor_);
}

void Composer::erase_behind() {
    erase(cursor_, behind(cursor_));
}

void Composer::erase_word_before() {
    const std::size_t end = cursor_;
    word_left();
    erase(cursor_, end);
}

void Composer::erase_line_before() {
    const std::size_t end = cursor_;
    line_begin();
    // On an empty line, or at a line's begin, that is the line end before it.
    if (cursor_ == end) return erase_before();
    erase(cursor_, end);
}

void Composer::left() {
    cursor_ = before(cursor_);
}

void Composer::right() {
    cursor_ = behind(cursor_);
}

void Composer::word_left() {
    while (cursor_ > 0 && is_space_at(before(cursor_)))
        left();
    while (cursor_ > 0 && !is_space_at(before(cursor_)))
        left();
}

void Composer::word_right() {
    while (cursor_ < text_.size() && is_space_at(cursor_))
        right();
    while (cursor_ < text_.size() && !is_space_at(cursor_))
        right();
}

void Composer::line_begin() {
    const std::size_t end = text_.rfind('\n', cursor_ == 0 ? std::string::npos : cursor_ - 1);
    cursor_ = end == std::string::npos || cursor_ == 0 ? 0 : end + 1;
}

void Composer::line_end() {
    cursor_ = std::min(text_.find('\n', cursor_), text_.size());
}

bool Composer::up(int columns) {
    return move_by_line(columns, -1);
}

bool Composer::down(int columns) {
    return move_by_line(columns, 1);
}

bool Composer::move_by_line(int columns, int lines) {
    const auto found = glyphs(text_);
    const auto pieces = wrapped(found, columns);
    const Drawn drawn = draw(columns);
    const auto wanted = static_cast<std::ptrdiff_t>(drawn.cursor_line) + lines;
    if (wanted < 0 || wanted >= static_cast<std::ptrdiff_t>(pieces.size())) return false;
    const Piece& piece = pieces[static_cast<std::size_t>(wanted)];
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < piece.begin; ++at)
        bytes += found[at].bytes;
    int column = 0;
    for (std::size_t at = piece.begin; at < piece.end; ++at) {
        if (column + found[at].columns > drawn.cursor_column) break;
        // Behind the last glyph of a line that goes on is the next line.
        const bool goes_on = piece.end < found.size() && found[piece.end].text != "\n";
        if (goes_on && at + 1 == piece.end) break;
        column += found[at].columns;
        bytes += found[at].bytes;
    }
    cursor_ = bytes;
    return true;
}

bool Composer::continue_line() {
    const std::size_t end = std::min(text_.find('\n', cursor_), text_.size());
    if (end == 0 || text_[end - 1] != '\\') return false;
    text_.replace(end - 1, 1, "\n");
    cursor_ = end;
    return true;
}

Composer::Drawn Composer::draw(int columns) const {
    const auto found = glyphs(text_);
    const auto pieces = wrapped(found, columns);
    Drawn drawn;
    std::size_t bytes = 0;
    for (std::size_t line = 0; line < pieces.size(); ++line) {
        std::string text;
        int column = 0;
        for (std::size_t at = pieces[line].begin; at < pieces[line].end; ++at) {
            if (bytes <= cursor_) {
                drawn.cursor_line = line;
                drawn.cursor_column = column;
            }
            text += found[at].text;
            column += found[at].columns;
            bytes += found[at].bytes;
        }
        const bool at_line_end =
            pieces[line].end == found.size() || found[pieces[line].end].text == "\n";
        if (bytes <= cursor_ && at_line_end) {
            drawn.cursor_line = line;
            drawn.cursor_column = column;
        }
        if (pieces[line].end < found.size() && at_line_end) bytes += found[pieces[line].end].bytes;
        drawn.lines.push_back(std::move(text));
    }
    return drawn;
}

}  // namespace cercle::cli::chat
