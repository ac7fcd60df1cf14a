// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_network.h"

#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>

#include "base/check.h"
#include "net/event.h"
#include "net/tls_carrier.h"
#include "net/tls_listener.h"

namespace cercle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::deferred);

/// One call, from the name to the upgrade. Shared by who dials, and by the steps it takes, which
/// end soon after drop() but not at once.
struct Attempt {
    Attempt(Loop& home, const TlsLimits& limits, std::shared_ptr<ssl_ctx_st> terms)
        : loop(home),
          context(std::move(terms)),
          resolver(home.context()),
          carrier(CallingCarrier::over(tcp::socket(home.context()), limits)),
          ended(home) {}

    void drop() {
        dropped = true;
        resolver.cancel();
        carrier->drop();
    }

    Loop& loop;
    std::shared_ptr<ssl_ctx_st> context;
    tcp::resolver resolver;
    std::shared_ptr<CallingCarrier> carrier;
    Event ended;
    Result<void> outcome = fail(Code::unreachable_peer, "nobody answers there");
    bool dropped = false;
};

Task<std::vector<tcp::endpoint>> find(std::shared_ptr<Attempt> attempt, Address address) {
    error_code not_numeric;
    const auto numeric = asio::ip::make_address(address.host, not_numeric);
    if (!not_numeric) co_return std::vector{tcp::endpoint(numeric, address.port)};
    const auto [error, found] = co_await attempt->resolver.async_resolve(
        address.host, std::to_string(address.port), as_result);
    if (error) co_return fail(Code::unreachable_peer, "the host's name is not known");
    co_return std::vector<tcp::endpoint>(found.begin(), found.end());
}

Task<void> connect(std::shared_ptr<Attempt> attempt, Address address) {
    CO_TRY(const auto endpoints, co_await find(attempt, std::move(address)));
    tcp::socket& socket = attempt->carrier->socket();
    for (const tcp::endpoint& endpoint : endpoints) {
        if (attempt->dropped) break;
        error_code ignored;
        socket.close(ignored);  // what the last one left open
        const auto [error] = co_await socket.async_connect(endpoint, as_result);
        if (!error && !attempt->dropped) co_return Result<void>{};
    }
    socket.close();
    co_return fail(Code::unreachable_peer, "nobody answers there");
}

asio::awaitable<void> try_all(std::shared_ptr<Attempt> attempt,
                              Address address,
                              RelayKey expected) {
    attempt->outcome = co_await connect(attempt, std::move(address));
    if (attempt->outcome) {
        attempt->outcome = co_await attempt->carrier->greet(attempt->context.get(), expected);
    }
    attempt->ended.set();
}

Task<std::unique_ptr<Channel>> call(std::shared_ptr<Attempt> attempt,
                                    Address address,
                                    RelayKey expected,
                                    TlsLimits limits,
                                    Deadline deadline) {
    asio::co_spawn(attempt->loop.context(),
                   try_all(attempt, std::move(address), expected),
                   [attempt](const std::exception_ptr& thrown) {
                       if (!thrown) return;
                       attempt->outcome =
                           fail(Code::unreachable_peer, "the system refuses to call");
                       attempt->ended.set();
                   });
    const auto waited = co_await attempt->ended.wait(deadline);
    if (!waited || !attempt->outcome) attempt->drop();
    if (!waited) co_return std::unexpected(waited.error());
    if (!attempt->outcome) {
        const Error& error = attempt->outcome.error();
        if (error.code == Code::relay_key_mismatch) co_return std::unexpected(error);
        co_return std::unexpected(Error{Code::unreachable_peer, error.reason, error.where});
    }
    co_return carry(attempt->loop,
                    attempt->carrier,
                    {.largest_frame = limits.largest_frame,
                     .close_patience = limits.close_patience,
                     .binding = attempt->carrier->binding(),
                     .successor = attempt->carrier->successor()});
}

Result<void> listen_at(tcp::acceptor& acceptor,
                       const tcp::endpoint& endpoint,
                       TlsLimits::Port port) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (error) return fail(Code::library_fault, "no socket can be had");
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && port == TlsLimits::Port::Shared) {
        acceptor.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true),
                            error);
    }
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) {
        return fail(Code::already_exists, "somebody listens on that port already");
    }
    if (error == asio::error::access_denied) {
        return fail(Code::permissions, "this user may not listen on that port");
    }
    if (error) return fail(Code::invalid_argument, "that address is not this machine's");
    return {};
}

}  // namespace

struct TlsNetwork::State {
    Loop& loop;
    TlsLimits limits;
    // Shared with attempts that outlive the network for a moment.
    std::shared_ptr<ssl_ctx_st> client_context;
};

TlsNetwork::TlsNetwork(Loop& loop, TlsLimits limits) {
    CHECK(loop.kind() == Loop::Kind::Real, "sockets on a virtual loop");
    // libssl writes with write(2): to a peer that has gone, that would end the process.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    auto context = make_client_context();
    CHECK(context.has_value(), "libssl lacks what Cercle needs of it");
    state_ = std::make_unique<State>(State{loop, limits, {context->release(), TlsFree{}}});
}

TlsNetwork::~TlsNetwork() = default;

Task<std::unique_ptr<Channel>> TlsNetwork::dial(Address address,
                                                RelayKey expected,
                                                Deadline deadline) {
    return call(std::make_shared<Attempt>(state_->loop, state_->limits, state_->client_context),
                std::move(address),
                expected,
                state_->limits,
                deadline);
}

Result<std::unique_ptr<Listener>> TlsNetwork::listen(Address address,
                                                     const ServerIdentity& identity) {
    error_code error;
    const auto numeric = asio::ip::make_address(address.host, error);
    if (error) return fail(Code::invalid_argument, "listening needs an IP address");
    TRY(auto context, make_server_context(identity));
    tcp::acceptor acceptor(state_->loop.context());
    TRY_VOID(listen_at(acceptor, tcp::endpoint(numeric, address.port), state_->limits.port));
    return listen_on(state_->loop, std::move(acceptor), std::move(context), state_->limits);
}

}  // namespace cercle::net
