// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/relay/line.h"

#include <array>
#include <csignal>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace cercle::bench {
namespace {

constexpr std::array<std::uint8_t, 9> alpn = {8, 'c', 'e', 'r', 'c', 'l', 'e', '/', '1'};
constexpr std::string_view binding_label = "EXPORTER-Cercle-session-1";
constexpr int most_events = 256;
constexpr int longest_sleep = 20;  // milliseconds

ssl_ctx_st* make_context() {
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    CHECK(context != nullptr, "libssl has no context");
    // One cipher for everybody; a peer that lacks the hybrid group is asked for the classical one.
    const bool taken = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") == 1 &&
                       SSL_CTX_set1_groups_list(context, "X25519MLKEM768:X25519") == 1 &&
                       SSL_CTX_set_alpn_protos(context, alpn.data(), alpn.size()) == 0;
    CHECK(taken, "libssl refuses what the client asks of it");
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    return context;
}

}  // namespace

Reactor::Reactor()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      context_(make_context()) {
    CHECK(epoll_ >= 0, "no epoll");
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

Reactor::~Reactor() {
    SSL_CTX_free(context_);
    close(epoll_);
}

void Reactor::run_until(const std::function<bool()>& done) {
    std::array<epoll_event, most_events> events{};
    while (!done()) {
        const int count = epoll_wait(epoll_, events.data(), most_events, longest_sleep);
        for (int at = 0; at < count; ++at) {
            static_cast<Line*>(events.at(static_cast<std::size_t>(at)).data.ptr)->move();
        }
    }
}

Line::Line(Reactor& reactor, std::uint16_t port, std::unique_ptr<Speaker> speaker)
    : reactor_(reactor),
      speaker_(std::move(speaker)),
      socket_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    CHECK(socket_ >= 0, "no socket is left");
    const int on = 1;
    static_cast<void>(setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static_cast<void>(
        connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
    session_ = SSL_new(reactor.context());
    SSL_set_connect_state(session_);
    SSL_set_fd(session_, socket_);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.ptr = this;
    epoll_ctl(reactor_.number(), EPOLL_CTL_ADD, socket_, &event);
    waits_to_write_ = true;
}

Line::~Line() {
    hang_up();
}

void Line::hang_up() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
    SSL_free(session_);
    session_ = nullptr;
}

void Line::lose() {
    if (socket_ < 0) return;
    ++reactor_.lost;
    hang_up();
}

void Line::watch(bool writing) {
    if (waits_to_write_ == writing) return;
    waits_to_write_ = writing;
    epoll_event event{};
    event.events = (reads_ ? std::uint32_t{EPOLLIN} : 0U) | (writing ? EPOLLOUT : 0U);
    event.data.ptr = this;
    epoll_ctl(reactor_.number(), EPOLL_CTL_MOD, socket_, &event);
}

void Line::stop_reading() {
    reads_ = false;
    waits_to_write_ = !waits_to_write_;
    watch(!waits_to_write_);
}

crypto::Digest Line::binding() const {
    crypto::Digest binding{};
    CHECK(SSL_export_keying_material(session_,
                                     binding.data(),
                                     binding.size(),
                                     binding_label.data(),
                                     binding_label.size(),
                                     nullptr,
                                     0,
                                     0) == 1,
          "libssl exports nothing");
    return binding;
}

void Line::send(BytesView bytes) {
    if (is_lost()) return;
    std::size_t sent = 0;
    if (unsent_.empty()) {
        ERR_clear_error();
        const int result = SSL_write_ex(session_, bytes.data(), bytes.size(), &sent);
        if (result != 1) {
            const int kind = SSL_get_error(session_, result);
            if (kind != SSL_ERROR_WANT_WRITE && kind != SSL_ERROR_WANT_READ) return lose();
            sent = 0;
        }
    }
    if (sent == bytes.size()) return;
    unsent_.insert(unsent_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(sent), bytes.end());
    watch(true);
}

void Line::flush() {
    while (!unsent_.empty()) {
        std::size_t sent = 0;
        ERR_clear_error();
        const int result = SSL_write_ex(session_, unsent_.data(), unsent_.size(), &sent);
        if (result != 1) {
            const int kind = SSL_get_error(session_, result);
            if (kind != SSL_ERROR_WANT_WRITE && kind != SSL_ERROR_WANT_READ) lose();
            return;
        }
        unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
    }
    watch(false);
}

void Line::move() {
    if (is_lost()) return;
    if (!stands_) {
        ERR_clear_error();
        const int result = SSL_do_handshake(session_);
        if (result != 1) {
            const int kind = SSL_get_error(session_, result);
            if (kind == SSL_ERROR_WANT_READ) return watch(false);
            if (kind == SSL_ERROR_WANT_WRITE) return watch(true);
            return lose();
        }
        stands_ = true;
        speaker_->begin(*this);
    }
    if (!is_lost() && (waits_to_write_ || !unsent_.empty())) flush();
    if (!is_lost() && reads_) read();
}

void Line::read() {
    static std::array<std::uint8_t, 65536> target;
    while (!is_lost()) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result = SSL_read_ex(session_, target.data(), target.size(), &size);
        if (result == 1) {
            speaker_->hear(*this, {target.data(), size});
            // The socket is asked again only if the record did not end here.
            if (!is_lost() && SSL_has_pending(session_) == 0) return;
            continue;
        }
        const int kind = SSL_get_error(session_, result);
        if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) lose();
        return;
    }
}

}  // namespace cercle::bench
