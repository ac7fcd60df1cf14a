// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/text_port.h"

#include <array>
#include <chrono>
#include <format>
#include <list>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace cercle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t longest_request = 4096;
constexpr std::size_t most_askers = 8;
constexpr Duration patience = std::chrono::seconds{5};

/// One connection: reads to the end of the head, answers, and is over.
struct Asker : std::enable_shared_from_this<Asker> {
    Asker(tcp::socket its_socket, Loop& loop, std::shared_ptr<const TextPort::Page> its_page)
        : socket(std::move(its_socket)),
          page(std::move(its_page)),
          too_slow(loop.timers().schedule(loop.in(patience), [this] { end(); })) {}

    void end() {
        too_slow.cancel();
        error_code ignored;
        static_cast<void>(socket.close(ignored));
    }

    void read() {
        socket.async_read_some(
            asio::buffer(piece),
            [self = shared_from_this()](const error_code& error, std::size_t got) {
                // An error, or the port's own end, which may come after what was read.
                if (error || !self->socket.is_open()) return;
                self->request.append(self->piece.data(), got);
                if (self->request.find("\r\n\r\n") != std::string::npos) {
                    self->write();
                } else if (self->request.size() <= longest_request) {
                    self->read();
                } else {
                    self->end();
                }
            });
    }

    void write() {
        const std::string_view line = std::string_view(request).substr(0, request.find("\r\n"));
        const bool known = line.starts_with(std::format("GET {} HTTP/1.", page->path));
        const std::string body = known ? page->text() : "There is only one page here.\n";
        answer = std::format(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            known ? "200 OK" : "404 Not Found",
            known ? page->type : "text/plain",
            body.size());
        answer += body;
        asio::async_write(
            socket,
            asio::buffer(answer),
            [self = shared_from_this()](const error_code& /*error*/, std::size_t /*sent*/) {
                error_code ignored;
                static_cast<void>(self->socket.shutdown(tcp::socket::shutdown_send, ignored));
            });
    }

    tcp::socket socket;
    std::shared_ptr<const TextPort::Page> page;  // outlives the port for a moment
    std::array<char, 1024> piece{};
    std::string request;
    std::string answer;
    Timer too_slow;
};

}  // namespace

struct TextPort::State : std::enable_shared_from_this<TextPort::State> {
    State(Loop& home, tcp::acceptor listening, Page its_page)
        : loop(home),
          acceptor(std::move(listening)),
          page(std::make_shared<const Page>(std::move(its_page))) {}

    void accept_next() {
        acceptor.async_accept(
            [self = shared_from_this()](const error_code& error, tcp::socket socket) {
                if (!self->acceptor.is_open()) return;
                if (!error) self->take(std::move(socket));
                if (error) {  // out of descriptors, most likely: it may pass
                    self->pause =
                        self->loop.timers().schedule(self->loop.in(std::chrono::milliseconds{100}),
                                                     [raw = self.get()] { raw->accept_next(); });
                } else {
                    self->accept_next();
                }
            });
    }

    void take(tcp::socket socket) {
        std::erase_if(askers, [](const auto& one) { return one.expired(); });
        if (askers.size() >= most_askers) return;  // turned away
        const auto asker = std::make_shared<Asker>(std::move(socket), loop, page);
        askers.push_back(asker);
        asker->read();
    }

    void close() {
        pause.cancel();
        error_code ignored;
        static_cast<void>(acceptor.close(ignored));
        for (const auto& one : askers) {
            if (const auto asker = one.lock()) asker->end();
        }
    }

    Loop& loop;
    tcp::acceptor acceptor;
    std::shared_ptr<const Page> page;
    std::list<std::weak_ptr<Asker>> askers;
    Timer pause;
};

TextPort::TextPort(std::shared_ptr<State> state)
    : state_(std::move(state)) {}

TextPort::~TextPort() {
    state_->close();
}

Result<std::unique_ptr<TextPort>> TextPort::open(Loop& loop, const Address& address, Page page) {
    error_code error;
    const auto numeric = asio::ip::make_address(address.host, error);
    if (error || !numeric.is_loopback()) {
        return fail(Code::invalid_argument, "only a loopback address may be listened at here");
    }
    tcp::acceptor acceptor(loop.context());
    static_cast<void>(acceptor.open(numeric.is_v6() ? tcp::v6() : tcp::v4(), error));
    if (error) return fail(Code::library_fault, "no socket can be had");
    static_cast<void>(acceptor.set_option(tcp::acceptor::reuse_address(true), error));
    if (!error) static_cast<void>(acceptor.bind(tcp::endpoint(numeric, address.port), error));
    if (!error) static_cast<void>(acceptor.listen(static_cast<int>(most_askers), error));
    if (error == asio::error::address_in_use) {
        return fail(Code::already_exists, "somebody listens on that port already");
    }
    if (error == asio::error::access_denied) {
        return fail(Code::permissions, "this user may not listen on that port");
    }
    if (error) return fail(Code::invalid_argument, "that address is not this machine's");
    auto state = std::make_shared<State>(loop, std::move(acceptor), std::move(page));
    state->accept_next();
    return std::unique_ptr<TextPort>(new TextPort(std::move(state)));
}

Address TextPort::address() const {
    error_code ignored;
    const auto endpoint = state_->acceptor.local_endpoint(ignored);
    return {endpoint.address().to_string(), endpoint.port()};
}

}  // namespace cercle::net
