// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cercle {
namespace {

constexpr std::uint32_t not_a_character = 0xffffffff;

/// The character that starts at `at`, which moves behind it.
std::uint32_t next_character(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    if (lead < 0x80) {
        ++at;
        return lead;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - at < length) return not_a_character;
    std::uint32_t character = lead & (0xffU >> (length + 1));
    for (std::size_t offset = 1; offset < length; ++offset) {
        const auto byte = static_cast<std::uint8_t>(text[at + offset]);
        if ((byte & 0xc0U) != 0x80) return not_a_character;
        character = (character << 6U) | (byte & 0x3fU);
    }
    const std::uint32_t smallest = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < smallest || character > 0x10ffff || surrogate) return not_a_character;
    at += length;
    return character;
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

/// What can make one name look like another, or like none, or a line read backwards: controls,
/// bidirectional formatting, characters without width or without ink, tags. The only space is
/// the blank.
constexpr Range deceiving[] = {
    {0x0000, 0x001f},    // controls
    {0x007f, 0x00a0},    // more of them, and the blank that does not break
    {0x00ad, 0x00ad},    // soft hyphen
    {0x034f, 0x034f},    // combining grapheme joiner
    {0x061c, 0x061c},    // Arabic letter mark
    {0x115f, 0x1160},    // Hangul fillers
    {0x1680, 0x1680},    // Ogham space
    {0x17b4, 0x17b5},    // Khmer vowels that are not seen
    {0x180b, 0x180f},    // Mongolian selectors
    {0x2000, 0x200f},    // spaces, zero widths, directions
    {0x2028, 0x202f},    // line ends, directions, narrow space
    {0x205f, 0x206f},    // mathematical space, invisible operators, directions
    {0x2800, 0x2800},    // Braille without dots
    {0x3000, 0x3000},    // ideographic space
    {0x3164, 0x3164},    // Hangul filler
    {0xfeff, 0xfeff},    // byte order mark
    {0xffa0, 0xffa0},    // halfwidth Hangul filler
    {0xfff0, 0xfffb},    // interlinear annotation
    {0xe0000, 0x10ffff}  // tags, selectors, private use
};

bool deceives(std::uint32_t character) {
    return std::ranges::any_of(deceiving, [character](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (next_character(text, at) == not_a_character) return false;
    }
    return true;
}

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > 200) return false;
    if (text.front() == ' ' || text.back() == ' ') return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t character = next_character(text, at);
        if (character == not_a_character || deceives(character)) return false;
    }
    return true;
}

bool is_plain_text(std::string_view text, std::size_t most_characters) {
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++characters) {
        const std::uint32_t character = next_character(text, at);
        if (character == not_a_character || characters == most_characters) return false;
        if (character != '\n' && deceives(character)) return false;
    }
    return true;
}

std::string harmless_name(std::string_view text, std::size_t longest) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::string name;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t before = at;
        const std::uint32_t character = next_character(text, at);
        if (character == not_a_character) ++at;
        const bool harms = character == not_a_character || deceives(character);
        const std::string_view shown = harms ? replacement : text.substr(before, at - before);
        if (name.size() + shown.size() > longest) break;
        name += shown;
    }
    return name;
}

}  // namespace cercle
