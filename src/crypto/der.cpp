// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/der.h"

#include <format>

#include "base/check.h"

namespace cercle::crypto::der {
namespace {

Bytes with_tag(std::uint8_t tag, std::initializer_list<BytesView> parts) {
    std::size_t length = 0;
    for (const BytesView part : parts)
        length += part.size();
    CHECK(length <= 0xffff, "a DER element of more than 64 KiB");
    Bytes bytes{tag};
    if (length >= 0x100) {
        bytes.push_back(0x82);
        bytes.push_back(static_cast<std::uint8_t>(length >> 8U));
    } else if (length >= 0x80) {
        bytes.push_back(0x81);
    }
    bytes.push_back(static_cast<std::uint8_t>(length));
    for (const BytesView part : parts)
        append(bytes, part);
    return bytes;
}

}  // namespace

Bytes element(Kind kind, std::initializer_list<BytesView> parts) {
    return with_tag(static_cast<std::uint8_t>(kind), parts);
}

Bytes time(std::chrono::sys_seconds moment) {
    constexpr std::uint8_t utc_time = 0x17;
    constexpr std::uint8_t generalized_time = 0x18;
    constexpr auto first_of_2050 = std::chrono::sys_days{std::chrono::year{2050} / 1 / 1};
    const std::string digits = std::format("{:%Y%m%d%H%M%S}Z", moment);
    const BytesView text = view_of(digits);
    if (moment >= first_of_2050) return with_tag(generalized_time, {text});
    return with_tag(utc_time, {text.subspan(2)});
}

}  // namespace cercle::crypto::der
