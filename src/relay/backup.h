// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Backups: a directory with all that it takes to serve a circle again elsewhere
// (docs/spec/relay-store.md). It holds the relay's private key: who has it is the relay.
//
//     begin_copy --> a copy of the store --complete_backup--> backup --restore--> data directory

#include <filesystem>

#include "base/random.h"
#include "net/server_identity.h"
#include "relay/backup_list.h"
#include "relay/verify.h"

namespace cercle::relay {

/// Makes `target` (which is missing or empty) a backup out of a finished copy of the store and the
/// small files of `data`. The copy is read from end to end before the list is written, last: a
/// directory without one is no backup.
/// Errors: already_exists, store_corrupt, permissions, and those of the disk.
[[nodiscard]] Result<Verified> complete_backup(const std::filesystem::path& store_copy,
                                               const std::filesystem::path& data,
                                               const std::filesystem::path& target);

/// The list, if every file is there and holds what it says. Errors: not_found (no backup),
/// malformed, unsupported, store_corrupt (another content), permissions, disk_fault.
[[nodiscard]] Result<BackupList> check_backup(const std::filesystem::path& backup);

struct Restored {
    protocol::Incarnation before;
    protocol::Incarnation now;
    Verified verified;
    net::RelayKey key;
};

/// Makes `data` (a private directory with nothing but its lock in it, which the caller holds) the
/// data directory of a relay that goes on where the backup is, as a new incarnation. Everything is
/// read from end to end before the key is written, last: until then the directory serves nobody.
/// Errors: as check_backup, invalid_key, and those of the disk.
[[nodiscard]] Result<Restored> restore_backup(const std::filesystem::path& backup,
                                              const std::filesystem::path& data,
                                              protocol::Stamp now,
                                              Random& random);

}  // namespace cercle::relay
