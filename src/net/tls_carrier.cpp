// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_carrier.h"

#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "net/beast_stream.h"
#include "net/tls_stream.h"

namespace cercle::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::deferred);
/// A client masks what it sends, in pieces of this size.
constexpr std::size_t mask_buffer = 16384;

Error lost(const error_code& error) {
    if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
        return fail(Code::too_large, "the peer sent a frame over the channel's bound").error();
    }
    return fail(Code::unreachable_peer, "the connection was lost").error();
}

class WebSocketCarrier final : public CallingCarrier,
                               public std::enable_shared_from_this<WebSocketCarrier> {
  public:
    WebSocketCarrier(tcp::socket socket, const TlsLimits& limits)
        : socket_(std::move(socket)) {
        websocket::stream_base::timeout patience{};
        patience.handshake_timeout = limits.handshake_patience;
        patience.idle_timeout = limits.idle_patience;
        patience.keep_alive_pings = true;
        socket_.set_option(patience);
        socket_.read_message_max(limits.largest_frame);
        socket_.auto_fragment(false);
        socket_.binary(true);
        socket_.write_buffer_bytes(mask_buffer);
    }

    tcp::socket& socket() override { return stream().socket(); }

    Task<void> greet(ssl_ctx_st* context, RelayKey expected) override {
        pinned_.expected = expected;
        CO_TRY(auto session, make_client_session(context, pinned_));
        const auto shaken = co_await stream().handshake(std::move(session));
        if (pinned_.mismatch) {
            co_return fail(Code::relay_key_mismatch, "the server's key is not the expected one");
        }
        if (!shaken) co_return shaken;
        CO_TRY_VOID(agree());
        const auto [error] = co_await socket_.async_handshake("cercle", "/", as_result);
        if (error) co_return fail(Code::unreachable_peer, "the upgrade failed");
        co_return Result<void>{};
    }

    [[nodiscard]] const crypto::Digest& binding() const override { return binding_; }

    [[nodiscard]] std::optional<RelayKey> successor() const override { return pinned_.successor; }

    void read(Done<Bytes> done) override {
        buffer_.emplace(frame_);
        socket_.async_read(
            *buffer_,
            [self = shared_from_this(), done = std::move(done)](const error_code& error,
                                                                std::size_t) mutable {
                if (error) return done(std::unexpected(lost(error)));
                if (!self->socket_.got_binary()) {
                    return done(fail(Code::unreachable_peer, "the peer sent a text"));
                }
                done(std::exchange(self->frame_, {}));
            });
    }

    void write(BytesView frame, Done<void> done) override {
        socket_.async_write(
            asio::buffer(frame.data(), frame.size()),
            [self = shared_from_this(), done = std::move(done)](const error_code& error,
                                                                std::size_t) mutable {
                done(error ? Result<void>(std::unexpected(lost(error))) : Result<void>{});
            });
    }

    void say_goodbye(Done<void> done) override {
        if (!socket_.is_open()) {
            asio::post(stream().get_executor(),
                       [done = std::move(done)]() mutable { done(Result<void>{}); });
            return;
        }
        socket_.async_close(websocket::close_code::normal,
                            [self = shared_from_this(), done = std::move(done)](
                                const error_code& /*error*/) mutable { done(Result<void>{}); });
    }

    void limit_frames(std::size_t largest) noexcept override { socket_.read_message_max(largest); }

    void drop() noexcept override { stream().close(); }

  private:
    [[nodiscard]] TlsStream& stream() { return socket_.next_layer(); }

    Result<void> agree() {
        TRY_VOID(check_agreement(stream().session()));
        TRY(binding_, export_binding(stream().session()));
        return {};
    }

    // Without permessage-deflate, in its type.
    websocket::stream<TlsStream, false> socket_;
    Bytes frame_;
    // Remembers the size of the frame that it was made for, hence one for each.
    std::optional<asio::dynamic_vector_buffer<std::uint8_t, std::allocator<std::uint8_t>>> buffer_;
    PinnedKey pinned_{};
    crypto::Digest binding_{};
};

}  // namespace

std::shared_ptr<CallingCarrier> CallingCarrier::over(tcp::socket socket, const TlsLimits& limits) {
    return std::make_shared<WebSocketCarrier>(std::move(socket), limits);
}

}  // namespace cercle::net
