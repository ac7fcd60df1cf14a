// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Home: the directory in which a device lives, and the one process that owns it.
//
// The owner holds a lock on the directory and listens on a socket in it; another command on the
// same home sends its bytes there and gets back the same events (docs/spec/vault.md). Both ends
// are the same user's, which the socket checks.

#include <filesystem>
#include <functional>
#include <memory>

#include "client/api.h"
#include "client/world.h"
#include "net/local_socket.h"
#include "net/task_group.h"
#include "store/private_file.h"

namespace cercle::client {

/// Receives an encoded event.
using ByteSink = std::function<void(Bytes)>;
/// Whether a command ends by itself soon, or lasts until it is stopped. The owner finishes the
/// first kind before it ends; who passed on one of the second kind does it anew.
enum class Lasting : std::uint8_t { No = 0, Yes = 1 };

/// Does an encoded command in the process that owns the home.
using Performer = std::function<net::Task<Outcome>(Bytes command, ByteSink sink)>;

class Home {
  public:
    /// Makes the directory if need be, and takes it. Errors: busy (somebody else owns it),
    /// permissions, disk_*.
    [[nodiscard]] static Result<Home> take(const std::filesystem::path& path);

    /// Lets other commands in, until close(). A performer must be gone with this.
    [[nodiscard]] Result<void> serve(World& world, Performer performer);
    /// No more commands; those under way are cancelled.
    [[nodiscard]] net::Task<void> close();
    /// Lets nobody else in, and waits for the commands that end by themselves, at most until the
    /// deadline.
    [[nodiscard]] net::Task<void> drain(net::Deadline deadline);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    struct Server;

    Home(std::filesystem::path path, store::DirectoryLock lock);

    std::filesystem::path path_;
    store::DirectoryLock lock_;
    std::unique_ptr<Server> server_;

  public:
    Home(Home&&) noexcept;
    Home& operator=(Home&&) noexcept;
    ~Home();
};

/// Passes a command on to the home's owner. Errors: unreachable_peer (nobody listens there),
/// closing, deadline_passed.
[[nodiscard]] net::Task<Outcome> pass_on(World& world,
                                         std::filesystem::path home,
                                         Bytes command,
                                         Lasting lasting,
                                         ByteSink sink,
                                         net::Deadline deadline);

}  // namespace cercle::client
