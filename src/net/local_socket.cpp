// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/local_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/carrier.h"
#include "net/mailbox.h"

namespace cercle::net {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr Duration close_patience = std::chrono::seconds{1};
constexpr Duration breath = std::chrono::milliseconds{50};
constexpr std::size_t most_waiting = 16;

std::unexpected<Error> lost() {
    return fail(Code::unreachable_peer, "the other command has gone");
}

/// Frames with their length in front, on a connected socket. Its operations hold it.
class LocalCarrier final : public Carrier, public std::enable_shared_from_this<LocalCarrier> {
  public:
    explicit LocalCarrier(stream_protocol::socket socket)
        : socket_(std::move(socket)) {}

    void read(Done<Bytes> done) override {
        asio::async_read(socket_,
                         asio::buffer(length_read_),
                         [self = shared_from_this(), done = std::move(done)](
                             const error_code& error, std::size_t) mutable {
                             if (error) return done(lost());
                             self->read_body(std::move(done));
                         });
    }

    void write(BytesView frame, Done<void> done) override {
        for (std::size_t at = 0; at < 4; ++at) {
            length_written_[at] = static_cast<std::uint8_t>(frame.size() >> (24 - 8 * at));
        }
        const std::array<asio::const_buffer, 2> parts = {asio::buffer(length_written_),
                                                         asio::buffer(frame.data(), frame.size())};
        asio::async_write(socket_,
                          parts,
                          [self = shared_from_this(), done = std::move(done)](
                              const error_code& error, std::size_t) mutable {
                              done(error ? Result<void>(lost()) : Result<void>{});
                          });
    }

    void say_goodbye(Done<void> done) override {
        asio::post(socket_.get_executor(),
                   [done = std::move(done)]() mutable { done(Result<void>{}); });
    }

    void limit_frames(std::size_t largest) noexcept override {
        largest_ = std::min(largest, largest_local_frame);
    }

    void drop() noexcept override {
        error_code ignored;
        socket_.close(ignored);
    }

    /// Whether the process at the other end belongs to the same user.
    [[nodiscard]] bool is_ours() {
        ucred peer{};
        socklen_t size = sizeof(peer);
        return getsockopt(socket_.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
               peer.uid == geteuid();
    }

  private:
    void read_body(Done<Bytes> done) {
        std::size_t size = 0;
        for (const std::uint8_t byte : length_read_)
            size = size << 8U | byte;
        if (size > largest_) {
            return done(fail(Code::too_large, "a frame over the channel's bound"));
        }
        frame_.resize(size);
        asio::async_read(socket_,
                         asio::buffer(frame_),
                         [self = shared_from_this(), done = std::move(done)](
                             const error_code& error, std::size_t) mutable {
                             if (error) return done(lost());
                             done(std::exchange(self->frame_, {}));
                         });
    }

    stream_protocol::socket socket_;
    std::array<std::uint8_t, 4> length_read_{};
    std::array<std::uint8_t, 4> length_written_{};
    std::size_t largest_ = largest_local_frame;
    Bytes frame_;
};

std::unique_ptr<Channel> channel_over(Loop& loop, std::shared_ptr<LocalCarrier> carrier) {
    return carry(
        loop,
        std::move(carrier),
        {.largest_frame = largest_local_frame, .close_patience = close_patience, .binding = {}});
}

/// A way to name a socket that fits into a socket address, however deep its folder lies: through
/// the folder's descriptor, which stays open as long as this.
class ShortName {
  public:
    static Result<ShortName> of(const std::filesystem::path& path) {
        const auto folder = path.has_parent_path() ? path.parent_path() : ".";
        const int descriptor = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) {
            return fail(Code::not_found, "the socket's folder is not there");
        }
        if (descriptor < 0 && errno == EACCES) {
            return fail(Code::permissions, "the socket's folder may not be used");
        }
        if (descriptor < 0) return fail(Code::disk_fault, "the socket's folder cannot be opened");
        ShortName name(descriptor, path.filename().string());
        if (name.text().size() >= sizeof(sockaddr_un::sun_path) || name.name_.empty()) {
            return fail(Code::invalid_argument, "the socket's own name is too long or missing");
        }
        return name;
    }

    ShortName(ShortName&& other) noexcept
        : folder_(std::exchange(other.folder_, -1)),
          name_(std::move(other.name_)) {}

    ShortName(const ShortName&) = delete;
    ShortName& operator=(const ShortName&) = delete;
    ShortName& operator=(ShortName&&) = delete;

    ~ShortName() {
        if (folder_ >= 0) close(folder_);
    }

    [[nodiscard]] std::string text() const {
        return "/proc/self/fd/" + std::to_string(folder_) + "/" + name_;
    }

    [[nodiscard]] stream_protocol::endpoint endpoint() const { return {text()}; }

  private:
    ShortName(int folder, std::string name)
        : folder_(folder),
          name_(std::move(name)) {}

    int folder_;
    std::string name_;
};

/// Removes a socket on which nobody listens any more.
Result<void> make_room(Loop& loop, const ShortName& name) {
    struct stat found{};
    if (lstat(name.text().c_str(), &found) != 0) return {};  // nothing there
    if (!S_ISSOCK(found.st_mode)) {
        return fail(Code::already_exists, "something that is no socket has its name");
    }
    stream_protocol::socket probe(loop.context());
    error_code error;
    static_cast<void>(probe.connect(name.endpoint(), error));
    if (!error) return fail(Code::busy, "another process listens there");
    if (error != asio::error::connection_refused) {
        return fail(Code::permissions, "a socket is there that cannot be asked who listens");
    }
    if (unlink(name.text().c_str()) != 0) {
        return fail(Code::permissions, "a dead socket cannot be removed");
    }
    return {};
}

/// Shared by the listener, and by the tasks that accept.
struct Door {
    Door(Loop& home, std::filesystem::path where)
        : loop(home),
          path(std::move(where)),
          acceptor(home.context()) {}

    Loop& loop;
    std::filesystem::path path;
    stream_protocol::acceptor acceptor;
    Mailbox<std::unique_ptr<Channel>> callers{loop, most_waiting};
    Timer pause;
};

void accept_next(const std::shared_ptr<Door>& door) {
    door->acceptor.async_accept([door](const error_code& error, stream_protocol::socket socket) {
        if (!door->acceptor.is_open()) return;
        if (error) {  // out of descriptors, most likely: it may pass
            door->pause =
                door->loop.timers().schedule(door->loop.in(breath), [weak = std::weak_ptr(door)] {
                    if (const auto still = weak.lock()) accept_next(still);
                });
            return;
        }
        auto carrier = std::make_shared<LocalCarrier>(std::move(socket));
        if (carrier->is_ours()) {
            // Too many waiting: the channel is closed by being dropped.
            static_cast<void>(door->callers.push(channel_over(door->loop, std::move(carrier))));
        }
        accept_next(door);
    });
}

Task<std::unique_ptr<Channel>> accept_at(std::shared_ptr<Door> door) {
    co_return co_await door->callers.pop(Deadline::never());
}

class LocalListener final : public Listener {
  public:
    explicit LocalListener(std::shared_ptr<Door> door)
        : door_(std::move(door)) {}

    LocalListener(const LocalListener&) = delete;
    LocalListener& operator=(const LocalListener&) = delete;

    ~LocalListener() override { LocalListener::close(); }

    Task<std::unique_ptr<Channel>> accept() override { return accept_at(door_); }

    [[nodiscard]] Address address() const override { return {door_->path.string(), 0}; }

    void close() noexcept override {
        if (!door_->acceptor.is_open()) return;
        error_code ignored;
        static_cast<void>(door_->acceptor.close(ignored));
        door_->pause.cancel();
        door_->callers.close();
        unlink(door_->path.c_str());
        while (door_->callers.take()) {  // whom nobody has accepted is turned away
        }
    }

  private:
    std::shared_ptr<Door> door_;
};

}  // namespace

Result<std::unique_ptr<Listener>> listen_local(Loop& loop, const std::filesystem::path& path) {
    TRY(const auto name, ShortName::of(path));
    TRY_VOID(make_room(loop, name));
    auto door = std::make_shared<Door>(loop, path);
    error_code error;
    static_cast<void>(door->acceptor.open(stream_protocol{}, error));
    if (error) return fail(Code::library_fault, "no socket can be had");
    static_cast<void>(door->acceptor.bind(name.endpoint(), error));
    if (error == asio::error::address_in_use) {
        return fail(Code::busy, "another process took the socket's name");
    }
    if (error) return fail(Code::permissions, "no socket can be made in that folder");
    // Nobody can connect before listen(), so there is no moment at which others might.
    if (chmod(name.text().c_str(), S_IRUSR | S_IWUSR) != 0) {
        return fail(Code::permissions, "the socket's mode cannot be set");
    }
    static_cast<void>(door->acceptor.listen(asio::socket_base::max_listen_connections, error));
    if (error) return fail(Code::library_fault, "the socket cannot be listened on");
    accept_next(door);
    return std::make_unique<LocalListener>(std::move(door));
}

Task<std::unique_ptr<Channel>> dial_local(Loop& loop,
                                          std::filesystem::path path,
                                          Deadline deadline) {
    if (deadline.passed(loop.clock())) co_return fail(Code::deadline_passed, "too late to dial");
    CO_TRY(const auto name, ShortName::of(path));
    stream_protocol::socket socket(loop.context());
    error_code error;
    // A local connect does not wait for the other side to accept: it answers at once.
    static_cast<void>(socket.connect(name.endpoint(), error));
    if (error == asio::error::access_denied) {
        co_return fail(Code::permissions, "the socket belongs to another user");
    }
    if (error) co_return fail(Code::unreachable_peer, "no command listens in that home");
    auto carrier = std::make_shared<LocalCarrier>(std::move(socket));
    if (!carrier->is_ours()) {
        co_return fail(Code::permissions, "the other command belongs to another user");
    }
    co_return channel_over(loop, std::move(carrier));
}

}  // namespace cercle::net
