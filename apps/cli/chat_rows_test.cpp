// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_rows.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle::cli::chat;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a row is fitted to exactly its columns, and says where it was cut") {
    for (const std::string text :
         {"", "court", "une phrase plus longue", "你好你好你好", "👍🏽👍🏽👍🏽👍🏽"}) {
        for (int columns = 1; columns < 12; ++columns) {
            INFO(text << " in " << columns);
            CHECK(columns_of(fitted({{text, {}}}, columns)) == columns);
            CHECK(columns_of(at_both_ends({{text, {}}}, {{"12", {}}}, columns)) == columns);
            CHECK(columns_of(centred({{text, {}}}, columns)) == columns);
        }
    }
    CHECK(text_of(fitted({{"bonjour", {}}}, 5)) == "bonj…");
    CHECK(text_of(fitted({{"你好", {}}}, 3)) == "你…");
    CHECK(text_of(fitted({{"你好", {}}}, 2)) == "… ");  // half a character is none
    CHECK(text_of(at_both_ends({{"gauche", {}}}, {{"d", {}}}, 10)) == "gauche   d");
}

TEST_CASE("a text breaks behind blanks, at line ends, and anywhere if it must") {
    CHECK(wrapped("un deux trois", 8) == Lines{"un deux", "trois"});
    CHECK(wrapped("un\n\ndeux\n", 8) == Lines{"un", "", "deux", ""});
    CHECK(wrapped("interminable", 5) == Lines{"inter", "minab", "le"});
    CHECK(wrapped("un interminable", 5) == Lines{"un", "inter", "minab", "le"});
    CHECK(wrapped("你好你好", 5) == Lines{"你好", "你好"});
    CHECK(wrapped("", 5) == Lines{""});
    // A glyph wider than the line has a line of its own all the same.
    CHECK(wrapped("你好", 1) == Lines{"你", "好"});
}

TEST_CASE("no line of a broken text is wider than asked for, and no word is lost") {
    const std::string text =
        "Réunion à l’Élysée 你好 👩‍🚀👍🏽🇫🇷 اجتماع غدا "
        "mot-interminable-qui-ne-tient-nulle-part "
        "fin";
    std::string words;
    for (const auto& glyph : cercle::cli::glyphs(text))
        words += glyph.text == " " ? "" : glyph.text;
    for (int columns = 2; columns < 60; ++columns) {
        std::string found;
        for (const std::string& line : wrapped(text, columns)) {
            CHECK(cercle::cli::columns_of(line) <= columns);
            for (const auto& glyph : cercle::cli::glyphs(line))
                found += glyph.text == " " ? "" : glyph.text;
        }
        CHECK(found == words);
    }
}
