// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What strangers may do to a relay's port: nothing but lose their own connection.
#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "net/network_trial.h"
#include "net/task_group.h"
#include "net/tls_network.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace cercle::net::trial;
using namespace std::chrono_literals;

struct Relay {
    explicit Relay(TlsLimits limits = {})
        : network(loop, limits),
          listener(network.listen({"127.0.0.1", 0}, identity).value()) {}

    [[nodiscard]] bool serves() {
        const auto pair = loop.run_until(meet(network, *listener, identity.key(), loop));
        return pair.has_value();
    }

    Loop loop{Loop::Kind::Real};
    crypto::SystemRandom random;
    ServerIdentity identity = ServerIdentity::generate(random);
    TlsNetwork network;
    std::unique_ptr<Listener> listener;
};

/// A plain TCP connection to the relay, blocking.
class Stranger {
  public:
    explicit Stranger(const Relay& relay)
        : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(relay.listener->address().port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
                0);
    }

    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    ~Stranger() { close(socket_); }

    void say(BytesView bytes) const {
        static_cast<void>(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }

    void hang_up_for_writing() const { shutdown(socket_, SHUT_WR); }

    /// Runs the relay until it has ended this connection.
    [[nodiscard]] bool is_shut_out(Relay& relay) const {
        for (int patience = 0; patience < 2000; ++patience) {
            relay.loop.run_for(5ms);
            pollfd state{.fd = socket_, .events = POLLIN, .revents = 0};
            if (poll(&state, 1, 0) <= 0) continue;
            Bytes answer(4096);
            if (recv(socket_, answer.data(), answer.size(), MSG_DONTWAIT) <= 0) return true;
        }
        return false;
    }

    [[nodiscard]] int number() const { return socket_; }

  private:
    int socket_;
};

struct Offer {
    int lowest = TLS1_3_VERSION;
    int highest = TLS1_3_VERSION;
    const char* groups = "X25519MLKEM768";
    std::string alpn = "cercle/1";
};

/// A client of libssl's own making, on a thread of its own while the relay runs.
class ForeignClient {
  public:
    ForeignClient(Relay& relay, const Offer& offer)
        : stranger_(relay),
          context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
          session_(nullptr, SSL_free) {
        SSL_CTX_set_min_proto_version(context_.get(), offer.lowest);
        SSL_CTX_set_max_proto_version(context_.get(), offer.highest);
        REQUIRE(SSL_CTX_set1_groups_list(context_.get(), offer.groups) == 1);
        session_.reset(SSL_new(context_.get()));
        if (!offer.alpn.empty()) {
            const std::string wire = static_cast<char>(offer.alpn.size()) + offer.alpn;
            SSL_set_alpn_protos(session_.get(),
                                reinterpret_cast<const unsigned char*>(wire.data()),
                                static_cast<unsigned>(wire.size()));
        }
        SSL_set_fd(session_.get(), stranger_.number());
    }

    /// Connects, says `words`, and listens: whether anything at all was answered.
    bool speak(Relay& relay, const std::string& words) {
        bool answered = false;
        {
            std::jthread thread([this, &answered, &words, &relay] {
                if (SSL_connect(session_.get()) == 1) {
                    SSL_write(session_.get(), words.data(), static_cast<int>(words.size()));
                    char answer = 0;
                    answered = SSL_read(session_.get(), &answer, 1) > 0;
                }
                relay.loop.post([&relay] { relay.loop.stop(); });
            });
            relay.loop.run();
        }
        return answered;
    }

    /// Connects and says `words` over and over, on a thread of its own, until it is hung up on or
    /// all of so many bytes are said.
    std::jthread flood(std::string first,
                       std::string words,
                       std::size_t total,
                       std::atomic<std::size_t>& said) {
        return std::jthread(
            [this, first = std::move(first), words = std::move(words), total, &said] {
                // Whoever is hung up on is to end here, and not the program.
                sigset_t broken_pipe;
                sigemptyset(&broken_pipe);
                sigaddset(&broken_pipe, SIGPIPE);
                pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
                if (SSL_connect(session_.get()) != 1) return;
                SSL_write(session_.get(), first.data(), static_cast<int>(first.size()));
                while (said < total) {
                    const int size = static_cast<int>(words.size());
                    if (SSL_write(session_.get(), words.data(), size) <= 0) return;
                    said += words.size();
                }
            });
    }

    void hang_up() const { shutdown(stranger_.number(), SHUT_RDWR); }

  private:
    Stranger stranger_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> session_;
};

const std::string upgrade =
    "GET / HTTP/1.1\r\nHost: cercle\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

}  // namespace

TEST_CASE("a client that offers what the relay demands is answered") {
    Relay relay;
    CHECK(ForeignClient(relay, {}).speak(relay, upgrade));
}

TEST_CASE("TLS 1.2 is refused") {
    Relay relay;
    CHECK_FALSE(ForeignClient(relay,
                              {.lowest = TLS1_2_VERSION,
                               .highest = TLS1_2_VERSION,
                               .groups = "X25519:P-256",
                               .alpn = "cercle/1"})
                    .speak(relay, upgrade));
    CHECK(relay.serves());
}

TEST_CASE("a classical group is refused") {
    Relay relay;
    for (const char* group : {"X25519", "P-256", "MLKEM768", "SecP256r1MLKEM768"}) {
        CAPTURE(group);
        Offer offer;
        offer.groups = group;
        CHECK_FALSE(ForeignClient(relay, offer).speak(relay, upgrade));
    }
    CHECK(relay.serves());
}

TEST_CASE("another protocol than ours, or none named, is refused") {
    Relay relay;
    for (const char* alpn : {"http/1.1", "cercle/2", ""}) {
        CAPTURE(alpn);
        Offer offer;
        offer.alpn = alpn;
        CHECK_FALSE(ForeignClient(relay, offer).speak(relay, upgrade));
    }
    CHECK(relay.serves());
}

TEST_CASE("garbage before, in and after the handshake ends its sender's connection only") {
    Relay relay;
    SeededRandom random(11);
    for (std::size_t size = 1; size < 20'000; size *= 3) {
        const Stranger stranger(relay);
        Bytes garbage(size);
        random.fill(garbage);
        stranger.say(garbage);
        stranger.hang_up_for_writing();
        CHECK(stranger.is_shut_out(relay));
    }
    const std::vector<std::string> words = {
        "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: cercle\r\n\r\n",  // no upgrade
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        std::string(100'000, 'A'),
        "GET / HTTP/1.1\r\n" + std::string(20'000, 'h') + ": x\r\n\r\n",
        std::string(1000, '\0'),
        upgrade + std::string(1000, '\xff'),
        upgrade + std::string("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10),  // 2^63-1, unmasked
        upgrade + std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14),
        upgrade + std::string("\x81\x81\0\0\0\0a", 7),  // a text
    };
    for (const std::string& said : words) {
        CAPTURE(said.substr(0, 60));
        ForeignClient client(relay, {});
        static_cast<void>(client.speak(relay, said));
        CHECK(relay.serves());
    }
}

TEST_CASE("a caller's first frame over its bound ends the connection at its head") {
    Relay relay({.largest_first_frame = 100});
    // A whole frame of 101 bytes would follow, and none of it is waited for.
    const std::string head = upgrade + std::string("\x82\xe5\0\0\0\0", 6);
    ForeignClient client(relay, {});
    static_cast<void>(client.speak(relay, head));
    auto channel = relay.loop.run_until(relay.listener->accept());
    REQUIRE(channel.has_value());
    CHECK(relay.loop.run_until((*channel)->receive(relay.loop.in(10s))).error().code ==
          Code::too_large);
    CHECK(relay.serves());
}

TEST_CASE("a silent connection is shut out at the handshake's deadline") {
    Relay relay({.handshake_patience = 20ms});
    const Stranger silent(relay);
    const Stranger slow(relay);
    slow.say(to_bytes("\x16\x03\x01"));
    CHECK(silent.is_shut_out(relay));
    CHECK(slow.is_shut_out(relay));
}

TEST_CASE("more silent connections than handshakes are allowed keep nobody out") {
    Relay relay({.most_handshakes = 8});
    std::vector<std::unique_ptr<Stranger>> silent;
    for (int count = 0; count < 50; ++count) {
        silent.push_back(std::make_unique<Stranger>(relay));
    }
    relay.loop.run_for(5ms);
    CHECK(relay.serves());
    CHECK(silent.front()->is_shut_out(relay));  // the oldest gave way
}

TEST_CASE("over the bound on connections newcomers are turned away, until one leaves") {
    Relay relay({.most_connections = 2});
    auto first = relay.loop.run_until(
        meet(relay.network, *relay.listener, relay.identity.key(), relay.loop));
    auto second = relay.loop.run_until(
        meet(relay.network, *relay.listener, relay.identity.key(), relay.loop));
    REQUIRE(first);
    REQUIRE(second);
    const auto third = relay.loop.run_until(
        relay.network.dial(relay.listener->address(), relay.identity.key(), relay.loop.in(10s)));
    CHECK(third.error().code == Code::unreachable_peer);
    first->called.reset();
    CHECK(relay.loop.run_until(first->caller->receive(relay.loop.in(10s))).error().code ==
          Code::unreachable_peer);
    first->caller.reset();
    relay.loop.run_for(20ms);
    CHECK(relay.serves());
}

TEST_CASE("attack: a flood of frames that are no messages is slowed, and a neighbour is served") {
    // More than the sockets' buffers take.
    constexpr std::size_t total = std::size_t{64} << 20U;
    Relay relay;
    const auto [begun, each] = GENERATE(values<std::pair<std::string, std::string>>({
        {std::string("\x02\x80\0\0\0\0", 6), std::string("\x00\x80\0\0\0\0", 6)},  // empty parts
        {"", std::string("\x89\x80\0\0\0\0", 6)},                                  // pings
        {"", std::string("\x8a\x80\0\0\0\0", 6)},                                  // pongs
    }));
    std::string many;
    while (many.size() < 15'000)
        many += each;
    ForeignClient client(relay, {});
    std::atomic<std::size_t> said = 0;
    const std::jthread flood = client.flood(upgrade + begun, many, total, said);
    const auto channel = relay.loop.run_until(relay.listener->accept());
    REQUIRE(channel.has_value());
    for (int neighbour = 0; neighbour < 3; ++neighbour)
        CHECK(relay.serves());
    // Once the buffers are full, hardly anything is taken from them.
    std::size_t before = 0;
    for (int patience = 0; patience < 400 && said != total; ++patience) {
        if (std::exchange(before, said.load()) == said.load() && patience > 100) break;
        relay.loop.run_for(5ms);
    }
    CHECK(said < total);
    client.hang_up();
}

TEST_CASE("a peer that falls silent after the handshake is given up") {
    Relay relay({.idle_patience = 100ms});
    ForeignClient client(relay, {});
    SilentDiary diary;
    REQUIRE(client.speak(relay, upgrade));  // and from now on it answers no ping
    auto channel = relay.loop.run_until(relay.listener->accept()).value();
    CHECK(relay.loop.run_until(channel->receive(relay.loop.in(10s))).error().code ==
          Code::unreachable_peer);
}
