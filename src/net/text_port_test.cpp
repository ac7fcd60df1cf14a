// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/text_port.h"

#include <array>
#include <string>

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace cercle;
using namespace cercle::net;

struct Port {
    Port()
        : port(*TextPort::open(loop, {"127.0.0.1", 0}, {"/figures", "text/plain", [this] {
                                                            ++asked;
                                                            return std::string("one two\n");
                                                        }})) {}

    /// What a plain client gets for these bytes.
    std::string get(const std::string& request) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port = htons(port->address().port);
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
        REQUIRE(::send(socket, request.data(), request.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(request.size()));
        std::string answer;
        std::array<char, 512> piece{};
        while (true) {
            loop.run_for(Duration{1});
            const ssize_t got = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
            if (got > 0) answer.append(piece.data(), static_cast<std::size_t>(got));
            if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        }
        ::close(socket);
        return answer;
    }

    Loop loop{Loop::Kind::Real};
    int asked = 0;
    std::unique_ptr<TextPort> port;
};

}  // namespace

TEST_CASE("a text port gives its page to whoever asks for it, as it is at the moment") {
    Port port;
    const std::string answer = port.get("GET /figures HTTP/1.1\r\nHost: here\r\n\r\n");
    REQUIRE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    REQUIRE(answer.ends_with("\r\n\r\none two\n"));
    REQUIRE(port.asked == 1);
    REQUIRE(port.get("GET /figures HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
    REQUIRE(port.asked == 2);
}

TEST_CASE("a text port has no other page, and no other verb") {
    Port port;
    REQUIRE(port.get("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    REQUIRE(port.get("POST /figures HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    REQUIRE(port.get("GET /figures/more HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    REQUIRE(port.get("\r\n\r\n").starts_with("HTTP/1.1 404"));
    REQUIRE(port.asked == 0);
}

TEST_CASE("a text port ends who talks too much") {
    Port port;
    REQUIRE(port.get("GET /figures HTTP/1.1\r\n" + std::string(10'000, 'x')).empty());
    REQUIRE(port.asked == 0);
}

TEST_CASE("a text port listens on the loopback alone") {
    Loop loop(Loop::Kind::Real);
    for (const char* const host : {"0.0.0.0", "::", "192.0.2.1", "localhost", "127.example"}) {
        const auto opened = TextPort::open(loop, {host, 0}, {"/", "", {}});
        REQUIRE_FALSE(opened.has_value());
        REQUIRE(opened.error().code == Code::invalid_argument);
    }
}
