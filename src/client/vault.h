// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Vault: everything a device keeps, in one encrypted file (docs/spec/vault.md).
//
// `vault.db` is SQLCipher under a random key; `vault.slot` holds that key, encrypted under
// Argon2id of the passphrase. Neither opens without the passphrase, and nothing else lies
// beside them. State and what it sends are stored in one transaction: who has the database
// after a crash has both or neither.

#include <cstdint>
#include <filesystem>

#include "client/world.h"
#include "store/database.h"
#include "store/transaction.h"

namespace cercle::client {

inline constexpr std::uint8_t vault_version = 1;

/// Makes a new vault in a home without one. Errors: home_taken, permissions, disk_*,
/// invalid_argument (an empty passphrase).
[[nodiscard]] Result<store::Database> make_vault(const World& world,
                                                 const std::filesystem::path& home,
                                                 const Secret& passphrase);

/// Errors: home_missing, vault_locked (the passphrase is wrong), store_corrupt, permissions,
/// unsupported (also a circle with one key alone: nothing is changed), disk_*.
[[nodiscard]] Result<store::Database> open_vault(const World& world,
                                                 const std::filesystem::path& home,
                                                 const Secret& passphrase);

[[nodiscard]] bool has_vault(const store::Disk& disk, const std::filesystem::path& home);

/// Nothing is left of it, as if it had never been made.
void remove_vault(const World& world, const std::filesystem::path& home);

/// Whether that is the vault's passphrase; the database is not touched. Errors: as open_vault.
[[nodiscard]] Result<void> try_passphrase(const store::Disk& disk,
                                          const std::filesystem::path& home,
                                          const Secret& passphrase);

}  // namespace cercle::client
