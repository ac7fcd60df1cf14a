// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Absent: Bertrand's device as he left it, and what has come for him since; Alice's at the same
// moment. Their vaults lie on disks in memory, so that they can be woken there any number of
// times. For tests of several folders, and for fuzz targets: no Catch2.

#include <memory>
#include <string>
#include <vector>

#include "client/device.h"
#include "client/vault.h"
#include "net/memory_network.h"
#include "store/simulated_disk.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::stage {

/// A log as a device left it, and the entries that have come to it since.
struct Unread {
    protocol::LogId log;
    std::vector<protocol::Entry> entries;
};

/// What everybody plays with; one for a process, since making it takes a moment.
struct Absence {
    /// Alice's and Bertrand's devices as they were when he left; a text and a file of his wait to
    /// be sent.
    store::SimulatedDisk::Image alice;
    store::SimulatedDisk::Image bertrand;
    WallTime now;
    /// Since then: a text, a commit that takes somebody in, one that puts her out, another text.
    Unread group;
    /// Somebody has come into the circle.
    Unread directory;
    /// A Welcome into another group.
    Unread inbox;
};

[[nodiscard]] const Absence& absence();

/// One device of an absence, open, speaking to nobody.
class Awake {
  public:
    Awake(const store::SimulatedDisk::Image& vault, std::string name);
    Awake(const Awake&) = delete;
    Awake& operator=(const Awake&) = delete;
    ~Awake();

    [[nodiscard]] client::Core& core() { return device_->core(); }

    /// Whether its disk has been written since it woke.
    [[nodiscard]] bool has_written() const { return disk.operations() != operations_; }

    /// As it was at first.
    void wake_again();

    net::Loop loop{net::Loop::Kind::Virtual, absence().now};
    vectors::SeededRandom random{1};
    net::MemoryNetwork network{loop, random};
    SilentDiary diary;
    store::SimulatedDisk disk{random};
    client::World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};

  private:
    const store::SimulatedDisk::Image& vault_;
    std::string name_;
    std::uint64_t operations_ = 0;
    std::unique_ptr<client::Device> device_;
};

}  // namespace cercle::stage
