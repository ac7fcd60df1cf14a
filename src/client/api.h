// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The face of a member's device: commands go down, events come up, both are values without keys.
// Programs see this header (and officer/api.h) and nothing else of the house.
//
// perform() owns the home while it runs. If another process owns it already, the command is
// passed on to that process and done there, with the same events: a home has one writer, ever.

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "base/id.h"
#include "base/secret.h"
#include "client/api_commands.h"  // IWYU pragma: export
#include "client/api_events.h"    // IWYU pragma: export

namespace cercle::client {

/// The exit codes of 7-contract.
enum class Exit : std::uint8_t {
    Done = 0,
    Refused = 1,
    Usage = 2,
    Queued = 3,
    Locked = 4,
    Disk = 5,
    Busy = 6,
    Timeout = 7,
    Bug = 70,
    Interrupted = 130,
};

struct Outcome {
    Exit exit = Exit::Done;
    std::string rule;      // empty when it went well
    std::string sentence;  // says what to do about it

    auto fields(this auto& self) { return std::tie(self.exit, self.rule, self.sentence); }
};

/// Whether the process tells its operator what it does, on standard error.
enum class Diaries : std::uint8_t { Silent, Standard };

/// Where the device lives and how it is opened.
struct Settings {
    std::filesystem::path home;
    /// Asked for at most once, and only if the vault has to be opened by this process. Nothing:
    /// there is none to be had.
    std::function<std::optional<Secret>()> passphrase;
    /// How long to wait for others; without it, what cannot be reached at once is left queued.
    std::optional<std::chrono::seconds> timeout;
    /// Other trust anchors than the vault's (--trust-file): lines "relay HOST:PORT",
    /// "relay-key HEX".
    std::optional<std::filesystem::path> trust_file;
    Diaries diary = Diaries::Silent;
};

/// Does one command, calling `sink` for each event, and blocks until it is done. SIGINT and
/// SIGTERM end it in good order.
[[nodiscard]] Outcome perform(const Settings& settings,
                              const Command& command,
                              const EventSink& sink);

/// Names a wish that a Resident was given.
using Ticket = Number<struct TicketTag>;

/// A command, and who hears of it. Both are called on the resident's own thread, `on_event` any
/// number of times and then `on_done` once; they pass on what they hear and return.
struct Wish {
    Command command;
    EventSink on_event;
    std::function<void(const Outcome&)> on_done;
    /// How long to wait for others. A program with a face waits for nobody: what cannot be done at
    /// once is left queued, and a Watch tells what becomes of it. Nothing: as perform() does
    /// without a timeout, for a Fetch, which nobody goes on with.
    std::optional<std::chrono::seconds> patience = std::chrono::seconds{0};
};

/// A program that lives in a home while people look at it: commands whenever they like, done
/// beside each other, on a thread of its own. As with perform(), the home may be another
/// process's; when that one ends, this one takes the home over.
///
/// submit(), cancel() and stop() are for one thread, and for what a wish calls.
class Resident {
  public:
    /// If a device lives in the home, its passphrase is asked for here and tried, and kept in
    /// locked memory until the vault is opened with it; nobody is asked later. Where none lives
    /// yet, joining asks, on the resident's thread. `settings.timeout` plays no part.
    [[nodiscard]] static std::expected<std::unique_ptr<Resident>, Outcome> open(Settings settings);

    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;
    /// stop()
    ~Resident();

    /// Nothing once it is being stopped: then nobody hears of the wish.
    std::optional<Ticket> submit(Wish wish);
    /// Ends it, if it is not done yet; its outcome is then Interrupted.
    void cancel(Ticket ticket);
    /// Ends what is under way, lets commands that other processes have passed on to this one
    /// finish, and gives the home back. Nothing is called after it. Not from what a wish calls.
    void stop();

  private:
    struct State;

    explicit Resident(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// Refuses to go on without locked memory; first thing in main().
[[nodiscard]] Outcome prepare_process();

}  // namespace cercle::client
