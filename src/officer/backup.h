// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Backup: all that an officer's machine is, in one file sealed under a passphrase of its own
// (docs/spec/officer-backup.md). What another machine goes on from: the root's key, the register,
// the journal. No ratchet, no message and no device key is in it: the other machine is another
// device.
//
// Two parts: the keys, which are few and never leave locked memory, and everything else, which
// grows with the circle and its years and would not fit into it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "client/core.h"
#include "crypto/aead.h"
#include "identity/office.h"
#include "officer/journal.h"
#include "officer/register.h"

namespace cercle::officer {

inline constexpr std::uint8_t backup_version = 1;
/// Of a file: more than any circle's.
inline constexpr std::size_t largest_backup = std::size_t{256} << 20U;
/// Of the part with the keys: what locked memory always has room for.
inline constexpr std::size_t largest_backup_secrets = std::size_t{512} << 10U;
inline constexpr std::size_t inbox_secret_size = 32;
inline constexpr std::size_t most_kept_devices = 16'000;
static_assert(most_kept_devices * inbox_secret_size + 1024 <= largest_backup_secrets);
/// What a sealed file begins with.
inline constexpr std::array<std::uint8_t, 8> backup_mark{'C', 'E', 'R', 'C', 'L', 'E', 'O', 'B'};

/// An invitation that was out. Nobody is admitted by it any more.
struct KeptInvitation {
    protocol::ExchangeId exchange;
    std::string name;

    auto fields(this auto& self) { return std::tie(self.exchange, self.name); }
};

struct KeptMember {
    identity::MemberId member;
    std::string name;
    std::string role;
    Bytes blind;
    std::vector<std::string> sections;
    Bytes picture{};  // empty: none

    auto fields(this auto& self) {
        return std::tie(self.member, self.name, self.role, self.blind, self.sections, self.picture);
    }
};

struct KeptDevice {
    identity::DirectoryDevice device;
    identity::InboxTurn turn;
    std::optional<protocol::Stamp> revoked;
};

/// All but keys, and but devices, which have one each.
struct BackupRecords {
    std::uint8_t version = backup_version;
    protocol::Stamp made;
    /// Whose office it is that goes on: the officer's own, or, when he hands it over, the
    /// successor's.
    identity::Succession how = identity::Succession::Restored;
    identity::MemberId successor;
    identity::DeviceId machine;  // on which it was made
    identity::OfficeNumber office;
    std::string circle_name;
    std::string relay;  // HOST:PORT
    identity::RelayFingerprint relay_key;
    std::optional<Bytes> relay_word;  // the officer's last on that key
    identity::GroupSuite suite;
    identity::PageNumber page;
    Bytes root;
    std::vector<KeptMember> members;
    std::vector<identity::Sight> sights;
    std::optional<identity::SignedPolicy> policy;  // the newest
    std::vector<identity::SignedRevocation> revocations;
    std::vector<identity::TransparencyLeaf> leaves;
    std::vector<SignedEntry> journal;
    std::vector<Bytes> orders;  // all, from the first
    std::vector<KeptInvitation> invitations;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.made,
                        self.how,
                        self.successor,
                        self.machine,
                        self.office,
                        self.circle_name,
                        self.relay,
                        self.relay_key,
                        self.relay_word,
                        self.suite,
                        self.page,
                        self.root,
                        self.members,
                        self.sights,
                        self.policy,
                        self.revocations,
                        self.leaves,
                        self.journal,
                        self.orders,
                        self.invitations);
    }
};

struct Backup : BackupRecords {
    Secret root_secret;
    Secret officer_key;
    std::vector<KeptDevice> devices;

    /// It is not encoded as a whole, and surely not without its keys.
    void fields() const = delete;
};

/// A device without its inbox's secret.
struct ListedDevice {
    identity::DeviceId device;
    identity::MemberId member;
    Bytes certificate;
    protocol::LogId inbox;
    protocol::Stamp added;
    identity::InboxTurn turn;
    std::optional<protocol::Stamp> revoked;

    auto fields(this auto& self) {
        return std::tie(self.device,
                        self.member,
                        self.certificate,
                        self.inbox,
                        self.added,
                        self.turn,
                        self.revoked);
    }
};

/// The part in ordinary memory.
struct BackupRest {
    BackupRecords records;
    std::vector<ListedDevice> devices;

    auto fields(this auto& self) { return std::tie(self.records, self.devices); }
};

/// The part in locked memory.
struct BackupSecrets {
    Secret root_secret;
    Secret officer_key;
    Secret inbox_secrets;  // one after the other, as the rest lists the devices

    auto fields(this auto& self) {
        return std::tie(self.root_secret, self.officer_key, self.inbox_secrets);
    }
};

/// The file.
struct SealedBackup {
    std::array<std::uint8_t, 8> mark = backup_mark;
    std::uint8_t version = backup_version;
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, crypto::aead_nonce_size> secrets_nonce{};
    Bytes closed_secrets;
    std::array<std::uint8_t, crypto::aead_nonce_size> rest_nonce{};
    Bytes closed_rest;

    auto fields(this auto& self) {
        return std::tie(self.mark,
                        self.version,
                        self.memory_kib,
                        self.passes,
                        self.salt,
                        self.secrets_nonce,
                        self.closed_secrets,
                        self.rest_nonce,
                        self.closed_rest);
    }
};

/// As the vault has it, in the caller's transaction. Errors: too_large (more devices than a backup
/// holds), those of the disk.
[[nodiscard]] Result<Backup> collect_backup(client::Core& core,
                                            store::Transaction& transaction,
                                            const AuthorityRow& authority);

/// Errors: backup_locked (an empty passphrase), too_large (it could not be opened again),
/// store_corrupt (an inbox's secret is not of its size).
[[nodiscard]] Result<Bytes> seal_backup(const Backup& backup,
                                        const Secret& passphrase,
                                        crypto::Argon2Cost cost,
                                        Random& random);

/// Errors: malformed (not an officer's backup), unsupported, too_large, backup_locked (another
/// passphrase, or the file was changed), and of what is in it: forged, certificate_*,
/// store_corrupt, journal_*.
[[nodiscard]] Result<Backup> open_backup(BytesView sealed, const Secret& passphrase);

}  // namespace cercle::officer
