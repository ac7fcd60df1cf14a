// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_listener.h"

#include <exception>
#include <list>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/mailbox.h"
#include "net/tls_carrier.h"

namespace cercle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr Duration breath = std::chrono::milliseconds{50};

/// Shared by the listener, the handshakes under way, and the tasks that accept.
struct Gate : std::enable_shared_from_this<Gate> {
    Gate(Loop& home, tcp::acceptor listening, TlsContext terms, const TlsLimits& bounds)
        : loop(home),
          acceptor(std::move(listening)),
          context(std::move(terms)),
          limits(bounds),
          ready(home, bounds.most_connections) {}

    void accept_next() {
        acceptor.async_accept(
            [self = shared_from_this()](const error_code& error, tcp::socket socket) {
                self->accepted(error, std::move(socket));
            });
    }

    void accepted(const error_code& error, tcp::socket socket) {
        if (!acceptor.is_open()) return;
        if (error) {  // out of descriptors, most likely: it may pass
            pause = loop.timers().schedule(loop.in(breath), [this] { accept_next(); });
            return;
        }
        // The handshakes count too. One seat is the use count of `seats` beyond our own.
        if (static_cast<std::size_t>(seats.use_count()) <= limits.most_connections) {
            if (greeted.size() >= limits.most_handshakes) {
                // Dropped, the oldest finds out by itself, and leaves the list.
                greeted.front()->drop();
                greeted.pop_front();
            }

            // A carrier that also holds its seat.
            struct Seated {
                std::shared_ptr<CalledCarrier> carrier;
                std::shared_ptr<void> seat;
            };

            auto seated =
                std::make_shared<Seated>(CalledCarrier::over(std::move(socket), limits), seats);
            CalledCarrier* const carrier = seated->carrier.get();
            greet(std::shared_ptr<CalledCarrier>(std::move(seated), carrier));
        }
        accept_next();
    }

    void greet(std::shared_ptr<CalledCarrier> carrier) {
        greeted.push_back(carrier);
        asio::co_spawn(loop.context(),
                       handshake(shared_from_this(), carrier),
                       [self = shared_from_this(), carrier](const std::exception_ptr& thrown) {
                           self->greeted.remove(carrier);
                           if (thrown) carrier->drop();
                       });
    }

    static asio::awaitable<void> handshake(std::shared_ptr<Gate> self,
                                           std::shared_ptr<CalledCarrier> carrier) {
        const Timer too_slow = self->loop.timers().schedule(
            self->loop.in(self->limits.handshake_patience), [&carrier] { carrier->drop(); });
        const auto greeting = co_await carrier->greet(self->context.get());
        if (!greeting || self->ready.closed()) {
            carrier->drop();
            co_return;
        }
        const Carriage terms{.largest_frame = self->limits.largest_frame,
                             .close_patience = self->limits.close_patience,
                             .binding = carrier->binding()};
        // If too many wait already, the channel is closed by being dropped.
        static_cast<void>(self->ready.push(carry(self->loop, std::move(carrier), terms)));
    }

    void close() {
        if (ready.closed()) return;
        ready.close();
        error_code ignored;
        static_cast<void>(acceptor.close(ignored));
        pause.cancel();
        for (const auto& carrier : greeted)
            carrier->drop();
        while (ready.take()) {  // whom nobody has accepted is turned away
        }
    }

    Loop& loop;
    tcp::acceptor acceptor;
    TlsContext context;
    TlsLimits limits;
    Mailbox<std::unique_ptr<Channel>> ready;
    std::list<std::shared_ptr<CalledCarrier>> greeted;  // oldest first
    std::shared_ptr<void> seats = std::make_shared<int>();
    Timer pause;
};

Task<std::unique_ptr<Channel>> accept_at(std::shared_ptr<Gate> gate) {
    co_return co_await gate->ready.pop(Deadline::never());
}

class TlsListener final : public Listener {
  public:
    explicit TlsListener(std::shared_ptr<Gate> gate)
        : gate_(std::move(gate)) {
        error_code ignored;
        const auto endpoint = gate_->acceptor.local_endpoint(ignored);
        address_ = {endpoint.address().to_string(), endpoint.port()};
    }

    TlsListener(const TlsListener&) = delete;
    TlsListener& operator=(const TlsListener&) = delete;

    ~TlsListener() override { gate_->close(); }

    Task<std::unique_ptr<Channel>> accept() override { return accept_at(gate_); }

    [[nodiscard]] Address address() const override { return address_; }

    Result<void> show(const ServerIdentity& identity) override {
        // A handshake that has begun holds what it began with.
        TRY(gate_->context, make_server_context(identity));
        return {};
    }

    void close() noexcept override { gate_->close(); }

  private:
    std::shared_ptr<Gate> gate_;
    Address address_;
};

}  // namespace

std::unique_ptr<Listener> listen_on(Loop& loop,
                                    tcp::acceptor acceptor,
                                    TlsContext context,
                                    const TlsLimits& limits) {
    auto gate = std::make_shared<Gate>(loop, std::move(acceptor), std::move(context), limits);
    gate->accept_next();
    return std::make_unique<TlsListener>(std::move(gate));
}

}  // namespace cercle::net
