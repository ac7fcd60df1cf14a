// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/backup.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "base/slab.h"
#include "client/circle_policy.h"
#include "client/offices.h"
#include "client/relay_word.h"
#include "client/sight.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "crypto/argon2.h"
#include "crypto/hash.h"

namespace cercle::officer {
namespace {

constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
constexpr std::string_view backup_label = "Cercle 1 officer backup";
constexpr std::size_t key_size = 32;
// As of a vault's slot: a file that was tampered with may cost a second, not an hour.
constexpr std::uint32_t least_memory_kib = 32;
constexpr std::uint32_t most_memory_kib = 1024 * 1024;
constexpr std::uint32_t most_passes = 32;
// Of a file, but for its head and the keys.
constexpr std::size_t largest_rest = largest_backup - 2 * largest_backup_secrets;

enum class Part : std::uint8_t { Secrets = 1, Rest = 2 };

/// What both parts are bound to: everything in front of what is closed, and which part it is.
codec::Writer bound_to_head(const SealedBackup& file, Part part) {
    codec::Writer writer;
    writer.opaque(view_of(backup_label));
    writer.raw(file.mark);
    writer.number(file.version);
    writer.number(file.memory_kib);
    writer.number(file.passes);
    writer.raw(file.salt);
    writer.number(static_cast<std::uint8_t>(part));
    return writer;
}

Bytes secrets_bound_to(const SealedBackup& file) {
    return bound_to_head(file, Part::Secrets).take();
}

/// And to the keys that it was closed with: the rest of one backup is not that of another.
Bytes rest_bound_to(const SealedBackup& file) {
    auto writer = bound_to_head(file, Part::Rest);
    writer.raw(file.secrets_nonce);
    writer.raw(crypto::sha256(file.closed_secrets));
    return std::move(writer).take();
}

Secret key_of(const SealedBackup& file, const Secret& passphrase) {
    return crypto::argon2id(
        passphrase.reveal(), file.salt, {file.memory_kib, file.passes}, key_size);
}

protocol::Stamp stamp_of(WallTime at) {
    return {static_cast<std::uint64_t>(at.time_since_epoch().count())};
}

/// Before a secret is made for each: locked memory that is full ends the process.
Result<void> check_device_count(std::size_t count) {
    if (count <= most_kept_devices) return {};
    return fail(Code::too_large, "the circle has more devices than an officer's backup holds");
}

Result<void> collect_people(store::Transaction& transaction, Backup& backup) {
    TRY(auto members,
        (transaction.all<identity::MemberId, std::string, std::string, Bytes, std::string, Bytes>(
            "SELECT member, name, role, blind, sections, coalesce(picture, x'') FROM members"
            " LEFT JOIN pictures USING (member) ORDER BY member")));
    for (auto& [member, name, role, blind, sections, picture] : members) {
        const auto all = client::sight::sections_from(sections);
        backup.members.push_back({member,
                                  std::move(name),
                                  std::move(role),
                                  std::move(blind),
                                  {all.begin(), all.end()},
                                  std::move(picture)});
    }
    TRY(const auto count, transaction.one<std::int64_t>("SELECT count(*) FROM devices"));
    if (count) TRY_VOID(check_device_count(static_cast<std::size_t>(std::get<0>(*count))));
    TRY(auto devices,
        (transaction.all<identity::DeviceId,
                         identity::MemberId,
                         Bytes,
                         protocol::LogId,
                         Secret,
                         protocol::Stamp,
                         identity::InboxTurn,
                         std::optional<protocol::Stamp>>(
            "SELECT device, member, certificate, inbox, inbox_secret, added, inbox_turn, revoked"
            " FROM devices ORDER BY device")));
    for (auto& [device, member, certificate, inbox, secret, added, turn, revoked] : devices) {
        backup.devices.push_back(
            {{device, member, std::move(certificate), inbox, std::move(secret), added},
             turn,
             revoked});
    }
    return {};
}

/// Each is signed, whichever way it came here: a page's are not one by one.
Result<void> collect_revocations(store::Transaction& transaction,
                                 const identity::Authority& authority,
                                 Backup& backup) {
    TRY(const auto revocations,
        (transaction.all<identity::RevocationNumber,
                         identity::DeviceId,
                         identity::MemberId,
                         protocol::Stamp>(
            "SELECT number, device, member, at FROM revocations ORDER BY number")));
    for (const auto& [number, device, member, at] : revocations) {
        backup.revocations.push_back(identity::sign_revocation(
            {identity::revocation_version, number, device, member, at}, authority));
    }
    return {};
}

Result<void> collect_directory(client::Core& core,
                               store::Transaction& transaction,
                               const identity::Authority& authority,
                               Backup& backup) {
    TRY_VOID(collect_people(transaction, backup));
    TRY(backup.sights, client::sight::all(core.database));
    TRY(backup.policy, client::circle_policy::newest(transaction));
    TRY_VOID(collect_revocations(transaction, authority, backup));
    TRY(auto growth, client::transparency::growth_from(transaction, {0}));
    backup.leaves = std::move(growth.leaves);
    return {};
}

Result<void> collect_register(store::Database& database,
                              store::Transaction& transaction,
                              Backup& backup,
                              WallTime now) {
    TRY(backup.journal, read_journal(database));
    TRY(auto orders, transaction.all<Bytes>("SELECT signed_order FROM orders ORDER BY number"));
    for (auto& [order] : orders)
        backup.orders.push_back(std::move(order));
    TRY(auto invitations,
        (transaction.all<protocol::ExchangeId, std::string>(
            "SELECT exchange, name FROM invitations WHERE expires > ?1 AND stage NOT IN (?2, ?3,"
            " ?4) ORDER BY exchange",
            now,
            InvitationStage::Done,
            InvitationStage::Burnt,
            InvitationStage::Refused)));
    for (auto& [exchange, name] : invitations)
        backup.invitations.push_back({exchange, std::move(name)});
    return {};
}

Result<Secret> encoded_secrets(const Backup& backup) {
    BackupSecrets secrets{backup.root_secret.copy(),
                          backup.officer_key.copy(),
                          Secret(backup.devices.size() * inbox_secret_size)};
    auto left = secrets.inbox_secrets.expose();
    for (const KeptDevice& one : backup.devices) {
        const Secret& secret = one.device.inbox_secret;
        if (secret.size() != inbox_secret_size) {
            return fail(Code::store_corrupt, "an inbox's secret is not of its size");
        }
        std::ranges::copy(secret.reveal(), left.begin());
        left = left.subspan(inbox_secret_size);
    }
    return codec::encode_secret(secrets);
}

/// As a BackupRest, without a copy of all records. Errors: too_large.
Result<Bytes> encoded_rest(const Backup& backup) {
    const BackupRecords& records = backup;
    std::vector<ListedDevice> devices;
    for (const auto& [device, turn, revoked] : backup.devices) {
        devices.push_back({device.device,
                           device.member,
                           device.certificate,
                           device.inbox,
                           device.added,
                           turn,
                           revoked});
    }
    const std::size_t size = codec::encoded_size(records) + codec::encoded_size(devices);
    if (size > largest_rest) {
        return fail(Code::too_large, "the officer's backup would be larger than it may be");
    }
    auto writer = codec::Writer::with_room(size);
    codec::write(writer, records);
    codec::write(writer, devices);
    return std::move(writer).take();
}

std::unexpected<Error> locked() {
    return fail(Code::backup_locked,
                "the passphrase does not open this backup, or the file was changed");
}

std::unexpected<Error> unreadable() {
    return fail(Code::malformed, "what is in the backup is none of this program's");
}

Result<BackupSecrets> open_secrets(const SealedBackup& file, const Secret& key) {
    if (file.closed_secrets.size() > largest_backup_secrets) {
        return fail(Code::too_large, "the backup has more keys than this program can hold");
    }
    const auto opened = crypto::aead_decrypt_secret(
        algorithm, key.reveal(), file.secrets_nonce, secrets_bound_to(file), file.closed_secrets);
    if (!opened) return locked();
    auto secrets = codec::decode<BackupSecrets>(opened->reveal());
    if (!secrets) return unreadable();
    return secrets;
}

Result<BackupRest> open_rest(SealedBackup& file, const Secret& key) {
    const Bytes bound = rest_bound_to(file);
    auto opened = crypto::aead_decrypt_in_place(
        algorithm, key.reveal(), file.rest_nonce, bound, std::move(file.closed_rest));
    if (!opened) return locked();
    auto rest = codec::decode<BackupRest>(*opened);
    wipe(opened->data(), opened->size());
    if (!rest) return unreadable();
    return rest;
}

/// To each device the secret of its inbox.
Result<Backup> joined(BackupRest rest, BackupSecrets secrets) {
    BytesView left = secrets.inbox_secrets.reveal();
    if (left.size() != rest.devices.size() * inbox_secret_size) return unreadable();
    Backup backup;
    static_cast<BackupRecords&>(backup) = std::move(rest.records);
    backup.root_secret = std::move(secrets.root_secret);
    backup.officer_key = std::move(secrets.officer_key);
    for (ListedDevice& one : rest.devices) {
        backup.devices.push_back({{one.device,
                                   one.member,
                                   std::move(one.certificate),
                                   one.inbox,
                                   Secret::copy_of(left.first(inbox_secret_size)),
                                   one.added},
                                  one.turn,
                                  one.revoked});
        left = left.subspan(inbox_secret_size);
    }
    return backup;
}

/// That the file says of one circle, and that its journal holds.
Result<void> check(const Backup& backup) {
    TRY(const auto authority, identity::Authority::from(backup.root, backup.root_secret.reveal()));
    TRY_VOID(identity::check_revocations(backup.revocations, authority.root()));
    if (backup.policy) TRY_VOID(identity::verify_policy(*backup.policy, authority.root()));
    const auto fault = verify_journal(authority.root(), backup.journal, std::nullopt);
    if (fault) return std::unexpected(fault->error);
    const bool known = backup.how == identity::Succession::Restored ||
                       backup.how == identity::Succession::HandedOver;
    if (!known) return fail(Code::malformed, "an officer's backup for something unknown");
    return {};
}

}  // namespace

Result<Backup> collect_backup(client::Core& core,
                              store::Transaction& transaction,
                              const AuthorityRow& authority) {
    Backup backup;
    const WallTime now = core.world.clock.wall();
    backup.made = stamp_of(now);
    backup.successor = core.self.member;
    backup.machine = core.self.device;
    TRY(const auto office, client::offices::newest(core.database));
    if (office) backup.office = office->number;
    backup.circle_name = authority.circle_name;
    backup.relay = core.self.relay;
    backup.relay_key = core.self.relay_key;
    TRY(backup.relay_word, client::relay_word::last(core.database));
    backup.suite = core.self.suite;
    TRY(const auto page, transaction.one<identity::PageNumber>("SELECT page FROM self"));
    if (!page) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
    backup.page = std::get<0>(*page);
    backup.root = authority.authority.root().certificate().der;
    backup.root_secret = authority.authority.secret();
    backup.officer_key = authority.officer_key.secret().copy();
    TRY_VOID(collect_directory(core, transaction, authority.authority, backup));
    TRY_VOID(collect_register(core.database, transaction, backup, now));
    return backup;
}

Result<Bytes> seal_backup(const Backup& backup,
                          const Secret& passphrase,
                          crypto::Argon2Cost cost,
                          Random& random) {
    if (passphrase.empty()) {
        return fail(Code::backup_locked, "the officer's backup needs a passphrase of its own");
    }
    TRY_VOID(check_device_count(backup.devices.size()));
    TRY(const Secret secrets, encoded_secrets(backup));
    TRY(Bytes rest, encoded_rest(backup));
    SealedBackup file;
    file.memory_kib = cost.memory_kib;
    file.passes = cost.passes;
    random.fill(file.salt);
    random.fill(file.secrets_nonce);
    random.fill(file.rest_nonce);
    const Secret key = key_of(file, passphrase);
    file.closed_secrets = crypto::aead_encrypt(
        algorithm, key.reveal(), file.secrets_nonce, secrets_bound_to(file), secrets.reveal());
    file.closed_rest =
        crypto::aead_encrypt(algorithm, key.reveal(), file.rest_nonce, rest_bound_to(file), rest);
    wipe(rest.data(), rest.size());
    return codec::encode(file);
}

Result<Backup> open_backup(BytesView sealed, const Secret& passphrase) {
    auto file = codec::decode<SealedBackup>(sealed);
    if (!file || file->mark != backup_mark) {
        return fail(Code::malformed, "this file is no officer's backup, or was cut off");
    }
    if (file->version != backup_version) {
        return fail(Code::unsupported, "the backup is of a later version than this program");
    }
    const bool cost_fits = file->memory_kib >= least_memory_kib &&
                           file->memory_kib <= most_memory_kib && file->passes >= 1 &&
                           file->passes <= most_passes;
    if (!cost_fits) return fail(Code::malformed, "the backup's file is damaged");
    const Secret key = key_of(*file, passphrase);
    TRY(auto secrets, open_secrets(*file, key));
    TRY(auto rest, open_rest(*file, key));
    if (rest.records.version != backup_version) {
        return fail(Code::unsupported, "the backup is of a later version than this program");
    }
    TRY(auto backup, joined(std::move(rest), std::move(secrets)));
    TRY_VOID(check(backup));
    return backup;
}

}  // namespace cercle::officer
