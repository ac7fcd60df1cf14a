// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/carrier.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "net/event.h"

namespace cercle::net {
namespace {

/// What a channel, its tasks and the operations of its carrier share: it lives until the last of
/// them has let go.
struct Connection : std::enable_shared_from_this<Connection> {
    Connection(Loop& home, std::shared_ptr<Carrier> carried_by, Carriage terms)
        : carriage(terms),
          loop(home),
          carrier(std::move(carried_by)),
          read_on(home),
          written_on(home) {}

    /// One frame is read ahead, so that pings are answered while nobody receives.
    void read_ahead() {
        if (reading || ending()) return;
        reading = true;
        carrier->read([self = shared_from_this()](Result<Bytes> frame) {
            self->reading = false;
            if (frame && self->taker != nullptr && !self->ending()) {
                return self->hand_over(*std::move(frame));
            }
            if (frame) {
                self->arrived = *std::move(frame);
            } else {
                self->give_up(frame.error());
            }
            self->read_on.notify_all();
        });
    }

    /// To whoever takes each.
    void hand_over(Bytes frame) {
        try {
            if ((*taker)(std::move(frame)) == Channel::Hearing::Enough) {
                taker = nullptr;
                read_on.notify_all();
            }
        } catch (...) {  // as it ends a task: this connection alone
            give_up(fail(Code::library_fault, "a frame was taken by an exception").error());
        }
        read_ahead();
    }

    void write(Bytes frame) {
        writing = std::move(frame);
        carrier->write(*writing, [self = shared_from_this()](Result<void> written) {
            self->writing.reset();
            if (!written) self->give_up(written.error());
            self->written_on.notify_all();
        });
    }

    /// Whoever waits for his turn goes first.
    [[nodiscard]] bool write_now(BytesView frame) {
        if (ending() || writing || turn != turns_given) return false;
        return frame.size() <= carriage.largest_frame && carrier->write_now(frame);
    }

    /// The first reason counts.
    void give_up(const Error& error) {
        if (!lost) lost = error;
        carrier->drop();
        tell_all();
    }

    void close() {
        if (closed) return;
        closed = true;
        tell_all();
        if (lost) return;
        too_long =
            loop.timers().schedule(loop.in(carriage.close_patience), [this] { carrier->drop(); });
        carrier->say_goodbye([self = shared_from_this()](Result<void> /*said*/) {
            self->too_long.cancel();
            self->carrier->drop();
        });
    }

    void tell_all() {
        read_on.notify_all();
        written_on.notify_all();
    }

    [[nodiscard]] bool ending() const { return closed || lost.has_value(); }

    [[nodiscard]] Error reason() const {
        if (closed || !lost) return fail(Code::closing, "the channel was closed").error();
        return *lost;
    }

    Carriage carriage;
    Loop& loop;
    std::shared_ptr<Carrier> carrier;
    // Two, so that who receives is not woken by every frame that was sent.
    Signal read_on;
    Signal written_on;
    Channel::Take* taker = nullptr;  // lies in its task
    std::optional<Bytes> arrived;
    std::optional<Bytes> writing;
    std::optional<Error> lost;
    Timer too_long;
    std::uint64_t turns_given = 0;
    std::uint64_t turn = 0;
    bool reading = false;
    bool closed = false;
};

// The tasks hold the connection itself, since the channel may be destroyed while they wait.

Task<Bytes> receive_from(std::shared_ptr<Connection> connection, Deadline deadline) {
    while (true) {
        if (connection->closed) co_return std::unexpected(connection->reason());
        if (connection->arrived) {
            Bytes frame = *std::exchange(connection->arrived, std::nullopt);
            connection->read_ahead();
            co_return frame;
        }
        if (connection->lost) co_return std::unexpected(*connection->lost);
        CO_TRY_VOID(co_await connection->read_on.wait(deadline));
    }
}

/// While it is there, frames are handed over as they come.
class Taking {
  public:
    Taking(Connection& connection, Channel::Take& take)
        : connection_(connection) {
        connection.taker = &take;
    }

    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;

    ~Taking() { connection_.taker = nullptr; }

    [[nodiscard]] bool has_had_enough() const { return connection_.taker == nullptr; }

  private:
    Connection& connection_;
};

Task<void> receive_each_from(std::shared_ptr<Connection> connection,
                             Channel::Take take,
                             Deadline deadline) {
    while (true) {
        if (connection->closed) co_return std::unexpected(connection->reason());
        if (connection->arrived) {
            Bytes frame = *std::exchange(connection->arrived, std::nullopt);
            const auto heard = take(std::move(frame));
            connection->read_ahead();
            if (heard == Channel::Hearing::Enough) co_return Result<void>{};
            continue;
        }
        if (connection->lost) co_return std::unexpected(*connection->lost);
        const Taking taking(*connection, take);
        const auto waited = co_await connection->read_on.wait(deadline);
        if (taking.has_had_enough()) co_return Result<void>{};
        CO_TRY_VOID(waited);
    }
}

Task<void> wait_for_turn(Connection& connection, std::uint64_t turn, Deadline deadline) {
    while (!connection.ending() && (connection.turn != turn || connection.writing)) {
        CO_TRY_VOID(co_await connection.written_on.wait(deadline));
    }
    if (connection.ending()) co_return std::unexpected(connection.reason());
    co_return Result<void>{};
}

Task<void> send_to(std::shared_ptr<Connection> connection, Bytes frame, Deadline deadline) {
    if (connection->ending()) co_return std::unexpected(connection->reason());
    if (frame.size() > connection->carriage.largest_frame) {
        co_return fail(Code::too_large, "a frame over the channel's bound");
    }
    const std::uint64_t turn = connection->turns_given++;
    Result<void> sent = co_await wait_for_turn(*connection, turn, deadline);
    if (sent) {
        connection->write(std::move(frame));
        while (sent && connection->writing && !connection->ending()) {
            sent = co_await connection->written_on.wait(deadline);
        }
        ++connection->turn;
        if (sent && connection->writing) sent = std::unexpected(connection->reason());
        if (sent && connection->lost) sent = std::unexpected(*connection->lost);
        connection->written_on.notify_all();
    }
    // A frame cut in the middle, or a gap where one should be, leaves nothing to be said after it.
    if (!sent) connection->give_up(sent.error());
    co_return sent;
}

class CarriedChannel final : public Channel {
  public:
    explicit CarriedChannel(std::shared_ptr<Connection> connection)
        : connection_(std::move(connection)) {}

    CarriedChannel(const CarriedChannel&) = delete;
    CarriedChannel& operator=(const CarriedChannel&) = delete;

    ~CarriedChannel() override { connection_->close(); }

    Task<Bytes> receive(Deadline deadline) override { return receive_from(connection_, deadline); }

    Task<void> receive_each(Take take, Deadline deadline) override {
        return receive_each_from(connection_, std::move(take), deadline);
    }

    Task<void> send(Bytes frame, Deadline deadline) override {
        return send_to(connection_, std::move(frame), deadline);
    }

    [[nodiscard]] bool send_now(BytesView frame) override { return connection_->write_now(frame); }

    void limit_frames(std::size_t largest) noexcept override {
        connection_->carrier->limit_frames(largest);
    }

    void close() noexcept override { connection_->close(); }

    [[nodiscard]] std::optional<RelayKey> successor() const override {
        return connection_->carriage.successor;
    }

    [[nodiscard]] const crypto::Digest& binding() const override {
        return connection_->carriage.binding;
    }

  private:
    std::shared_ptr<Connection> connection_;
};

}  // namespace

Task<void> Channel::receive_each(Take take, Deadline deadline) {
    while (true) {
        CO_TRY(Bytes frame, co_await receive(deadline));
        if (take(std::move(frame)) == Hearing::Enough) co_return Result<void>{};
    }
}

std::unique_ptr<Channel> carry(Loop& loop, std::shared_ptr<Carrier> carrier, Carriage carriage) {
    auto connection = std::make_shared<Connection>(loop, std::move(carrier), carriage);
    connection->read_ahead();
    return std::make_unique<CarriedChannel>(std::move(connection));
}

}  // namespace cercle::net
