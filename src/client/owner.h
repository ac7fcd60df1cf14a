// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Owner: what a process does that owns a home, or passes its command on to the one that does.
// Shared by the member's commands (client/api.h) and the officer's (officer/api.h).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>

#include "client/api.h"
#include "client/device.h"
#include "client/guest.h"
#include "client/home.h"

namespace cercle::client {

/// Whose command it is.
enum class Area : std::uint8_t { Client = 0, Officer = 1 };

/// A command on its way to the owner.
struct Request {
    Area area = Area::Client;
    std::optional<std::uint32_t> timeout_seconds;
    Bytes command;

    auto fields(this auto& self) { return std::tie(self.area, self.timeout_seconds, self.command); }
};

/// How long a command waits for others.
struct Waiting {
    Device::Patience patience = Device::Patience::UntilUnreachable;
    net::Deadline deadline;
};

/// How long a command waits at most, without anything happening, if nobody says otherwise.
inline constexpr Duration usual_patience = std::chrono::seconds{30};

[[nodiscard]] Waiting waiting_of(const Request& request, const net::Loop& loop);

/// An opened home. Commands may run beside each other.
class Owner {
  public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    virtual ~Owner() = default;

    [[nodiscard]] virtual net::Task<Outcome> perform(Request request, ByteSink sink) = 0;
    /// Must be awaited before destruction.
    [[nodiscard]] virtual net::Task<void> stop() = 0;
};

/// A command as this process was given it. `again` makes it anew when it has to be done by
/// another owner than the one who began it.
struct Errand {
    std::function<Request()> again;
    Lasting lasting = Lasting::No;
};

/// The passphrase is asked for when the vault is first needed.
using OpenOwner = std::function<std::unique_ptr<Owner>(World&, const Settings&)>;

[[nodiscard]] std::optional<std::uint32_t> timeout_of(const Settings& settings);

/// The whole life of one command in this process: takes the home or passes the command on.
[[nodiscard]] Outcome run_in_home(const Settings& settings,
                                  const Errand& errand,
                                  const ByteSink& sink,
                                  const OpenOwner& open_owner);

/// The member's side of an owner: a vault, and a device once it has joined.
class MemberOwner : public Owner {
  public:
    MemberOwner(World& world, Settings settings);
    ~MemberOwner() override;

    [[nodiscard]] net::Task<Outcome> perform(Request request, ByteSink sink) override;
    [[nodiscard]] net::Task<void> stop() override;

  protected:
    /// The device at work, opened with the passphrase if it is not yet. Errors: home_missing,
    /// vault_locked, and those of the disk.
    [[nodiscard]] Result<Device*> device();
    /// A new vault in an empty home, or the one there is.
    [[nodiscard]] Result<store::Database> vault_for_joining();
    [[nodiscard]] Result<void> adopt(store::Database vault);

    [[nodiscard]] bool is_open() const { return device_ != nullptr || guest_ != nullptr; }

    World& world_;
    Settings settings_;

  private:
    [[nodiscard]] net::Task<void> join(Join command, Waiting waiting, const EventSink& sink);
    [[nodiscard]] Result<Secret> passphrase();
    /// A vault is there, and no passphrase to be had.
    [[nodiscard]] bool is_locked();
    void ask_for_passphrase();

    /// Whatever lives in the home, at work.
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> adopt_guest(store::Database vault);
    [[nodiscard]] net::Task<void> open_card(Join command, Waiting waiting, const EventSink& sink);

    bool asked_ = false;
    std::optional<Secret> passphrase_;
    std::unique_ptr<Device> device_;
    std::unique_ptr<Guest> guest_;  // instead of a device
};

}  // namespace cercle::client
