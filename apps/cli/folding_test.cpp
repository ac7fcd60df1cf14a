// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/folding.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "apps/cli/glyphs.h"

namespace {

using namespace cercle::cli;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char byte : text) {
        if (byte == '\n') {
            lines.emplace_back();
        } else {
            lines.back().push_back(byte);
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("a line that fits stays as it is") {
    CHECK(folded("bonjour", std::nullopt) == "bonjour");
    CHECK(folded("bonjour", 80) == "bonjour");
    CHECK(folded(std::string(80, 'x'), 80) == std::string(80, 'x'));
    CHECK(folded("", 80).empty());
}

TEST_CASE("each further line of a text bears the mark, on a terminal or none") {
    CHECK(folded("un\ndeux\n\ntrois", std::nullopt) == "un\n  | deux\n  | \n  | trois");
    CHECK(folded("un\ndeux", 80) == "un\n  | deux");
    CHECK(folded("un\u2028deux\u2029trois", 80) == "un\n  | deux\n  | trois");
}

TEST_CASE("what has no room goes on behind the mark, at a blank if there is one") {
    CHECK(folded("aaaaaaaaaa bbbbbbbbbb cccc", 20) == "aaaaaaaaaa \n  | bbbbbbbbbb cccc");
    CHECK(folded(std::string(30, 'x'), 20) ==
          std::string(20, 'x') + "\n  | " + std::string(10, 'x'));
    CHECK(folded(std::string(200, 'x'), std::nullopt) == std::string(200, 'x'));
}

TEST_CASE("no line is wider than the terminal, however it counts what terminals disagree about") {
    for (const char* piece : {"x", "mot ", "你", "👩‍🚀", "🇫🇷", "e\u0301", "\t", " ", "सि"}) {
        std::string text;
        for (int count = 0; count < 90; ++count)
            text += piece;
        for (const int columns : {20, 33, 80}) {
            for (const std::string& line : lines_of(folded(text, columns))) {
                int most = 0;
                for (const Glyph& glyph : glyphs(line)) {
                    // A terminal that shows each of its characters for itself, in two columns.
                    const auto characters = std::ranges::count_if(glyph.text, [](char byte) {
                        return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
                    });
                    most += glyph.width == Width::Agreed ? glyph.columns
                                                         : static_cast<int>(2 * characters);
                }
                CHECK(most <= columns);
            }
        }
    }
}
