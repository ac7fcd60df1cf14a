// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// SimulatedDisk: a disk in memory that crashes, fails and lies as it is told, for a simulator.
//
// It keeps what every real disk keeps and no more: what was synced. When the power goes, each
// write since the last sync of its file is there, gone, or there in part (torn between sectors),
// as `random` decides; a removal that was not synced may come undone. A killed process loses
// nothing that it has written. After either the disk is dead until revive(), so that nothing that
// still runs of the process can touch it.
//
// What changes the disk is counted: a write, sync, truncation, removal or renaming is one
// operation. Trouble can be planned for each.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "store/disk.h"

namespace cercle::store {

/// How a process ends: alone, or with the whole machine.
enum class Ending : std::uint8_t { Killed, PowerLost };

/// What a sync is worth.
enum class Honesty : std::uint8_t { Honest, Lying };

struct Trouble {
    enum class Kind : std::uint8_t { Kill, PowerLoss, Fault, Full };

    Kind kind = Kind::PowerLoss;
    /// Which operation from now on; the next one is 1.
    std::uint64_t after = 1;
};

class SimulatedDisk final : public Disk {
  public:
    /// All files by their paths, as they stand.
    using Image = std::map<std::string, Bytes>;

    /// `random` outlives the disk.
    explicit SimulatedDisk(Random& random);
    ~SimulatedDisk() override;

    [[nodiscard]] std::string vfs() const override;
    [[nodiscard]] bool has(const std::filesystem::path& path) const override;
    Result<void> write(const std::filesystem::path& path, BytesView content) override;
    [[nodiscard]] Result<Secret> read(const std::filesystem::path& path,
                                      std::size_t most) const override;
    [[nodiscard]] Result<Bytes> read_bytes(const std::filesystem::path& path,
                                           std::size_t most) const override;
    void remove(const std::filesystem::path& path) override;

    /// The trouble comes once; a plan that was not reached is replaced.
    void plan(Trouble trouble);

    void forget_plan() { plan_.reset(); }

    [[nodiscard]] bool is_planned() const { return plan_.has_value(); }

    void set_honesty(Honesty honesty) { honesty_ = honesty; }

    /// Hears of a crash at the very operation at which it happens.
    void set_on_crash(std::function<void()> on_crash) { on_crash_ = std::move(on_crash); }

    /// Dead from now on.
    void crash(Ending ending);
    /// The machine starts again, with what the crash has left.
    void revive();

    [[nodiscard]] bool dead() const { return dead_; }

    [[nodiscard]] std::uint64_t operations() const { return operations_; }

    /// How often it has crashed: what was opened before the last time is of no use.
    [[nodiscard]] std::uint64_t boot() const { return boot_; }

    [[nodiscard]] Image image() const;
    /// Everything as in the image, and synced. Nothing may be open.
    void restore(const Image& image);

    /// For this folder: what simulated_vfs.cpp does for SQLite.
    struct File;
    struct Vfs;
    [[nodiscard]] std::shared_ptr<File> open(const std::string& path);
    [[nodiscard]] Result<void> write_at(File& file, std::uint64_t offset, BytesView content);
    [[nodiscard]] Result<void> truncate(File& file, std::uint64_t size);
    [[nodiscard]] Result<void> sync(File& file);
    enum class Lasting : std::uint8_t { Synced, NotSynced };
    [[nodiscard]] Result<void> remove_file(const std::string& path, Lasting lasting);

  private:
    /// Counts, and fails if it is to. `Trouble::Kind` of a crash leaves the disk dead.
    [[nodiscard]] Result<void> operate();
    /// Until the file changes.
    [[nodiscard]] Result<BytesView> content_of(const std::filesystem::path& path,
                                               std::size_t most) const;
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    void lose_power();
    void settle(File& file);

    Random& random_;
    std::map<std::string, std::shared_ptr<File>> files_;
    /// Removed and not synced: may be back after a loss of power. All lie in one directory.
    std::map<std::string, std::shared_ptr<File>> removed_;
    std::optional<Trouble> plan_;
    std::function<void()> on_crash_;
    Honesty honesty_ = Honesty::Honest;
    std::uint64_t operations_ = 0;
    std::uint64_t boot_ = 0;
    bool dead_ = false;
    std::unique_ptr<Vfs> vfs_;
};

/// Content is what a reader sees; `synced` what a loss of power leaves for certain.
struct SimulatedDisk::File {
    struct Change {
        std::uint64_t offset = 0;
        Bytes content;
        /// A truncation to `offset`, if that.
        bool cuts = false;
        /// Its sync has failed: no later sync brings it to the disk.
        bool doomed = false;
    };

    Bytes content;
    Bytes synced;
    std::vector<Change> changes;
    bool linked = false;  // its name is on the disk
};

}  // namespace cercle::store
