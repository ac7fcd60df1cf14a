// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TlsStream: TLS over a socket, in the shape that Beast wants (its AsyncStream). libssl reads and
// writes the socket itself, and we only wait until it may: no second buffer per connection, hence a
// third of the memory of asio::ssl::stream.
//
// Private to this folder.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/task.h"
#include "net/tls_context.h"

namespace cercle::net {

class TlsStream {
  public:
    using executor_type = boost::asio::ip::tcp::socket::executor_type;
    using ErrorCode = boost::system::error_code;
    using Moved = boost::asio::any_completion_handler<void(ErrorCode, std::size_t)>;

    explicit TlsStream(boost::asio::ip::tcp::socket socket)
        : socket_(std::move(socket)) {}

    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream() = default;

    [[nodiscard]] executor_type get_executor() { return socket_.get_executor(); }

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }

    [[nodiscard]] ssl_st* session() { return session_.get(); }

    /// On a connected socket; ends when the handshake has, or the socket is closed.
    /// Errors: unreachable_peer, library_fault.
    [[nodiscard]] Task<void> handshake(TlsSession session);

    /// Ends everything under way.
    void close() noexcept;

    /// Tells the peer that no more will come, if that can be done at once.
    void say_goodbye() noexcept;

    /// What a call that does not wait has come to.
    struct Step {
        std::size_t size = 0;                                           // that was moved
        std::optional<boost::asio::ip::tcp::socket::wait_type> wait{};  // for this, and then again
        ErrorCode error{};

        [[nodiscard]] bool moved() const { return !wait && !error; }
    };

    // Without waiting, beside no call that does. A write that has to be repeated begins with the
    // same bytes.
    [[nodiscard]] Step read_now(std::span<std::uint8_t> target);
    [[nodiscard]] Step write_now(BytesView bytes);

    /// Whether something that has arrived can be read without the socket.
    [[nodiscard]] bool holds_something() const;

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto moved, boost::asio::mutable_buffer target) {
                read(target, Moved(std::move(moved)), Call::First);
            },
            token,
            first_of<boost::asio::mutable_buffer>(buffers));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto moved, Outgoing outgoing) {
                write(std::move(outgoing), Moved(std::move(moved)), Call::First);
            },
            token,
            gather(buffers));
    }

  private:
    enum class Call { First, Again };

    /// One record's worth: a frame's head and body go together, not as two packets.
    static constexpr std::size_t largest_write = 16384;

    struct Outgoing {
        boost::asio::const_buffer lone;
        Bytes joined;

        [[nodiscard]] BytesView view() const {
            if (!joined.empty()) return joined;
            return {static_cast<const std::uint8_t*>(lone.data()), lone.size()};
        }
    };

    template <class Buffer, class Buffers>
    static Buffer first_of(const Buffers& buffers) {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto each = boost::asio::buffer_sequence_begin(buffers); each != end; ++each) {
            const Buffer buffer(*each);
            if (buffer.size() > 0) return buffer;
        }
        return {};
    }

    template <class Buffers>
    static Outgoing gather(const Buffers& buffers) {
        Outgoing outgoing{.lone = first_of<boost::asio::const_buffer>(buffers), .joined = {}};
        const std::size_t total = boost::asio::buffer_size(buffers);
        if (outgoing.lone.size() < total && outgoing.lone.size() < largest_write) {
            outgoing.joined.resize(std::min(total, largest_write));
            boost::asio::buffer_copy(boost::asio::buffer(outgoing.joined), buffers);
        }
        return outgoing;
    }

    void read(boost::asio::mutable_buffer target, Moved moved, Call call);
    void write(Outgoing outgoing, Moved moved, Call call);
    void finish(Moved moved, ErrorCode error, std::size_t size, Call call);

    boost::asio::ip::tcp::socket socket_;
    TlsSession session_;
};

}  // namespace cercle::net
