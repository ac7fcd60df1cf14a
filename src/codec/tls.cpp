// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/tls.h"

#include <algorithm>

#include "base/check.h"

namespace cercle::codec {

void Writer::raw(BytesView bytes) {
    if (mode_ == Mode::Grow) append(bytes_, bytes);
    if (mode_ == Mode::Fill) {
        CHECK(target_.size() - size_ >= bytes.size(), "an encoding longer than it was counted");
        std::ranges::copy(bytes, target_.subspan(size_).begin());
    }
    size_ += bytes.size();
}

void Writer::length(std::size_t length) {
    CHECK(length <= longest_vector, "a vector longer than the format can say");
    // RFC 9420 section 2.1.2: the two most significant bits of the first byte say how many
    // bytes the length takes: 00 one, 01 two, 10 four.
    if (length < 0x40U) {
        number(static_cast<std::uint8_t>(length));
    } else if (length < 0x4000U) {
        number(static_cast<std::uint16_t>(length | 0x4000U));
    } else {
        number(static_cast<std::uint32_t>(length | 0x80000000U));
    }
}

Result<std::size_t> Reader::length() {
    TRY(const auto first, number<std::uint8_t>());
    const unsigned form = first >> 6U;
    std::size_t value = first & 0x3fU;
    // "If the prefix is 11, the vector is invalid" (RFC 9420 section 2.1.2).
    if (form == 3) return fail(Code::malformed, "a length with a forbidden prefix");
    const std::size_t more = form == 0 ? 0 : form == 1 ? 1 : 3;
    TRY(const BytesView digits, raw(more));
    for (const std::uint8_t digit : digits)
        value = value << 8U | digit;
    // "the length MUST be encoded using the smallest number of bytes" (ibid.).
    const std::size_t smallest = form == 0 ? 0 : form == 1 ? 0x40U : 0x4000U;
    if (value < smallest) return fail(Code::not_canonical, "a length in a longer form than needed");
    return value;
}

Result<BytesView> Reader::opaque() {
    TRY(const std::size_t size, length());
    return raw(size);
}

Result<void> Reader::finish() const {
    if (!left_.empty()) return fail(Code::trailing_bytes, "bytes are left after the end");
    return {};
}

}  // namespace cercle::codec
