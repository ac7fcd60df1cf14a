// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Journal: what the officer has done, act by act (docs/spec/journal.md). Each entry is numbered,
// carries the hash of the one before and is signed by the circle's root key; it is written in the
// transaction of the act that it tells of, so that there is no act without it, nor it without the
// act.
//
// Who has the vault's passphrase has the root key, too, and could write the whole journal anew.
// Against him stands a head that was noted elsewhere: whatever the journal is later, it has to
// lead through it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "identity/passport.h"
#include "protocol/words.h"
#include "store/transaction.h"

namespace cercle::officer {

inline constexpr std::uint8_t journal_version = 1;

enum class Act : std::uint8_t {
    Found = 1,
    Invite = 2,
    Request = 3,  // somebody came with an attended invitation, and waits
    Approve = 4,
    Refuse = 5,
    Burn = 6,  // an invitation was withdrawn, since something was wrong with who came
    Certify = 7,
    Renew = 8,
    Lost = 9,
    Rotate = 10,
    HandOver = 11,
    Backup = 12,
    Restore = 13,
    Policy = 14,
    Section = 20,  // a member is in other sections than before
    Sight = 21,    // who sees whom by a rule is otherwise than before
    Picture = 22,  // a member has another picture than before, or none
};

/// As people and scripts read it; "other" for what a later build has written.
[[nodiscard]] std::string_view name_of(Act act);

/// What is entered: the act, and whom or what it was about.
struct Deed {
    Act act;
    std::optional<protocol::ExchangeId> invitation{};
    std::optional<identity::MemberId> member{};
    std::optional<identity::DeviceId> device{};
    std::string name{};  // as the officer calls whom it was about; may be empty
};

using EntryNumber = Number<struct JournalEntryTag, std::uint64_t>;
using EntryHash = std::array<std::uint8_t, 32>;

struct JournalEntry {
    std::uint8_t version = journal_version;
    EntryNumber number;  // from 1, without a gap
    protocol::Stamp at;
    Act act{};
    std::optional<protocol::ExchangeId> invitation;
    std::optional<identity::MemberId> member;
    std::optional<identity::DeviceId> device;
    std::string name;
    EntryHash before{};  // zeros in the first

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.number,
                        self.at,
                        self.act,
                        self.invitation,
                        self.member,
                        self.device,
                        self.name,
                        self.before);
    }
};

/// As the vault keeps it.
struct SignedEntry {
    Bytes entry;
    identity::RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.entry, self.signature); }

    /// What the next entry names, and a head.
    [[nodiscard]] EntryHash hash() const;
};

/// Where a journal stands: its last entry.
struct JournalHead {
    EntryNumber number;
    EntryHash hash{};

    /// "12:" and 64 hexadecimal digits.
    [[nodiscard]] std::string text() const;
    /// Errors: invalid_argument.
    [[nodiscard]] static Result<JournalHead> parse(std::string_view text);
    auto operator<=>(const JournalHead&) const = default;
};

/// Writes the next entry, in the transaction of the act. A clock that was set back does not take
/// the journal back: the entry then has the time of the one before. Errors: those of the disk.
[[nodiscard]] Result<void> enter_in_journal(store::Transaction& transaction,
                                            const identity::Authority& authority,
                                            WallTime now,
                                            const Deed& deed);

/// Makes the table where it is missing.
[[nodiscard]] Result<void> prepare_journal(store::Transaction& transaction);

/// All of it, in order, as it lies in the vault, whether it holds or not.
[[nodiscard]] Result<std::vector<SignedEntry>> read_journal(store::Database& database);

/// The first entry that does not hold, counted from 1 as they lie there, and why.
struct JournalFault {
    std::size_t place = 0;
    Error error;
};

/// Whether every entry is the one that was signed, in its place and not dated before the one
/// before it, and whether the journal leads through a noted head. Its faults: forged,
/// malformed, unsupported, journal_cut (an entry is missing, before another one or before the
/// noted head), journal_changed (it is another one than the next entry, or the noted head, says),
/// journal_backdated.
[[nodiscard]] std::optional<JournalFault> verify_journal(const identity::Root& root,
                                                         const std::vector<SignedEntry>& journal,
                                                         const std::optional<JournalHead>& noted);

}  // namespace cercle::officer
