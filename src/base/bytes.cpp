// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/bytes.h"

#include <cstddef>

namespace cercle {
namespace {

int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

BytesView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes to_bytes(BytesView view) {
    return {view.begin(), view.end()};
}

Bytes to_bytes(std::string_view text) {
    return to_bytes(view_of(text));
}

std::string to_text(BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

void append(Bytes& bytes, BytesView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

std::string to_hex(BytesView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 0x0fU]);
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = digit_value(text[at]);
        const int low = digit_value(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64(BytesView bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        const std::uint32_t group =
            (static_cast<std::uint32_t>(bytes[at]) << 16U) |
            (left > 1 ? static_cast<std::uint32_t>(bytes[at + 1]) << 8U : 0U) |
            (left > 2 ? static_cast<std::uint32_t>(bytes[at + 2]) : 0U);
        text.push_back(alphabet[(group >> 18U) & 63U]);
        text.push_back(alphabet[(group >> 12U) & 63U]);
        text.push_back(left > 1 ? alphabet[(group >> 6U) & 63U] : '=');
        text.push_back(left > 2 ? alphabet[group & 63U] : '=');
    }
    return text;
}

bool equal_in_constant_time(BytesView left, BytesView right) {
    if (left.size() != right.size()) return false;
    volatile std::uint8_t difference = 0;
    for (std::size_t at = 0; at < left.size(); ++at) {
        difference = static_cast<std::uint8_t>(difference | (left[at] ^ right[at]));
    }
    return difference == 0;
}

}  // namespace cercle
