// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/vault.h"

#include <array>
#include <cstdint>
#include <tuple>

#include "client/schema.h"
#include "client/slot.h"
#include "codec/tls.h"
#include "crypto/aead.h"
#include "identity/passport.h"

namespace cercle::client {
namespace {

constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
constexpr std::size_t largest_slot = 1024;
// A slot that was tampered with may cost a second, not an hour.
constexpr std::uint32_t least_memory_kib = 32;  // Argon2 with its four lanes knows no less
constexpr std::uint32_t most_memory_kib = 1024 * 1024;
constexpr std::uint32_t most_passes = 32;

std::filesystem::path slot_path(const std::filesystem::path& home) {
    return home / "vault.slot";
}

store::Place database_place(const World& world, const std::filesystem::path& home) {
    return world.disk.place(home / "vault.db");
}

void remove_database(const World& world, const std::filesystem::path& home) {
    for (const char* name : {"vault.db", "vault.db-wal", "vault.db-shm"})
        world.disk.remove(home / name);
}

Secret slot_key(const Slot& slot, const Secret& passphrase) {
    return crypto::argon2id(
        passphrase.reveal(), slot.salt, {slot.memory_kib, slot.passes}, store::key_size);
}

Result<Slot> read_slot(const store::Disk& disk, const std::filesystem::path& home) {
    TRY(const Secret bytes, disk.read(slot_path(home), largest_slot));
    auto slot = codec::decode<Slot>(bytes.reveal());
    if (!slot) return fail(Code::store_corrupt, "the vault's slot file is damaged");
    if (slot->version != vault_version) {
        return fail(Code::unsupported, "the vault is of a later version than this program");
    }
    const bool cost_fits = slot->memory_kib >= least_memory_kib &&
                           slot->memory_kib <= most_memory_kib && slot->passes >= 1 &&
                           slot->passes <= most_passes;
    if (!cost_fits) return fail(Code::store_corrupt, "the vault's slot file is damaged");
    return slot;
}

/// The vault's key.
Result<Secret> unlock(const store::Disk& disk,
                      const std::filesystem::path& home,
                      const Secret& passphrase) {
    if (!has_vault(disk, home)) {
        return fail(Code::home_missing, "no device lives in this home; join with an invitation");
    }
    TRY(const Slot slot, read_slot(disk, home));
    auto key = crypto::aead_decrypt_secret(
        algorithm, slot_key(slot, passphrase).reveal(), slot.nonce, slot.salt, slot.wrapped);
    if (!key) return fail(Code::vault_locked, "the passphrase does not open this vault");
    return *std::move(key);
}

/// A home of a circle that this version cannot be used with is left as it is. Errors: those of
/// Root::from, and the disk's.
Result<void> check_circle(store::Database& database) {
    TRY(const auto version, database.one<std::uint32_t>("PRAGMA user_version"));
    const bool has_tables =
        version && std::get<0>(*version) > 0 && std::get<0>(*version) <= schema_steps().size();
    if (!has_tables) return {};
    TRY(const auto row, database.one<Bytes>("SELECT root FROM self"));
    if (row) TRY_VOID(identity::Root::from(std::get<0>(*row)));
    return {};
}

Result<store::Database> prepare(Result<store::Database> opened) {
    TRY(store::Database database, std::move(opened));
    TRY_VOID(check_circle(database));
    TRY_VOID(database.migrate(schema_steps()));
    return database;
}

}  // namespace

bool has_vault(const store::Disk& disk, const std::filesystem::path& home) {
    return disk.has(slot_path(home));
}

void remove_vault(const World& world, const std::filesystem::path& home) {
    world.disk.remove(slot_path(home));
    remove_database(world, home);
}

Result<store::Database> make_vault(const World& world,
                                   const std::filesystem::path& home,
                                   const Secret& passphrase) {
    if (passphrase.empty()) return fail(Code::vault_locked, "a vault needs a passphrase");
    if (has_vault(world.disk, home)) {
        return fail(Code::home_taken, "a device lives in this home already");
    }
    // A database without a slot was never finished: nobody has its key.
    remove_database(world, home);
    Secret key(store::key_size);
    world.random.fill(key.expose());
    TRY(store::Database database, prepare(store::Database::open(database_place(world, home), key)));

    Slot slot;
    slot.memory_kib = world.vault_cost.memory_kib;
    slot.passes = world.vault_cost.passes;
    world.random.fill(slot.salt);
    world.random.fill(slot.nonce);
    slot.wrapped = crypto::aead_encrypt(
        algorithm, slot_key(slot, passphrase).reveal(), slot.nonce, slot.salt, key.reveal());
    TRY_VOID(world.disk.write(slot_path(home), codec::encode(slot)));
    return database;
}

Result<store::Database> open_vault(const World& world,
                                   const std::filesystem::path& home,
                                   const Secret& passphrase) {
    TRY(const Secret key, unlock(world.disk, home, passphrase));
    return prepare(store::Database::open(database_place(world, home), key));
}

Result<void> try_passphrase(const store::Disk& disk,
                            const std::filesystem::path& home,
                            const Secret& passphrase) {
    TRY_VOID(unlock(disk, home, passphrase));
    return {};
}

}  // namespace cercle::client
