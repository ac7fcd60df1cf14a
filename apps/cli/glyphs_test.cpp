// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/glyphs.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle::cli;

struct Sample {
    const char* text;
    std::size_t glyphs;
    int columns;
};

/// Bytes that change something on a terminal, other than by being shown.
bool acts(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x20 && byte != '\n' && byte != '\t') return true;
        if (byte == 0x7f) return true;
        if (byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0)
            return true;
    }
    return false;
}

}  // namespace

TEST_CASE("what a person sees as one character is one glyph of the width it has") {
    for (const Sample& sample :
         {Sample{"abc", 3, 3},   {"é", 1, 1},
          {"e\u0301", 1, 1},     {"你好", 2, 4},
          {"각", 1, 2},          {"\u1112\u1161\u11ab", 1, 2},  // the same sort, in three letters
          {"سلام", 4, 4},        {"شَ", 1, 1},
          {"👍", 1, 2},          {"👍🏽", 1, 2},
          {"👩‍🚀", 1, 2}, {"👩🏽‍❤️‍💋‍👨🏽", 1, 2},
          {"🇫🇷", 1, 2},          {"🇫🇷🇧🇪", 2, 4},
          {"❤️", 1, 2},           {"1️⃣", 1, 2},
          {"🫠", 1, 2},          {"ｱ", 1, 1},
          {"Ａ", 1, 2},          {"é\u00a0!", 3, 3}}) {
        INFO(sample.text);
        CHECK(glyphs(sample.text).size() == sample.glyphs);
        CHECK(columns_of(sample.text) == sample.columns);
        CHECK(harmless(sample.text) == sample.text);
    }
}

TEST_CASE("each byte of a text belongs to one of its glyphs") {
    for (const std::string text :
         {"a\u200bb\r\nc\tđ", "\u200e", "\u200bx", "\xff\xfe", "👩‍🚀\u202e"}) {
        std::size_t bytes = 0;
        for (const Glyph& glyph : glyphs(text))
            bytes += glyph.bytes;
        CHECK(bytes == text.size());
    }
}

TEST_CASE("attack: a text cannot move the cursor, clear the screen or change colours") {
    for (const char* text : {"\x1b[2J\x1b[H",
                             "\x1b[10;10H",
                             "\x1b[31m",
                             "\x1b"
                             "c",
                             "\b\b\b",
                             "a\rb"}) {
        CHECK_FALSE(acts(harmless(text)));
        CHECK_FALSE(acts(on_one_line(text)));
    }
}

TEST_CASE("attack: a text cannot set the window's title") {
    CHECK(harmless("\x1b]0;Officer\x07") == "�]0;Officer�");
}

TEST_CASE("attack: a text cannot write to the clipboard by OSC 52") {
    CHECK(harmless("\x1b]52;c;cm0gLXJmIH4=\x07") == "�]52;c;cm0gLXJmIH4=�");
    // The same with control characters of one piece, as UTF-8 and as bare bytes.
    CHECK(harmless("\u009d52;c;cm0gLXJmIH4=\u009c") == "�52;c;cm0gLXJmIH4=�");
    CHECK(harmless("\x9d"
                   "52;c;cm0g\x9c") == "�52;c;cm0g�");
}

TEST_CASE("attack: no control character reaches the terminal, whatever stands around it") {
    for (unsigned control = 0; control < 0xa0; ++control) {
        if (control >= 0x20 && control < 0x7f) continue;
        std::string character;
        if (control < 0x80) {
            character.push_back(static_cast<char>(control));
        } else {
            character = {'\xc2', static_cast<char>(control)};
        }
        for (const std::string& text : {character,
                                        "a" + character,
                                        character + "\u0301",
                                        "👩‍" + character + "‍🚀"}) {
            CHECK_FALSE(acts(harmless(text)));
        }
    }
}

TEST_CASE("attack: a text cannot turn around what stands behind it on the line") {
    for (const char* turning : {"\u202a",
                                "\u202b",
                                "\u202c",
                                "\u202d",
                                "\u202e",
                                "\u2066",
                                "\u2067",
                                "\u2068",
                                "\u2069"}) {
        CHECK(harmless(std::string("fichier") + turning + "gpj.exe") == "fichier�gpj.exe");
    }
    // The marks that Arabic and Hebrew keyboards write turn nothing, and are left out.
    CHECK(harmless("שלום\u200f!") == "שלום!");
}

TEST_CASE("attack: a text cannot begin a line that looks like the program's own") {
    CHECK(on_one_line("oui\n2026-01-01 09:00  Officer: non").find('\n') == std::string::npos);
    CHECK(on_one_line("oui\u2028Officer: non") == "oui Officer: non");
    CHECK(glyphs("a\u2029b")[1].text == "\n");
}

TEST_CASE("attack: a tower of marks does not grow without end") {
    std::string text = "a";
    for (int mark = 0; mark < 10'000; ++mark)
        text += "\u0301";
    const auto found = glyphs(text);
    REQUIRE(found.size() == 1);
    CHECK(found.front().text.size() < 64);
    CHECK(found.front().bytes == text.size());
}

TEST_CASE("a mark without a letter stands on a blank, and not on what the program wrote") {
    const auto found = glyphs("\u0301x");
    CHECK(found.front().text == " \u0301");
    CHECK(found.front().columns == 1);
}

TEST_CASE("what terminals disagree about is known as such") {
    for (const char* disputed : {"👍", "👩‍🚀", "🇫🇷", "❤️", "e\u0301", "✓", "⏸", "क्षि"}) {
        CHECK(glyphs(disputed).front().width == Width::Disputed);
    }
    for (const char* agreed : {"a", "é", "你", "س", "│", "─", "█", "…"}) {
        CHECK(glyphs(agreed).front().width == Width::Agreed);
    }
}

TEST_CASE("bytes that are no UTF-8 are shown as what cannot be shown, one by one") {
    CHECK(harmless("a\xff\xc3(") == "a��(");
}
