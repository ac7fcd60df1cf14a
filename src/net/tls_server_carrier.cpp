// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Who is called: after the upgrade, which Beast does, the frames of RFC 6455 are taken apart by
// WebSocketReader and written straight into the TLS stream. While nothing happens a connection has
// a wait for its socket and a timer, and no buffer.
#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "net/beast_stream.h"
#include "net/tls_carrier.h"
#include "net/tls_stream.h"
#include "net/websocket_reader.h"

namespace cercle::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
namespace opcode = websocket_opcode;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::deferred);
constexpr std::size_t longest_upgrade = 8192;
/// What is read at once, and at most kept until it is asked for.
constexpr std::size_t longest_read = 4096;
/// Then it is another connection's turn, though there is more.
constexpr std::size_t most_read_in_turn = 65536;
/// Of what is beside messages, and so counts for no rate above, so much is heard in that time.
constexpr std::size_t most_idle = 16384;
constexpr Duration pause_for_idle = std::chrono::seconds{1};
/// One record's worth: a frame's head and body go together.
constexpr std::size_t longest_write = 16384;

// Why a connection ends (RFC 6455, 7.4.1).
constexpr std::uint16_t of_protocol = 1002;
constexpr std::uint16_t of_kind = 1003;
constexpr std::uint16_t of_size = 1009;
constexpr std::uint16_t normal = 1000;

Error lost() {
    return fail(Code::unreachable_peer, "the connection was lost").error();
}

std::uint16_t reason_of(const Error& error) {
    if (error.code == Code::too_large) return of_size;
    return error.code == Code::unsupported ? of_kind : of_protocol;
}

Bytes close_frame(BytesView body) {
    Bytes frame = websocket_head(opcode::close, body.size());
    frame.insert(frame.end(), body.begin(), body.end());
    return frame;
}

Bytes close_frame(std::uint16_t reason) {
    return close_frame(std::array{static_cast<std::uint8_t>(reason >> 8U),
                                  static_cast<std::uint8_t>(reason & 0xffU)});
}

class ServerCarrier final : public CalledCarrier,
                            public std::enable_shared_from_this<ServerCarrier> {
  public:
    ServerCarrier(tcp::socket socket, const TlsLimits& limits)
        : stream_(std::move(socket)),
          signs_(stream_.get_executor()),
          patience_(limits.idle_patience),
          largest_(limits.largest_frame),
          reader_(std::min(limits.largest_first_frame, limits.largest_frame)) {}

    Task<void> greet(ssl_ctx_st* context) override {
        CO_TRY(auto session, make_server_session(context));
        CO_TRY_VOID(co_await stream_.handshake(std::move(session)));
        CO_TRY_VOID(check_agreement(stream_.session()));
        CO_TRY(binding_, export_binding(stream_.session()));
        boost::beast::flat_buffer buffer(longest_upgrade);
        http::request_parser<http::empty_body> parser;
        parser.header_limit(longest_upgrade);
        const auto [unread, size] =
            co_await http::async_read_header(stream_, buffer, parser, as_result);
        if (unread) co_return fail(Code::unreachable_peer, "the upgrade failed");
        websocket::stream<TlsStream&, false> upgrading(stream_);
        const auto [refused] = co_await upgrading.async_accept(parser.get(), as_result);
        if (refused) co_return fail(Code::unreachable_peer, "the upgrade failed");
        const auto rest = buffer.data();
        rest_.assign(static_cast<const std::uint8_t*>(rest.data()),
                     static_cast<const std::uint8_t*>(rest.data()) + rest.size());
        watch();
        co_return Result<void>{};
    }

    [[nodiscard]] const crypto::Digest& binding() const override { return binding_; }

    void read(Done<Bytes> done) override {
        reading_ = std::move(done);
        if (lost_ || !rest_.empty() || stream_.holds_something()) {
            asio::post(stream_.get_executor(), [held = hold()]() mutable { held.take()->hear(); });
        } else {
            wait_to_hear();
        }
    }

    void write(BytesView frame, Done<void> done) override {
        outgoing_.push_back({.own = websocket_head(opcode::binary, frame.size()),
                             .borrowed = frame,
                             .done = std::move(done)});
        // Later, so that `done` is not called within this.
        asio::post(stream_.get_executor(), [held = hold()]() mutable { held.take()->flush(); });
    }

    bool write_now(BytesView frame) override {
        const Bytes head = websocket_head(opcode::binary, frame.size());
        const std::size_t size = head.size() + frame.size();
        if (lost_ || closing_ || !outgoing_.empty() || size > longest_write) return false;
        std::ranges::copy(head, scratch().begin());
        std::ranges::copy(frame, scratch().begin() + static_cast<std::ptrdiff_t>(head.size()));
        const TlsStream::Step step = stream_.write_now(std::span(scratch()).first(size));
        if (step.moved() && step.size == size) return true;
        if (step.error) return false;
        // libssl has begun with it, so it goes first.
        Bytes whole(scratch().begin(), scratch().begin() + static_cast<std::ptrdiff_t>(size));
        outgoing_.push_back({.own = std::move(whole), .at = step.size});
        wait_to_say(step);
        return true;
    }

    void say_goodbye(Done<void> done) override {
        goodbye_ = std::move(done);
        if (lost_ || closing_) {
            asio::post(stream_.get_executor(),
                       [held = hold()]() mutable { held.take()->take_leave(); });
            return;
        }
        outgoing_.push_back({.own = close_frame(normal)});
        asio::post(stream_.get_executor(), [held = hold()]() mutable { held.take()->flush(); });
        closing_ = true;
        // Until the peer's own goodbye; what it says before that is of no use any more.
        if (!reading_) wait_to_hear();
    }

    void limit_frames(std::size_t largest) noexcept override {
        reader_.limit(std::min(largest, largest_));
    }

    void drop() noexcept override {
        stream_.close();
        signs_.cancel();
    }

  private:
    /// Keeps the carrier until it is called. If the loop ends before that, whoever waits is let go
    /// of: they hold the carrier, as it holds them.
    class Hold {
      public:
        explicit Hold(std::shared_ptr<ServerCarrier> carrier)
            : carrier_(std::move(carrier)) {}

        Hold(Hold&&) noexcept = default;
        Hold& operator=(Hold&&) = delete;

        ~Hold() {
            if (carrier_ != nullptr) carrier_->let_go();
        }

        [[nodiscard]] std::shared_ptr<ServerCarrier> take() { return std::move(carrier_); }

      private:
        std::shared_ptr<ServerCarrier> carrier_;
    };

    [[nodiscard]] Hold hold() { return Hold(shared_from_this()); }

    void let_go() {
        const auto reading = std::exchange(reading_, nullptr);
        const auto goodbye = std::exchange(goodbye_, nullptr);
        const auto outgoing = std::exchange(outgoing_, {});
    }

    struct Outgoing {
        Bytes own;
        BytesView borrowed{};  // behind it
        std::size_t at = 0;    // of both together
        Done<void> done{};

        [[nodiscard]] std::size_t size() const { return own.size() + borrowed.size(); }
    };

    /// Between two calls nothing lies in it; one for each thread, not for each connection.
    static std::array<std::uint8_t, longest_write>& scratch() {
        static thread_local std::array<std::uint8_t, longest_write> bytes;
        return bytes;
    }

    // ---- hearing

    /// TLS may have to write before it can read on.
    void wait_to_hear(tcp::socket::wait_type what = tcp::socket::wait_read) {
        if (waiting_) return;
        waiting_ = true;
        stream_.socket().async_wait(what, [held = hold()](const error_code& error) mutable {
            const auto self = held.take();
            self->waiting_ = false;
            if (error) return self->end(lost());
            self->hear();
        });
    }

    /// When others have had their turn.
    void hear_later() {
        resting_ = true;
        asio::post(stream_.get_executor(), [held = hold()]() mutable { held.take()->go_on(); });
    }

    /// Who talks much and says nothing is heard later. TLS and TCP carry that back to him.
    void rest() {
        idle_ = 0;
        resting_ = true;
        const auto timer =
            std::make_shared<asio::steady_timer>(stream_.get_executor(), pause_for_idle);
        timer->async_wait(
            [timer, held = hold()](const error_code& /*error*/) mutable { held.take()->go_on(); });
    }

    void go_on() {
        resting_ = false;
        hear();
    }

    /// One message, or as much as there is.
    void hear() {
        if (lost_) return end(*lost_);
        if (resting_) return;
        heard_ = true;
        std::size_t in_turn = 0;
        while (reading_ || goodbye_) {
            idle_ += reader_.take_idle();
            if (idle_ >= most_idle) return rest();
            if (in_turn >= most_read_in_turn) return hear_later();
            if (!rest_.empty()) {
                const Bytes rest = std::exchange(rest_, {});
                if (!take(rest)) return;
                continue;
            }
            const auto target = std::span(scratch()).first(longest_read);
            const TlsStream::Step step = stream_.read_now(target);
            if (step.error) return end(lost());
            if (step.wait) return wait_to_hear(*step.wait);
            in_turn += step.size;
            if (!take(target.first(step.size))) return;
        }
    }

    /// False if there is nothing more to hear for now.
    bool take(BytesView bytes) {
        while (true) {
            auto heard = reader_.take(bytes);
            if (!heard) {
                refuse(heard.error());
                return false;
            }
            if (!*heard) return true;
            // Answering uses the scratch, on which `bytes` may lie.
            if ((*heard)->kind != WebSocketReader::Kind::Pong) {
                rest_.assign(bytes.begin(), bytes.end());
                return act_on(*std::move(*heard));
            }
        }
    }

    bool act_on(WebSocketReader::Heard heard) {
        switch (heard.kind) {
            case WebSocketReader::Kind::Ping: {
                Bytes answer = websocket_head(opcode::pong, heard.body.size());
                answer.insert(answer.end(), heard.body.begin(), heard.body.end());
                // Who does not take answers is not asked for more: one is enough (5.5.3).
                if (outgoing_.size() < 2) say(std::move(answer));
                return true;
            }
            case WebSocketReader::Kind::Pong:
                return true;
            case WebSocketReader::Kind::Close:
                if (!closing_) say(close_frame(heard.body));
                closing_ = true;
                stream_.say_goodbye();
                end(lost());
                return false;
            case WebSocketReader::Kind::Message:
                break;
        }
        if (closing_) return true;
        std::exchange(reading_, nullptr)(std::move(heard.body));
        return false;
    }

    void refuse(const Error& error) {
        if (!closing_) say(close_frame(reason_of(error)));
        closing_ = true;
        stream_.say_goodbye();
        end(error.code == Code::too_large ? error : lost());
    }

    // ---- saying

    void say(Bytes frame) {
        if (closing_ || lost_) return;
        outgoing_.push_back({.own = std::move(frame)});
        if (outgoing_.size() == 1) flush();
    }

    void wait_to_say(const TlsStream::Step& step) {
        stream_.socket().async_wait(step.wait.value_or(tcp::socket::wait_write),
                                    [held = hold()](const error_code& error) mutable {
                                        const auto self = held.take();
                                        if (error) return self->end(lost());
                                        self->flushing_ = false;
                                        self->flush();
                                    });
        flushing_ = true;
    }

    void flush() {
        if (lost_) return end(*lost_);
        while (!flushing_ && !outgoing_.empty()) {
            Outgoing& next = outgoing_.front();
            const std::size_t size = gather(next);
            const TlsStream::Step step = stream_.write_now(std::span(scratch()).first(size));
            if (step.error) return end(lost());
            if (step.wait) return wait_to_say(step);
            next.at += step.size;
            if (next.at < next.size()) continue;
            Done<void> done = std::move(next.done);
            outgoing_.pop_front();
            if (done) done(Result<void>{});
        }
    }

    /// What comes next, up to one record's worth, in the scratch.
    static std::size_t gather(const Outgoing& outgoing) {
        std::size_t size = 0;
        std::size_t at = outgoing.at;
        for (const BytesView part : {BytesView(outgoing.own), outgoing.borrowed}) {
            const BytesView left = part.subspan(std::min(at, part.size()));
            at -= std::min(at, part.size());
            const BytesView taken = left.first(std::min(left.size(), longest_write - size));
            std::ranges::copy(taken, scratch().begin() + static_cast<std::ptrdiff_t>(size));
            size += taken.size();
        }
        return size;
    }

    // ---- signs of life

    /// Silent for half of its patience, a peer is asked; for the other half, too, and it is given
    /// up.
    void watch() {
        signs_.expires_after(patience_ / 2);
        signs_.async_wait([held = hold()](const error_code& error) mutable {
            const auto self = held.take();
            if (error || self->lost_) return;
            // While nobody listens, its silence says nothing.
            if (self->heard_ || !(self->reading_ || self->goodbye_)) {
                self->asked_ = false;
            } else if (self->asked_) {
                return self->end(lost());
            } else {
                self->asked_ = true;
                if (self->outgoing_.empty()) self->say(websocket_head(opcode::ping, 0));
            }
            self->heard_ = false;
            self->watch();
        });
    }

    // ---- the end

    /// Tells whoever waits. The first reason counts.
    void end(Error error) {
        if (!lost_) lost_ = error;
        drop();
        take_leave();
        if (reading_) std::exchange(reading_, nullptr)(std::unexpected(*lost_));
        // Those that wait for a write do so no longer: their frame may go.
        for (Outgoing& unsent : std::exchange(outgoing_, {})) {
            if (unsent.done) unsent.done(std::unexpected(*lost_));
        }
    }

    void take_leave() {
        if (goodbye_) std::exchange(goodbye_, nullptr)(Result<void>{});
    }

    TlsStream stream_;
    asio::steady_timer signs_;
    Duration patience_;
    std::size_t largest_;
    WebSocketReader reader_;
    Bytes rest_;  // was read together with what has been handed out
    Done<Bytes> reading_;
    Done<void> goodbye_;
    std::list<Outgoing> outgoing_;
    std::optional<Error> lost_;
    crypto::Digest binding_{};
    std::size_t idle_ = 0;   // bytes heard that were no message's, since it rested
    bool resting_ = false;   // from hearing
    bool waiting_ = false;   // to hear
    bool flushing_ = false;  // likewise, to say
    bool closing_ = false;   // said goodbye
    bool heard_ = false;     // a sign of life, lately
    bool asked_ = false;     // for one
};

}  // namespace

std::shared_ptr<CalledCarrier> CalledCarrier::over(tcp::socket socket, const TlsLimits& limits) {
    return std::make_shared<ServerCarrier>(std::move(socket), limits);
}

}  // namespace cercle::net
