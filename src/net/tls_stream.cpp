// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_stream.h"

#include <optional>

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace cercle::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// What libssl says to a call that did not succeed: what to wait for, or how it ended.
struct Hindrance {
    std::optional<tcp::socket::wait_type> wait;
    boost::system::error_code error;
};

Hindrance hindrance(SSL* session, int result) {
    const int kind = SSL_get_error(session, result);
    ERR_clear_error();
    switch (kind) {
        case SSL_ERROR_WANT_READ:
            return {.wait = tcp::socket::wait_read, .error = {}};
        case SSL_ERROR_WANT_WRITE:
            return {.wait = tcp::socket::wait_write, .error = {}};
        case SSL_ERROR_ZERO_RETURN:
            return {.wait = {}, .error = asio::error::eof};
        default:
            return {.wait = {}, .error = asio::error::connection_reset};
    }
}

}  // namespace

// libssl knows the socket by its number only, and a closed socket's number may already be another
// connection's: no call to libssl without is_open() before it.

Task<void> TlsStream::handshake(TlsSession session) {
    session_ = std::move(session);
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    if (SSL_set_fd(session_.get(), socket_.native_handle()) != 1) {
        co_return fail(Code::library_fault, "libssl does not take the socket");
    }
    while (socket_.is_open()) {
        ERR_clear_error();
        const int result = SSL_do_handshake(session_.get());
        if (result == 1) co_return Result<void>{};
        const Hindrance found = hindrance(session_.get(), result);
        if (!found.wait) break;
        const auto [error] =
            co_await socket_.async_wait(*found.wait, asio::as_tuple(asio::deferred));
        if (error) break;
    }
    co_return fail(Code::unreachable_peer, "the TLS handshake failed");
}

TlsStream::Step TlsStream::read_now(std::span<std::uint8_t> target) {
    if (!socket_.is_open()) return {.error = asio::error::operation_aborted};
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(session_.get(), target.data(), target.size(), &size);
    if (result == 1) return {.size = size};
    const Hindrance found = hindrance(session_.get(), result);
    return {.wait = found.wait, .error = found.error};
}

TlsStream::Step TlsStream::write_now(BytesView bytes) {
    if (!socket_.is_open()) return {.error = asio::error::operation_aborted};
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
    if (result == 1) return {.size = size};
    const Hindrance found = hindrance(session_.get(), result);
    return {.wait = found.wait, .error = found.error};
}

bool TlsStream::holds_something() const {
    return socket_.is_open() && SSL_has_pending(session_.get()) == 1;
}

void TlsStream::read(asio::mutable_buffer target, Moved moved, Call call) {
    if (target.size() == 0) return finish(std::move(moved), {}, 0, call);
    const Step step = read_now({static_cast<std::uint8_t*>(target.data()), target.size()});
    if (!step.wait) return finish(std::move(moved), step.error, step.size, call);
    socket_.async_wait(*step.wait,
                       [this, target, moved = std::move(moved)](const ErrorCode& error) mutable {
                           if (error) return std::move(moved)(error, 0);
                           read(target, std::move(moved), Call::Again);
                       });
}

void TlsStream::write(Outgoing outgoing, Moved moved, Call call) {
    if (outgoing.view().empty()) return finish(std::move(moved), {}, 0, call);
    const Step step = write_now(outgoing.view());
    if (!step.wait) return finish(std::move(moved), step.error, step.size, call);
    socket_.async_wait(*step.wait,
                       [this, outgoing = std::move(outgoing), moved = std::move(moved)](
                           const ErrorCode& error) mutable {
                           if (error) return std::move(moved)(error, 0);
                           write(std::move(outgoing), std::move(moved), Call::Again);
                       });
}

void TlsStream::finish(Moved moved, ErrorCode error, std::size_t size, Call call) {
    if (call == Call::Again) return std::move(moved)(error, size);
    // Asio's law: never inside the call that began it.
    asio::post(socket_.get_executor(), asio::append(std::move(moved), error, size));
}

void TlsStream::close() noexcept {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void TlsStream::say_goodbye() noexcept {
    if (!socket_.is_open() || !session_) return;
    ERR_clear_error();
    if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
    ERR_clear_error();
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace cercle::net
