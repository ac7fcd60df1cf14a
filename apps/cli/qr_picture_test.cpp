// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/qr_picture.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::cli;

std::uint32_t number_at(BytesView bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t byte = 0; byte < 4; ++byte)
        value = value << 8U | bytes[at + byte];
    return value;
}

/// One dark module in the upper right corner of two by two.
const QrModules corner{2, {false, true, false, false}};

}  // namespace

TEST_CASE("a picture of a code shows each module, and light around them") {
    const auto code = qr_modules("CERCLE:TEST").value();
    const std::string svg = svg_of(code);
    CHECK(svg.starts_with("<svg xmlns="));
    std::size_t dark = 0;
    for (int row = 0; row < code.width; ++row) {
        for (int column = 0; column < code.width; ++column) {
            const std::string drawn =
                "M" + std::to_string(column + 4) + " " + std::to_string(row + 4) + "h1v1h-1z";
            CHECK(svg.contains(drawn) == code.is_dark(row, column));
            dark += code.is_dark(row, column) ? 1 : 0;
        }
    }
    CHECK(dark > 100);
    // The finder in the corner that every code has, and nothing outside.
    CHECK(code.is_dark(0, 0));
    CHECK_FALSE(code.is_dark(1, 1));
    CHECK(code.is_dark(3, 3));
    CHECK_FALSE(code.is_dark(-1, 0));
    CHECK_FALSE(code.is_dark(0, code.width));
}

TEST_CASE("a PNG has the heads, lengths and sums that its standard asks for") {
    const Bytes png = png_of(corner);
    constexpr std::size_t side = (2 + 8) * 8;
    CHECK(number_at(png, 0) == 0x89504e47);
    CHECK(number_at(png, 8) == 13);
    CHECK(number_at(png, 16) == side);
    CHECK(number_at(png, 20) == side);
    // zlib's two bytes, one stored block with its five, ten bytes and the filter's a line, a sum.
    constexpr std::size_t content = side * (1 + side / 8);
    CHECK(number_at(png, 33) == 2 + 5 + content + 4);
    CHECK(png.size() == 8 + 25 + 12 + (2 + 5 + content + 4) + 12);
    // The sum of an empty last chunk, which is the same in every PNG.
    CHECK(number_at(png, png.size() - 4) == 0xae426082);
    // The dark module: column 5 of 10, in the first eight lines behind the quiet zone.
    const std::size_t lines = 8 + 25 + 8 + 2 + 5;
    for (std::size_t line = 0; line < side; ++line) {
        for (std::size_t column = 0; column < side / 8; ++column) {
            const bool dark = column == 5 && line / 8 == 4;
            CHECK(png[lines + line * 11 + 1 + column] == (dark ? 0x00 : 0xff));
        }
    }
}

TEST_CASE("what is too long for a code has none") {
    CHECK_FALSE(qr_modules(std::string(5000, 'x')));
    CHECK(terminal_qr(std::string(5000, 'x')) == "(too long for a QR code)");
}
