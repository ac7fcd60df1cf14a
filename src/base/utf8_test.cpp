// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/utf8.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

namespace cercle {
namespace {

std::string encoded(std::uint32_t character) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (character < 0x80) return {byte(character)};
    if (character < 0x800) return {byte(0xc0 | character >> 6), byte(0x80 | (character & 0x3f))};
    if (character < 0x10000) {
        return {byte(0xe0 | character >> 12),
                byte(0x80 | (character >> 6 & 0x3f)),
                byte(0x80 | (character & 0x3f))};
    }
    return {byte(0xf0 | character >> 18),
            byte(0x80 | (character >> 12 & 0x3f)),
            byte(0x80 | (character >> 6 & 0x3f)),
            byte(0x80 | (character & 0x3f))};
}

}  // namespace

TEST_CASE("every character of Unicode is UTF-8, and no surrogate is") {
    for (std::uint32_t character = 0; character <= 0x110010; ++character) {
        const bool exists = character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
        if (is_utf8(encoded(character)) != exists) FAIL_CHECK("U+" << std::hex << character);
    }
}

TEST_CASE("overlong, cut off and stray bytes are not UTF-8") {
    for (const char* const text : {
             "\x80",
             "\xbf",
             "\xc0\xaf",  // "/" in two bytes
             "\xc1\xbf",
             "\xe0\x80\xaf",  // in three
             "\xe0\x9f\xbf",
             "\xf0\x80\x80\xaf",  // in four
             "\xf0\x8f\xbf\xbf",
             "\xf4\x90\x80\x80",  // U+110000
             "\xf5\x80\x80\x80",
             "\xff",
             "\xfe",
             "\xc3",
             "\xe2\x82",
             "\xf0\x9f\x98",
             "\xc3\x28",
             "\xe2\x28\xa1",
             "a\xe2\x82z",
             "\xed\xa0\xbd\xed\xb8\x80",  // a surrogate pair
         }) {
        CHECK(!is_utf8(text));
    }
    CHECK(is_utf8(""));
    CHECK(is_utf8(std::string_view("\0", 1)));
}

TEST_CASE("people's names are names") {
    for (const char* const name : {"Ana",
                                   "Jos\u00e9 Mar\u00eda",
                                   "O'Brien-Smith",
                                   "\u5f20\u4f1f",
                                   "\u0645\u062d\u0645\u062f",
                                   "\u0928\u0930\u0947\u0928\u094d\u0926\u094d\u0930",
                                   "Zo\u00eb \U0001f33b",
                                   "x"}) {
        INFO(name);
        CHECK(is_name(name));
    }
    CHECK(is_name(std::string(200, 'a')));
}

TEST_CASE("a name cannot be empty, too long, or hide behind spaces and invisible characters") {
    CHECK(!is_name(""));
    CHECK(!is_name(std::string(201, 'a')));
    CHECK(!is_name(" Ana"));
    CHECK(!is_name("Ana "));
    CHECK(!is_name(" "));
    CHECK(!is_name("\xff"));
    for (const std::uint32_t trick :
         {0x00,   0x09,   0x0a,   0x0d,   0x1b,   0x7f,   0x85,    0xad,
          0x061c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029,  0x202a,
          0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xfff9, 0xe0001, 0xe0041}) {
        INFO(std::hex << trick);
        CHECK(!is_name("Ana" + encoded(trick) + "Maria"));
        CHECK(!is_name(encoded(trick)));
    }
}

TEST_CASE("a name made of spaces that are not the blank is none either") {
    for (const std::uint32_t space : {0xa0,
                                      0x1680,
                                      0x2000,
                                      0x2003,
                                      0x2009,
                                      0x200a,
                                      0x202f,
                                      0x205f,
                                      0x3000,
                                      0x2800,
                                      0x3164,
                                      0x115f,
                                      0x1160,
                                      0xffa0}) {
        INFO(std::hex << space);
        CHECK(!is_name(encoded(space)));
        CHECK(!is_name("Ana" + encoded(space)));
        CHECK(!is_name(encoded(space) + "Ana"));
    }
}

TEST_CASE("a name of somebody else's is shown without its tricks, and otherwise as it is") {
    CHECK(harmless_name("r\u00e9union \u5f20.pdf", 200) == "r\u00e9union \u5f20.pdf");
    CHECK(harmless_name("a\u202efdp.exe", 200) == "a\ufffdfdp.exe");
    CHECK(harmless_name("a\x1b[2J\n", 200) == "a\ufffd[2J\ufffd");
    CHECK(harmless_name(std::string_view("a\0b", 3), 200) == "a\ufffdb");
    CHECK(harmless_name("a\xff\xc3", 200) == "a\ufffd\ufffd");
    CHECK(harmless_name("", 200).empty());
}

TEST_CASE("a name that is too long is cut off between two characters") {
    CHECK(harmless_name(std::string(300, 'a'), 200) == std::string(200, 'a'));
    CHECK(harmless_name("aaa\u00e9", 4) == "aaa");
    CHECK(harmless_name("aaa\u00e9", 5) == "aaa\u00e9");
    CHECK(harmless_name("aa\x01", 4) == "aa");
}

TEST_CASE("a name that was made harmless stays as it is") {
    for (const std::string_view text : {"a\x01b", "\xf0\x9f", "a\u202e", "\ufffd"}) {
        const std::string once = harmless_name(text, 200);
        CHECK(is_utf8(once));
        CHECK(harmless_name(once, 200) == once);
    }
}

}  // namespace cercle
