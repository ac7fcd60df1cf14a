// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/home.h"

#include <list>
#include <utility>

#include <sys/stat.h>

#include "client/local_frames.h"
#include "client/outcome.h"
#include "client/vault.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

constexpr Duration local_patience = 10s;

std::filesystem::path socket_path(const std::filesystem::path& home) {
    return home / "cercle.sock";
}

/// A directory in which no device lives yet is made private, whatever else lies there: nothing of
/// ours can have been read in it. One that is in use is judged as it is.
void close_new_home(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error) && !has_vault(store::SystemDisk{}, path)) {
        static_cast<void>(chmod(path.c_str(), S_IRWXU));
    }
}

/// Sends events in their order while the command goes on producing them.
class Sender {
  public:
    Sender(World& world, net::Channel& channel)
        : world_(world),
          channel_(channel),
          changed_(world.loop) {}

    void push(LocalAnswer answer) {
        waiting_.push_back(codec::encode(answer));
        changed_.notify_all();
    }

    [[nodiscard]] net::Task<void> run() {
        while (true) {
            if (waiting_.empty()) {
                if (finished_) co_return Result<void>();
                CO_TRY_VOID(co_await changed_.wait(net::Deadline::never()));
                continue;
            }
            Bytes frame = std::move(waiting_.front());
            waiting_.pop_front();
            CO_TRY_VOID(co_await channel_.send(std::move(frame), world_.loop.in(local_patience)));
        }
    }

    void finish() {
        finished_ = true;
        changed_.notify_all();
    }

  private:
    World& world_;
    net::Channel& channel_;
    net::Signal changed_;
    std::list<Bytes> waiting_;
    bool finished_ = false;
};

}  // namespace

struct Home::Server {
    Server(World& surroundings, Performer does, std::unique_ptr<net::Listener> listens)
        : world(surroundings),
          performer(std::move(does)),
          listener(std::move(listens)),
          idle(surroundings.loop),
          tasks(surroundings.loop, surroundings.diary) {}

    [[nodiscard]] net::Task<void> accept() {
        while (true) {
            CO_TRY(auto channel, co_await listener->accept());
            CO_TRY_VOID(tasks.spawn(answer(std::move(channel))));
        }
    }

    [[nodiscard]] net::Task<void> answer(std::unique_ptr<net::Channel> channel) {
        CO_TRY(const Bytes frame, co_await channel->receive(world.loop.in(local_patience)));
        CO_TRY(auto request, codec::decode<LocalRequest>(frame));
        Sender sender(world, *channel);
        net::TaskGroup parts(world.loop, world.diary);
        const std::size_t counted = request.lasting == Lasting::Yes ? 0 : 1;
        CO_TRY_VOID(parts.spawn(perform_one(std::move(request), sender, *channel)));
        active += counted;
        const auto sent = co_await sender.run();
        static_cast<void>(co_await parts.close());
        active -= counted;
        idle.notify_all();
        channel->close();
        co_return sent;
    }

    /// Ends when the command does, or when nobody listens to it any more.
    [[nodiscard]] net::Task<void> perform_one(LocalRequest request,
                                              Sender& sender,
                                              net::Channel& channel) {
        net::TaskGroup work(world.loop, world.diary);
        CO_TRY_VOID(work.spawn(run_command(std::move(request), sender)));
        // The other side says nothing more; when it hangs up, the command is over.
        const auto heard = co_await channel.receive(net::Deadline::never());
        static_cast<void>(heard);
        static_cast<void>(co_await work.close());
        sender.finish();
        co_return Result<void>();
    }

    [[nodiscard]] net::Task<void> run_command(LocalRequest request, Sender& sender) {
        Outcome outcome;
        if (request.version != local_version) {
            outcome = {Exit::Busy,
                       "home-busy",
                       "another version of the program owns this home; end it first"};
        } else {
            auto performed = co_await performer(std::move(request.command), [&sender](Bytes event) {
                sender.push(LocalEvent{std::move(event)});
            });
            outcome = performed ? *performed : outcome_of(performed.error());
        }
        sender.push(outcome);
        sender.finish();
        co_return Result<void>();
    }

    World& world;
    Performer performer;
    std::unique_ptr<net::Listener> listener;
    std::size_t active = 0;
    net::Signal idle;
    net::TaskGroup tasks;
};

Home::Home(std::filesystem::path path, store::DirectoryLock lock)
    : path_(std::move(path)),
      lock_(std::move(lock)) {}

Home::Home(Home&&) noexcept = default;
Home& Home::operator=(Home&&) noexcept = default;
Home::~Home() = default;

Result<Home> Home::take(const std::filesystem::path& path) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    close_new_home(path);
    TRY_VOID(store::make_private_directory(path));
    TRY(auto lock, store::DirectoryLock::take(path));
    return Home(path, std::move(lock));
}

Result<void> Home::serve(World& world, Performer performer) {
    TRY(auto listener, net::listen_local(world.loop, socket_path(path_)));
    server_ = std::make_unique<Server>(world, std::move(performer), std::move(listener));
    return server_->tasks.spawn(server_->accept());
}

net::Task<void> Home::drain(net::Deadline deadline) {
    if (server_ == nullptr) co_return Result<void>();
    server_->listener->close();
    while (server_->active > 0)
        CO_TRY_VOID(co_await server_->idle.wait(deadline));
    co_return Result<void>();
}

net::Task<void> Home::close() {
    if (server_ == nullptr) co_return Result<void>();
    server_->listener->close();
    const auto closed = co_await server_->tasks.close();
    server_.reset();
    co_return closed;
}

net::Task<Outcome> pass_on(World& world,
                           std::filesystem::path home,
                           Bytes command,
                           Lasting lasting,
                           ByteSink sink,
                           net::Deadline deadline) {
    CO_TRY(auto channel, co_await net::dial_local(world.loop, socket_path(home), deadline));
    CO_TRY_VOID(co_await channel->send(
        codec::encode(LocalRequest{local_version, lasting, std::move(command)}), deadline));
    while (true) {
        // How long the command may take is the owner's business; it ends when it hangs up.
        CO_TRY(const Bytes frame, co_await channel->receive(net::Deadline::never()));
        CO_TRY(auto answer, codec::decode<LocalAnswer>(frame));
        if (auto* event = std::get_if<LocalEvent>(&answer)) {
            sink(std::move(event->event));
        } else {
            co_return std::move(std::get<Outcome>(answer));
        }
    }
}

}  // namespace cercle::client
