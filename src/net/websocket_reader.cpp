// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/websocket_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cercle::net {
namespace {

namespace opcode = websocket_opcode;

constexpr std::uint8_t last_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t size_bits = 0x7f;
constexpr std::uint8_t two_bytes = 126;
constexpr std::uint8_t eight_bytes = 127;
constexpr std::size_t mask_size = 4;
constexpr std::size_t longest_control = 125;

bool is_control(std::uint8_t code) {
    return code >= opcode::close;
}

std::size_t digits_of(std::uint8_t size) {
    if (size == eight_bytes) return 8;
    return size == two_bytes ? 2 : 0;
}

// Nobody is to reserve much for what has not come.
constexpr std::size_t reserved_ahead = 4096;

void unmask_onto(Bytes& target, BytesView masked, BytesView mask, std::size_t at) {
    std::array<std::uint8_t, 8> turned{};
    for (std::size_t byte = 0; byte < turned.size(); ++byte)
        turned[byte] = mask[(at + byte) % mask_size];
    std::uint64_t key = 0;
    std::memcpy(&key, turned.data(), turned.size());
    const std::size_t begin = target.size();
    target.insert(target.end(), masked.begin(), masked.end());
    std::uint8_t* const bytes = target.data() + begin;
    std::size_t done = 0;
    for (; done + sizeof(key) <= masked.size(); done += sizeof(key)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + done, sizeof(word));
        word ^= key;
        std::memcpy(bytes + done, &word, sizeof(word));
    }
    for (; done < masked.size(); ++done)
        bytes[done] ^= turned[done % turned.size()];
}

}  // namespace

Result<std::optional<WebSocketReader::Heard>> WebSocketReader::take(BytesView& bytes) {
    while (true) {
        if (!in_body_) {
            TRY_VOID(take_head(bytes));
            if (!in_body_) return std::optional<Heard>{};
        }
        take_body(bytes);
        if (left_ > 0) return std::optional<Heard>{};
        if (auto heard = end_frame()) return heard;
    }
}

// All of it, as far as is known by now how long it is.
std::size_t WebSocketReader::head_needed() const {
    if (head_size_ < 2) return 2;
    return 2 + digits_of(head_[1] & size_bits) + mask_size;
}

Result<void> WebSocketReader::take_head(BytesView& bytes) {
    while (head_size_ < head_needed() && !bytes.empty()) {
        head_[head_size_++] = bytes.front();
        bytes = bytes.subspan(1);
        // "The server MUST close the connection upon receiving a frame that is not masked." (5.1)
        if (head_size_ == 2 && (head_[1] & mask_bit) == 0) {
            return fail(Code::malformed, "a frame without a mask");
        }
    }
    return head_size_ == head_needed() && head_size_ > 2 ? begin_frame() : Result<void>{};
}

Result<void> WebSocketReader::begin_frame() {
    if ((head_[0] & reserved_bits) != 0) {
        return fail(Code::malformed, "a bit that no extension has been agreed on for");
    }
    const std::uint8_t code = head_[0] & opcode_bits;
    const bool last = (head_[0] & last_bit) != 0;
    const std::uint8_t size = head_[1] & size_bits;
    const std::size_t digits = digits_of(size);
    left_ = size;
    if (digits != 0) {
        left_ = 0;
        for (std::size_t at = 0; at < digits; ++at)
            left_ = left_ << 8U | head_[2 + at];
        // "the minimal number of bytes MUST be used to encode the length" (5.2)
        if (left_ <= (digits == 2 ? longest_control : 0xffffU)) {
            return fail(Code::malformed, "a size in more bytes than it takes");
        }
    }
    if (is_control(code)) {
        if (code > opcode::pong) return fail(Code::malformed, "an unknown kind of frame");
        // "a payload length of 125 bytes or less and MUST NOT be fragmented" (5.5)
        if (!last || left_ > longest_control) {
            return fail(Code::malformed, "a control frame that is too long, or a part of one");
        }
    } else {
        if (code == opcode::text) return fail(Code::unsupported, "a text");
        if (code != opcode::binary && code != opcode::more) {
            return fail(Code::malformed, "an unknown kind of frame");
        }
        if (in_message_ != (code == opcode::more)) {
            return fail(Code::malformed, "a message within a message, or a part of none");
        }
        if (left_ > largest_ || message_.size() > largest_ - left_) {
            return fail(Code::too_large, "a message over the bound");
        }
        in_message_ = true;
    }
    in_body_ = true;
    at_ = 0;
    return {};
}

void WebSocketReader::take_body(BytesView& bytes) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    Bytes& target = is_control(head_[0] & opcode_bits) ? control_ : message_;
    if (target.empty()) {
        target.reserve(std::max(size, std::min(static_cast<std::size_t>(left_), reserved_ahead)));
    }
    const BytesView mask = BytesView(head_).subspan(head_size_ - mask_size, mask_size);
    unmask_onto(target, bytes.first(size), mask, at_);
    at_ += size;
    left_ -= size;
    bytes = bytes.subspan(size);
}

std::optional<WebSocketReader::Heard> WebSocketReader::end_frame() {
    const std::uint8_t code = head_[0] & opcode_bits;
    const bool last = (head_[0] & last_bit) != 0;
    if (is_control(code) || code == opcode::more || !last) idle_ += head_size_ + control_.size();
    in_body_ = false;
    head_size_ = 0;
    switch (code) {
        case opcode::close:
            return Heard{Kind::Close, std::exchange(control_, {})};
        case opcode::ping:
            return Heard{Kind::Ping, std::exchange(control_, {})};
        case opcode::pong:
            return Heard{Kind::Pong, std::exchange(control_, {})};
        default:
            break;
    }
    if (!last) return std::nullopt;
    in_message_ = false;
    return Heard{Kind::Message, std::exchange(message_, {})};
}

Bytes websocket_head(std::uint8_t code, std::size_t size) {
    Bytes head{static_cast<std::uint8_t>(last_bit | code)};
    std::size_t digits = 0;
    if (size > 0xffff) {
        digits = 8;
        head.push_back(eight_bytes);
    } else if (size > longest_control) {
        digits = 2;
        head.push_back(two_bytes);
    } else {
        head.push_back(static_cast<std::uint8_t>(size));
    }
    for (std::size_t at = digits; at > 0; --at)
        head.push_back(static_cast<std::uint8_t>(std::uint64_t{size} >> (8 * (at - 1))));
    return head;
}

}  // namespace cercle::net
