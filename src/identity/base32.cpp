// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/base32.h"

#include <cstdint>

namespace cercle::identity {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int digit_value(char digit) {
    if (digit >= 'A' && digit <= 'Z') return digit - 'A';
    if (digit >= 'a' && digit <= 'z') return digit - 'a';
    if (digit >= '2' && digit <= '7') return digit - '2' + 26;
    return -1;
}

}  // namespace

std::string to_base32(BytesView bytes) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8U | byte) & 0xfffffU;
        count += 8;
        while (count >= 5) {
            count -= 5;
            text.push_back(alphabet[(bits >> count) & 31U]);
        }
    }
    if (count > 0) text.push_back(alphabet[(bits << (5 - count)) & 31U]);
    return text;
}

std::optional<Bytes> from_base32(std::string_view text) {
    Bytes bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char digit : text) {
        const int value = digit_value(digit);
        if (value < 0) return std::nullopt;
        bits = (bits << 5U | static_cast<std::uint32_t>(value)) & 0xfffffU;
        count += 5;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    const std::uint32_t left = bits & ((1U << count) - 1);
    if (count >= 5 || left != 0) return std::nullopt;
    return bytes;
}

}  // namespace cercle::identity
