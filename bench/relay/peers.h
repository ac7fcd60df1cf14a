// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Peers: the servers that are measured, each a process of its own with a directory of its own.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cercle::bench {

/// A child process, ended and waited for with this object.
class Process {
  public:
    enum class Heard : std::uint8_t { Output, OutputAndErrors };

    /// Ends the program if it cannot be started. What is heard of it is ours to read.
    explicit Process(const std::vector<std::string>& command, Heard heard = Heard::Output);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// Its next line; empty when it has ended.
    [[nodiscard]] std::string line();
    void say(const std::string& line);

    [[nodiscard]] pid_t number() const { return number_; }

    /// Asks it to end, and waits; what it ended with, or -1 if a signal ended it.
    int end();

    /// What it has computed so far, on all its threads.
    [[nodiscard]] std::chrono::duration<double> computed() const;
    /// Memory of its own that is in use, in KiB.
    [[nodiscard]] double memory() const;

  private:
    pid_t number_ = -1;
    int from_ = -1;
    int to_ = -1;
};

struct Server {
    std::string name;
    std::unique_ptr<Process> process;
    std::uint16_t port;
};

/// Where this program and the others of its build are.
[[nodiscard]] std::filesystem::path own_path();

/// `directory` is made; the relay's data lie in it.
/// What one device may ask for in a second: as usual, or all it can, since here one device plays
/// many people.
enum class Measure : std::uint8_t { Usual, Unbounded };

[[nodiscard]] Server start_relay(const std::filesystem::path& program,
                                 const std::filesystem::path& directory,
                                 Measure measure = Measure::Unbounded);
[[nodiscard]] Server start_echo();

enum class Sync : std::uint8_t { Always, Now };

/// JetStream in `directory`, from nats-server; `sync` is its sync_interval, "always" or its
/// default.
[[nodiscard]] Server start_jetstream(const std::filesystem::path& directory, Sync sync);

/// Whether Debian's nats-server is installed here.
[[nodiscard]] bool has_jetstream();

/// This program as an echo server, until its standard input ends.
int serve_echo();

}  // namespace cercle::bench
