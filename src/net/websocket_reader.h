// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// WebSocketReader: what a client says on a WebSocket, taken apart (RFC 6455, 5). A function of the
// bytes: it neither waits nor answers. Of each message it holds what has come, and never more than
// it was told to take.
//
// Private to this folder.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::net {

class WebSocketReader {
  public:
    enum class Kind : std::uint8_t { Message, Ping, Pong, Close };

    struct Heard {
        Kind kind;
        Bytes body;
    };

    explicit WebSocketReader(std::size_t largest)
        : largest_(largest) {}

    /// Of messages, in bytes. A message that has begun ends at its next frame's head, if it is
    /// larger by then.
    void limit(std::size_t largest) { largest_ = largest; }

    /// Takes bytes off the front of `bytes` until something is whole; nothing, and all of them, if
    /// that takes more. What was said is over after an error. Errors: too_large (told from a head
    /// alone), unsupported (a text), malformed.
    [[nodiscard]] Result<std::optional<Heard>> take(BytesView& bytes);

    /// Bytes of frames that carry nothing, since it was asked last: pings, pongs, and the heads of
    /// the parts into which a message is cut. Who counts messages alone does not see them.
    [[nodiscard]] std::size_t take_idle() { return std::exchange(idle_, 0); }

  private:
    static constexpr std::size_t longest_head = 14;

    [[nodiscard]] std::size_t head_needed() const;
    [[nodiscard]] Result<void> take_head(BytesView& bytes);
    [[nodiscard]] Result<void> begin_frame();
    void take_body(BytesView& bytes);
    [[nodiscard]] std::optional<Heard> end_frame();

    std::size_t largest_;
    std::array<std::uint8_t, longest_head> head_{};
    std::uint8_t head_size_ = 0;
    bool in_body_ = false;
    bool in_message_ = false;  // of which the last frame has not come
    std::uint64_t left_ = 0;   // of the frame's body
    std::size_t at_ = 0;       // in it, for the mask
    std::size_t idle_ = 0;
    Bytes message_;
    Bytes control_;
};

/// The head of a whole, unmasked message or control frame, as a server sends it.
[[nodiscard]] Bytes websocket_head(std::uint8_t opcode, std::size_t size);

namespace websocket_opcode {
inline constexpr std::uint8_t more = 0;
inline constexpr std::uint8_t text = 1;
inline constexpr std::uint8_t binary = 2;
inline constexpr std::uint8_t close = 8;
inline constexpr std::uint8_t ping = 9;
inline constexpr std::uint8_t pong = 10;
}  // namespace websocket_opcode

}  // namespace cercle::net
