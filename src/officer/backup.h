// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Backup: all that an officer's machine is, in one file sealed under a passphrase of its own
// (docs/spec/officer-backup.md). What another machine goes on from: the root's key, the register,
// the journal. No ratchet, no message and no device key is in it: the other machine is another
// device.

#include <array>
#include <cstdint>
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
        return std::tie(
            self.member, self.name, self.role, self.blind, self.sections, self.picture);
    }
};

struct KeptDevice {
    identity::DirectoryDevice device;
    identity::InboxTurn turn;
    std::optional<protocol::Stamp> revoked;

    auto fields(this auto& self) { return std::tie(self.device, self.turn, self.revoked); }
};

struct Backup {
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
    Secret root_secret;
    Secret officer_key;
    std::vector<KeptMember> members;
    std::vector<KeptDevice> devices;
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
                        self.root_secret,
                        self.officer_key,
                        self.members,
                        self.devices,
                        self.sights,
                        self.policy,
                        self.revocations,
                        self.leaves,
                        self.journal,
                        self.orders,
                        self.invitations);
    }
};

/// The file.
struct SealedBackup {
    std::array<std::uint8_t, 8> mark = backup_mark;
    std::uint8_t version = backup_version;
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
    Bytes closed;

    auto fields(this auto& self) {
        return std::tie(self.mark,
                        self.version,
                        self.memory_kib,
                        self.passes,
                        self.salt,
                        self.nonce,
                        self.closed);
    }
};

/// As the vault has it, in the caller's transaction. Errors: those of the disk.
[[nodiscard]] Result<Backup> collect_backup(client::Core& core,
                                            store::Transaction& transaction,
                                            const AuthorityRow& authority);

/// Errors: backup_locked (an empty passphrase).
[[nodiscard]] Result<Bytes> seal_backup(const Backup& backup,
                                        const Secret& passphrase,
                                        crypto::Argon2Cost cost,
                                        Random& random);

/// Errors: malformed (not an officer's backup), unsupported, backup_locked (another passphrase, or
/// the file was changed), and of what is in it: forged, certificate_*, store_corrupt, journal_*.
[[nodiscard]] Result<Backup> open_backup(BytesView sealed, const Secret& passphrase);

}  // namespace cercle::officer
