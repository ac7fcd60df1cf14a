// SPDX-License-Identifier: AGPL-3.0-or-later
#include <array>
#include <cstdio>
#include <unordered_map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/relay/peers.h"
#include "crypto/random.h"
#include "net/server_identity.h"

// The floor of throughput and of memory: a server that has libssl's session for each connection,
// with the relay's settings of it (src/net/tls_context.cpp), sends back what comes, and does
// nothing else.

namespace cercle::bench {
namespace {

constexpr std::array<std::uint8_t, 9> alpn = {8, 'c', 'e', 'r', 'c', 'l', 'e', '/', '1'};

int choose(SSL* /*session*/,
           const unsigned char** chosen,
           unsigned char* size,
           const unsigned char* /*offered*/,
           unsigned int /*offered_size*/,
           void* /*nothing*/) {
    *chosen = &alpn[1];
    *size = alpn[0];
    return SSL_TLSEXT_ERR_OK;
}

SSL_CTX* make_context() {
    crypto::SystemRandom random;
    const auto identity = net::ServerIdentity::generate(random);
    const std::string path = "/proc/self/fd/";
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    const Bytes& certificate = identity.certificates().front();
    // libssl reads keys from files only, as far as its own header goes.
    std::array<int, 2> ends{};
    CHECK(pipe(ends.data()) == 0, "no pipe");
    const Secret key = identity.save();
    CHECK(write(ends[1], key.reveal().data(), key.size()) == std::ssize(key.reveal()),
          "a full pipe");
    close(ends[1]);
    const bool taken =
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set1_groups_list(context, "X25519MLKEM768") == 1 &&
        SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
        SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") ==
            1 &&
        SSL_CTX_set_num_tickets(context, 0) == 1 &&
        SSL_CTX_use_certificate_ASN1(
            context, static_cast<int>(certificate.size()), certificate.data()) == 1 &&
        SSL_CTX_use_PrivateKey_file(
            context, (path + std::to_string(ends[0])).c_str(), SSL_FILETYPE_PEM) == 1;
    CHECK(taken, "libssl refuses what the echo asks of it");
    close(ends[0]);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_alpn_select_cb(context, choose, nullptr);
    return context;
}

class Echo {
  public:
    int serve() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        const bool listening = bind(listener_, raw, size) == 0 &&
                               getsockname(listener_, raw, &size) == 0 &&
                               listen(listener_, SOMAXCONN) == 0;
        CHECK(listening, "no port is free");
        std::printf("127.0.0.1:%u\n", ntohs(address.sin_port));
        std::fflush(stdout);
        watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
        watch(STDIN_FILENO, EPOLL_CTL_ADD, EPOLLIN);
        std::array<epoll_event, 256> events{};
        while (true) {
            const int count = epoll_wait(epoll_, events.data(), 256, -1);
            for (int at = 0; at < count; ++at) {
                const int number = events.at(static_cast<std::size_t>(at)).data.fd;
                if (number == STDIN_FILENO) return 0;
                if (number == listener_) {
                    accept_all();
                } else {
                    move(number);
                }
            }
        }
    }

  private:
    struct Caller {
        SSL* session;
        Bytes unsent;
        bool waits_to_write;
    };

    void watch(int number, int how, std::uint32_t what) const {
        epoll_event event{};
        event.events = what;
        event.data.fd = number;
        epoll_ctl(epoll_, how, number, &event);
    }

    void accept_all() {
        while (true) {
            const int number = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (number < 0) return;
            const int on = 1;
            static_cast<void>(setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
            SSL* const session = SSL_new(context_);
            SSL_set_accept_state(session);
            SSL_set_fd(session, number);
            callers_.emplace(number, Caller{session, {}, false});
            watch(number, EPOLL_CTL_ADD, EPOLLIN);
        }
    }

    void drop(int number) {
        SSL_free(callers_.at(number).session);
        callers_.erase(number);
        close(number);
    }

    // Whether the session goes on.
    bool send(int number, Caller& caller, BytesView bytes) {
        std::size_t sent = 0;
        if (caller.unsent.empty() &&
            SSL_write_ex(caller.session, bytes.data(), bytes.size(), &sent) != 1) {
            sent = 0;
        }
        if (sent == bytes.size()) return true;
        caller.unsent.insert(
            caller.unsent.end(), bytes.begin() + static_cast<std::ptrdiff_t>(sent), bytes.end());
        if (!caller.waits_to_write) watch(number, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        caller.waits_to_write = true;
        return true;
    }

    void flush(int number, Caller& caller) {
        while (!caller.unsent.empty()) {
            std::size_t sent = 0;
            if (SSL_write_ex(caller.session, caller.unsent.data(), caller.unsent.size(), &sent) !=
                1) {
                return;
            }
            caller.unsent.erase(caller.unsent.begin(),
                                caller.unsent.begin() + static_cast<std::ptrdiff_t>(sent));
        }
        caller.waits_to_write = false;
        watch(number, EPOLL_CTL_MOD, EPOLLIN);
    }

    void move(int number) {
        static std::array<std::uint8_t, 65536> target;
        Caller& caller = callers_.at(number);
        ERR_clear_error();
        if (caller.waits_to_write) flush(number, caller);
        while (true) {
            std::size_t size = 0;
            ERR_clear_error();
            const int result = SSL_read_ex(caller.session, target.data(), target.size(), &size);
            if (result != 1) {
                const int kind = SSL_get_error(caller.session, result);
                if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) drop(number);
                return;
            }
            if (!send(number, caller, {target.data(), size})) return;
            if (SSL_has_pending(caller.session) == 0) return;
        }
    }

    int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    SSL_CTX* context_ = make_context();
    std::unordered_map<int, Caller> callers_{};
};

}  // namespace

int serve_echo() {
    return Echo().serve();
}

}  // namespace cercle::bench
