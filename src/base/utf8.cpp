// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/utf8.h"

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

/// Controls, bidirectional formatting, zero-width characters and tags: what can make one name
/// look like another, or a line read backwards.
bool deceives(std::uint32_t character) {
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0xad ||
           character == 0x061c || character == 0x180e ||
           (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
           (character >= 0xfff9 && character <= 0xfffb) || character >= 0xe0000;
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

}  // namespace cercle
