// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_composer.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle::cli::chat;

/// The text with a | where the cursor is, as it is drawn in so many columns.
std::string drawn(const Composer& composer, int columns) {
    const auto picture = composer.draw(columns);
    std::string text;
    for (std::size_t line = 0; line < picture.lines.size(); ++line) {
        if (line > 0) text += "/";
        int column = 0;
        for (const auto& glyph : cercle::cli::glyphs(picture.lines[line])) {
            if (line == picture.cursor_line && column == picture.cursor_column) text += "|";
            text += glyph.text;
            column += glyph.columns;
        }
        if (line == picture.cursor_line && column == picture.cursor_column) text += "|";
    }
    return text;
}

}  // namespace

TEST_CASE("the cursor goes and erases by what is seen as one character") {
    Composer composer;
    composer.set("a👩‍🚀e\u0301🇫🇷");
    CHECK(drawn(composer, 40) == "a👩‍🚀e\u0301🇫🇷|");
    composer.left();
    CHECK(drawn(composer, 40) == "a👩‍🚀e\u0301|🇫🇷");
    composer.left();
    CHECK(drawn(composer, 40) == "a👩‍🚀|e\u0301🇫🇷");
    composer.erase_before();
    CHECK(composer.text() == "ae\u0301🇫🇷");
    composer.erase_behind();
    CHECK(composer.text() == "a🇫🇷");
    composer.right();
    composer.right();
    composer.insert("!");
    CHECK(composer.text() == "a🇫🇷!");
    composer.left();
    composer.erase_before();
    composer.erase_before();
    composer.erase_before();
    CHECK(composer.text() == "!");
}

TEST_CASE("words and lines are left and erased at once") {
    Composer composer;
    composer.set("un deux\ntrois quatre");
    composer.word_left();
    CHECK(drawn(composer, 40) == "un deux/trois |quatre");
    composer.erase_word_before();
    CHECK(composer.text() == "un deux\nquatre");
    composer.line_end();
    composer.erase_line_before();
    CHECK(composer.text() == "un deux\n");
    composer.erase_before();
    composer.line_begin();
    CHECK(drawn(composer, 40) == "|un deux");
    composer.word_right();
    CHECK(drawn(composer, 40) == "un| deux");
    composer.line_end();
    CHECK(drawn(composer, 40) == "un deux|");
}

TEST_CASE("a long text is written over several lines, and the cursor goes up and down in them") {
    Composer composer;
    composer.set("un deux trois quatre");
    CHECK(drawn(composer, 9) == "un deux /trois /quatre|");
    CHECK(composer.up(9));
    CHECK(drawn(composer, 9) == "un deux /trois| /quatre");
    CHECK(composer.up(9));
    CHECK(drawn(composer, 9) == "un de|ux /trois /quatre");
    CHECK_FALSE(composer.up(9));
    CHECK(composer.down(9));
    CHECK(composer.down(9));
    CHECK(drawn(composer, 9) == "un deux /trois /quatr|e");
    CHECK_FALSE(composer.down(9));
}

TEST_CASE("the cursor stands on each character of a text once, whatever the width") {
    const std::string text = "un deux\n\ntrois你好 quatre\n";
    for (int columns = 2; columns < 30; ++columns) {
        Composer composer;
        composer.set(text);
        std::size_t steps = 0;
        auto last = composer.draw(columns);
        while (true) {
            composer.left();
            const auto now = composer.draw(columns);
            const bool moved =
                now.cursor_line != last.cursor_line || now.cursor_column != last.cursor_column;
            if (!moved) break;
            CHECK(now.cursor_line <= last.cursor_line);
            last = now;
            ++steps;
        }
        CHECK(last.cursor_line == 0);
        CHECK(last.cursor_column == 0);
        CHECK(steps == cercle::cli::glyphs(text).size());
    }
}

TEST_CASE("a backslash at the end of a line becomes a line end, and nowhere else") {
    Composer composer;
    composer.set("un\\");
    CHECK(composer.continue_line());
    composer.insert("deux");
    CHECK(composer.text() == "un\ndeux");
    CHECK_FALSE(composer.continue_line());
    composer.set("a\\b");
    CHECK_FALSE(composer.continue_line());
    composer.set("");
    CHECK_FALSE(composer.continue_line());
}

TEST_CASE("what cannot be shown can be written and erased") {
    Composer composer;
    composer.insert("a\x1b[2J\u200b");
    composer.insert("b\xff");
    for (int press = 0; press < 20; ++press)
        composer.erase_before();
    CHECK(composer.empty());
}
