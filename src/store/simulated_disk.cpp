// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/simulated_disk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "store/simulated_vfs.h"

namespace cercle::store {
namespace {

/// A disk writes a sector whole or not at all.
constexpr std::size_t sector = 512;

void apply(Bytes& content, const SimulatedDisk::File::Change& change) {
    if (change.cuts) {
        content.resize(change.offset);
        return;
    }
    const std::size_t end = change.offset + change.content.size();
    if (content.size() < end) content.resize(end);
    std::ranges::copy(change.content, content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

/// The sectors of a change, each on its own.
std::vector<SimulatedDisk::File::Change> sectors_of(const SimulatedDisk::File::Change& change) {
    std::vector<SimulatedDisk::File::Change> parts;
    std::size_t at = 0;
    while (at < change.content.size()) {
        const std::size_t to_boundary = sector - (change.offset + at) % sector;
        const std::size_t size = std::min(to_boundary, change.content.size() - at);
        const BytesView part = BytesView(change.content).subspan(at, size);
        parts.push_back({.offset = change.offset + at, .content = to_bytes(part)});
        at += size;
    }
    return parts;
}

std::unexpected<Error> dead_disk() {
    return fail(Code::disk_fault, "the simulated machine is off");
}

}  // namespace

SimulatedDisk::SimulatedDisk(Random& random)
    : random_(random),
      vfs_(std::make_unique<Vfs>(*this)) {}

SimulatedDisk::~SimulatedDisk() = default;

std::string SimulatedDisk::vfs() const {
    return vfs_->name();
}

std::uint64_t SimulatedDisk::below(std::uint64_t bound) {
    std::array<std::uint8_t, 8> bytes{};
    random_.fill(bytes);
    std::uint64_t drawn = 0;
    for (const std::uint8_t byte : bytes)
        drawn = drawn << 8U | byte;
    return drawn % bound;
}

void SimulatedDisk::plan(Trouble trouble) {
    CHECK(trouble.after > 0, "trouble for an operation that is over");
    plan_ = trouble;
}

Result<void> SimulatedDisk::operate() {
    if (dead_) return dead_disk();
    ++operations_;
    if (!plan_ || --plan_->after > 0) return {};
    switch (std::exchange(plan_, std::nullopt)->kind) {
        case Trouble::Kind::Kill:
            crash(Ending::Killed);
            return dead_disk();
        case Trouble::Kind::PowerLoss:
            crash(Ending::PowerLost);
            return dead_disk();
        case Trouble::Kind::Full:
            return fail(Code::disk_full, "the simulated disk is full");
        case Trouble::Kind::Fault:
            break;
    }
    return fail(Code::disk_fault, "the simulated disk failed");
}

// ---- files ------------------------------------------------------------------------------

std::shared_ptr<SimulatedDisk::File> SimulatedDisk::open(const std::string& path) {
    auto& file = files_[path];
    if (file == nullptr) file = std::make_shared<File>();
    return file;
}

Result<void> SimulatedDisk::write_at(File& file, std::uint64_t offset, BytesView content) {
    const auto noted = [&] {
        file.changes.push_back({.offset = offset, .content = to_bytes(content)});
        apply(file.content, file.changes.back());
    };
    if (dead_) return dead_disk();
    // A crash comes in the middle of the write: its fate is as open as that of those before it.
    const bool crashes =
        plan_ && plan_->after == 1 &&
        (plan_->kind == Trouble::Kind::PowerLoss || plan_->kind == Trouble::Kind::Kill);
    if (crashes) noted();
    TRY_VOID(operate());
    noted();
    return {};
}

Result<void> SimulatedDisk::truncate(File& file, std::uint64_t size) {
    TRY_VOID(operate());
    file.changes.push_back({.offset = size, .content = {}, .cuts = true});
    apply(file.content, file.changes.back());
    return {};
}

Result<void> SimulatedDisk::sync(File& file) {
    const auto done = operate();
    if (!done) {
        if (dead_) return done;
        // What a failed sync has let go of, the system holds for clean: no later one writes it.
        for (File::Change& change : file.changes)
            change.doomed = change.doomed || below(2) == 0;
        return done;
    }
    if (honesty_ == Honesty::Lying) return {};
    std::vector<File::Change> doomed;
    for (File::Change& change : file.changes) {
        if (change.doomed) {
            doomed.push_back(std::move(change));
        } else {
            apply(file.synced, change);
        }
    }
    file.changes = std::move(doomed);
    // Who syncs a new file syncs its directory, and that settles the removals in it.
    if (!std::exchange(file.linked, true)) removed_.clear();
    return {};
}

Result<void> SimulatedDisk::remove_file(const std::string& path, Lasting lasting) {
    TRY_VOID(operate());
    const auto found = files_.find(path);
    if (found == files_.end()) return fail(Code::not_found, "there is no such simulated file");
    if (lasting == Lasting::NotSynced && found->second->linked) {
        removed_.insert_or_assign(path, found->second);
    } else {
        removed_.erase(path);
    }
    files_.erase(found);
    return {};
}

bool SimulatedDisk::has(const std::filesystem::path& path) const {
    return files_.contains(path.string());
}

Result<void> SimulatedDisk::write(const std::filesystem::path& path, BytesView content) {
    // As SystemDisk does it: another file is written and synced, and takes the place of this one.
    TRY_VOID(operate());
    TRY_VOID(operate());
    // From the renaming until the directory is synced, either of the two may be what is left.
    auto done = operate();
    if (done) done = operate();
    if (!done && below(2) == 0) return done;
    auto file = std::make_shared<File>();
    file->content = to_bytes(content);
    file->synced = file->content;
    file->linked = true;
    files_.insert_or_assign(path.string(), std::move(file));
    if (done) removed_.clear();
    return done;
}

Result<BytesView> SimulatedDisk::content_of(const std::filesystem::path& path,
                                            std::size_t most) const {
    if (dead_) return dead_disk();
    const auto found = files_.find(path.string());
    if (found == files_.end()) return fail(Code::not_found, "there is no such simulated file");
    if (found->second->content.size() > most) {
        return fail(Code::too_large, "a simulated file is larger than it may be");
    }
    return BytesView(found->second->content);
}

Result<Secret> SimulatedDisk::read(const std::filesystem::path& path, std::size_t most) const {
    TRY(const BytesView content, content_of(path, most));
    return Secret::copy_of(content);
}

Result<Bytes> SimulatedDisk::read_bytes(const std::filesystem::path& path, std::size_t most) const {
    TRY(const BytesView content, content_of(path, most));
    return to_bytes(content);
}

void SimulatedDisk::remove(const std::filesystem::path& path) {
    static_cast<void>(remove_file(path.string(), Lasting::NotSynced).has_value());
}

// ---- the ends of machines -----------------------------------------------------------------

void SimulatedDisk::settle(File& file) {
    Bytes left = file.synced;
    for (const File::Change& change : file.changes) {
        const std::uint64_t fate = change.doomed ? 0 : below(3);
        if (fate == 0) continue;
        if (fate == 1 || change.cuts) {
            apply(left, change);
            continue;
        }
        for (const File::Change& part : sectors_of(change)) {
            if (below(2) == 0) apply(left, part);
        }
    }
    file.content = left;
    file.synced = std::move(left);
    file.changes.clear();
}

void SimulatedDisk::lose_power() {
    for (auto& [path, file] : removed_) {
        const auto there = files_.find(path);
        const bool back = there == files_.end() || !there->second->linked;
        if (back && below(2) == 0) files_.insert_or_assign(path, file);
    }
    removed_.clear();
    for (auto found = files_.begin(); found != files_.end();) {
        settle(*found->second);
        const bool gone = !found->second->linked && below(2) == 0;
        if (gone) {
            found = files_.erase(found);
        } else {
            found->second->linked = true;
            ++found;
        }
    }
}

void SimulatedDisk::crash(Ending ending) {
    if (dead_) return;
    dead_ = true;
    ++boot_;
    plan_.reset();
    if (ending == Ending::PowerLost) lose_power();
    if (on_crash_) on_crash_();
}

void SimulatedDisk::revive() {
    dead_ = false;
}

SimulatedDisk::Image SimulatedDisk::image() const {
    Image image;
    for (const auto& [path, file] : files_)
        image.emplace(path, file->content);
    return image;
}

void SimulatedDisk::restore(const Image& image) {
    files_.clear();
    removed_.clear();
    for (const auto& [path, content] : image) {
        auto file = std::make_shared<File>();
        file->content = content;
        file->synced = content;
        file->linked = true;
        files_.emplace(path, std::move(file));
    }
    dead_ = false;
}

}  // namespace cercle::store
