// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The data directory: mode 0700, owned by one process at a time.
//
//     lock         held while a process uses the directory
//     relay.db     the store of logs (docs/spec/relay-store.md), with relay.db-wal beside it
//     shares.db    unlock shares (docs/spec/unlock-share.md), with shares.db-wal; in no backup
//     relay.key    the server's private key, mode 0600
//     incarnation  after a restore: which relay it was before, signed
//     control      while it serves: the socket at which other commands ask it
//     snapshot.db  while a backup is made
//
// The database is made first and the key last, so that a directory with a key is complete, and
// one without has never served anybody.

#include <filesystem>
#include <memory>
#include <optional>

#include "net/server_identity.h"
#include "protocol/incarnation.h"
#include "relay/log.h"
#include "store/private_file.h"

namespace cercle::relayd {

/// Where the unlock shares' anchor is: a file outside of the data directory, if there is one.
using AnchorPath = std::optional<std::filesystem::path>;

struct DataDirectory {
    std::filesystem::path path;
    store::DirectoryLock lock;
    net::ServerIdentity identity;
    std::unique_ptr<relay::LogStore> logs;
    /// From which life it was restored, if it was.
    std::optional<protocol::IncarnationStatement> restored{};
};

enum class Condition : std::uint8_t { Missing, Empty, Unfinished, Complete, Foreign };

/// Errors: permissions, disk_fault.
[[nodiscard]] Result<Condition> condition_of(const std::filesystem::path& path);

/// Makes a new one where nothing is, or finishes one whose making was interrupted.
/// Errors: already_exists, busy, invalid_argument (an anchor inside of it), and those of the disk.
[[nodiscard]] Result<DataDirectory> make_data_directory(const std::filesystem::path& path,
                                                        const AnchorPath& anchor = {});

/// Errors: not_found, busy, permissions, store_corrupt, invalid_argument (an anchor inside of it),
/// and those of the disk.
[[nodiscard]] Result<DataDirectory> open_data_directory(const std::filesystem::path& path,
                                                        const AnchorPath& anchor = {});

/// Locks one that is missing or empty, for a restore. Errors: already_exists, busy, and those of
/// the disk.
[[nodiscard]] Result<store::DirectoryLock> lock_bare_directory(const std::filesystem::path& path);

/// Removes what a restore that failed has left in one that was bare.
void empty_bare_directory(const std::filesystem::path& path);

}  // namespace cercle::relayd
