// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/qr_picture.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <string_view>

namespace cercle::cli {
namespace {

void append_number(Bytes& bytes, std::uint32_t value) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Of PNG's chunks (ISO/IEC 15948 annex D).
std::uint32_t crc_of(BytesView bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xedb88320U : crc >> 1U;
    }
    return ~crc;
}

/// Of zlib's streams (RFC 1950 section 9).
std::uint32_t adler_of(BytesView bytes) {
    std::uint32_t first = 1;
    std::uint32_t second = 0;
    for (const std::uint8_t byte : bytes) {
        first = (first + byte) % 65521;
        second = (second + first) % 65521;
    }
    return second << 16U | first;
}

void append_chunk(Bytes& png, std::string_view type, BytesView content) {
    append_number(png, static_cast<std::uint32_t>(content.size()));
    Bytes checked = to_bytes(type);
    append(checked, content);
    append(png, checked);
    append_number(png, crc_of(checked));
}

/// zlib's format with blocks that are stored as they are (RFC 1951 section 3.2.4).
Bytes stored(BytesView bytes) {
    constexpr std::size_t longest_block = 65535;
    Bytes stream{0x78, 0x01};
    const std::uint32_t sum = adler_of(bytes);
    bool last = false;
    while (!last) {
        const BytesView block = bytes.first(std::min(bytes.size(), longest_block));
        bytes = bytes.subspan(block.size());
        last = bytes.empty();
        const auto length = static_cast<std::uint16_t>(block.size());
        const auto inverse = static_cast<std::uint16_t>(~length);
        stream.push_back(last ? 1 : 0);
        for (const std::uint16_t number : {length, inverse}) {
            stream.push_back(static_cast<std::uint8_t>(number & 0xffU));
            stream.push_back(static_cast<std::uint8_t>(number >> 8U));
        }
        append(stream, block);
    }
    append_number(stream, sum);
    return stream;
}

}  // namespace

std::string svg_of(const QrModules& code) {
    const int side = code.width + 2 * picture_quiet_zone;
    std::string drawn = std::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\""
        " shape-rendering=\"crispEdges\">\n<path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/>\n<path d=\"",
        side);
    for (int row = 0; row < code.width; ++row) {
        for (int column = 0; column < code.width; ++column) {
            if (!code.is_dark(row, column)) continue;
            drawn += std::format(
                "M{} {}h1v1h-1z", column + picture_quiet_zone, row + picture_quiet_zone);
        }
    }
    return drawn + "\"/>\n</svg>\n";
}

Bytes png_of(const QrModules& code) {
    const int modules = code.width + 2 * picture_quiet_zone;
    // Eight pixels of one bit are a byte: a module is a byte of each of its eight lines.
    static_assert(pixels_of_module == 8);
    Bytes lines;
    for (int row = 0; row < modules; ++row) {
        Bytes line{0};  // not filtered
        for (int column = 0; column < modules; ++column) {
            const bool dark = code.is_dark(row - picture_quiet_zone, column - picture_quiet_zone);
            line.push_back(dark ? 0x00 : 0xff);
        }
        for (int repeated = 0; repeated < pixels_of_module; ++repeated)
            append(lines, line);
    }
    Bytes header;
    append_number(header, static_cast<std::uint32_t>(modules * pixels_of_module));
    append_number(header, static_cast<std::uint32_t>(modules * pixels_of_module));
    append(header, Bytes{1, 0, 0, 0, 0});  // one bit of grey, nothing special
    Bytes png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    append_chunk(png, "IHDR", header);
    append_chunk(png, "IDAT", stored(lines));
    append_chunk(png, "IEND", {});
    return png;
}

}  // namespace cercle::cli
