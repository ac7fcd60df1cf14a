// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/journal.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "codec/tls.h"
#include "crypto/hash.h"

namespace cercle::officer {
namespace {

constexpr std::string_view entry_label = "Cercle 1 journal";
constexpr std::string_view hash_label = "Cercle 1 journal entry";

std::unexpected<Error> cut() {
    return fail(Code::journal_cut, "entries of the journal are missing");
}

std::unexpected<Error> changed() {
    return fail(Code::journal_changed, "an entry of the journal is another one than it was");
}

/// What is known of an entry's place in the chain from those before it.
struct Expected {
    EntryNumber number{1};
    EntryHash before{};
    protocol::Stamp not_before{};
};

/// As it lies in the vault. What is no signature there is one that does not hold.
SignedEntry entry_of(Bytes entry, BytesView signature) {
    const auto both = codec::decode<identity::RootSignature>(signature);
    return {std::move(entry), both ? *both : identity::RootSignature{}};
}

Result<JournalEntry> judge(const identity::Root& root,
                           const SignedEntry& one,
                           const Expected& expected) {
    TRY_VOID(root.verify(entry_label, one.entry, one.signature));
    TRY(auto entry, codec::decode<JournalEntry>(one.entry));
    if (entry.version != journal_version) {
        return fail(Code::unsupported, "an entry of the journal of another version");
    }
    if (entry.number != expected.number) return cut();
    if (entry.before != expected.before) return changed();
    if (entry.at < expected.not_before) {
        return fail(Code::journal_backdated, "an entry is dated before the one before it");
    }
    return entry;
}

}  // namespace

std::string_view name_of(Act act) {
    switch (act) {
        case Act::Found:
            return "found";
        case Act::Invite:
            return "invite";
        case Act::Request:
            return "request";
        case Act::Approve:
            return "approve";
        case Act::Refuse:
            return "refuse";
        case Act::Burn:
            return "burn";
        case Act::Certify:
            return "certify";
        case Act::Renew:
            return "renew";
        case Act::Lost:
            return "lost";
        case Act::Rotate:
            return "rotate";
        case Act::HandOver:
            return "hand-over";
        case Act::Backup:
            return "backup";
        case Act::Restore:
            return "restore";
        case Act::Policy:
            return "policy";
        case Act::Section:
            return "section";
        case Act::Sight:
            return "sight";
        case Act::Picture:
            return "picture";
    }
    return "other";
}

EntryHash SignedEntry::hash() const {
    return crypto::sha256({view_of(hash_label), codec::encode(*this)});
}

std::string JournalHead::text() const {
    return std::to_string(number.value) + ":" + Id<struct HeadTag, 32>{hash}.hex();
}

Result<JournalHead> JournalHead::parse(std::string_view text) {
    JournalHead head;
    const auto colon = text.find(':');
    const auto digits = text.substr(0, colon);
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), head.number.value);
    const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    std::optional<Id<struct HeadTag, 32>> hash;
    if (colon != std::string_view::npos) {
        hash = Id<struct HeadTag, 32>::from_hex(text.substr(colon + 1));
    }
    if (!whole || head.number.value == 0 || !hash) {
        return fail(Code::invalid_argument,
                    "a head is a number, a colon and 64 hexadecimal digits, as journal prints it");
    }
    head.hash = hash->bytes;
    return head;
}

Result<void> prepare_journal(store::Transaction& transaction) {
    return transaction.run(
        "CREATE TABLE IF NOT EXISTS journal ("
        "  number INTEGER PRIMARY KEY, entry BLOB NOT NULL, signature BLOB NOT NULL) STRICT");
}

Result<void> enter_in_journal(store::Transaction& transaction,
                              const identity::Authority& authority,
                              WallTime now,
                              const Deed& deed) {
    TRY(const auto last,
        (transaction.one<Bytes, Bytes>(
            "SELECT entry, signature FROM journal ORDER BY number DESC LIMIT 1")));
    JournalEntry entry;
    entry.number = {1};
    entry.at = {static_cast<std::uint64_t>(now.time_since_epoch().count())};
    if (last) {
        const SignedEntry before = entry_of(std::get<0>(*last), std::get<1>(*last));
        TRY(const auto said, codec::decode<JournalEntry>(before.entry));
        entry.number = said.number.next();
        entry.at = std::max(entry.at, said.at);
        entry.before = before.hash();
    }
    entry.act = deed.act;
    entry.invitation = deed.invitation;
    entry.member = deed.member;
    entry.device = deed.device;
    entry.name = deed.name;
    const Bytes encoded = codec::encode(entry);
    return transaction.run("INSERT INTO journal (number, entry, signature) VALUES (?1, ?2, ?3)",
                           entry.number,
                           encoded,
                           codec::encode(authority.sign(entry_label, encoded)));
}

Result<std::vector<SignedEntry>> read_journal(store::Database& database) {
    TRY(auto rows,
        (database.all<Bytes, Bytes>("SELECT entry, signature FROM journal ORDER BY number")));
    std::vector<SignedEntry> journal;
    journal.reserve(rows.size());
    for (auto& [entry, signature] : rows)
        journal.push_back(entry_of(std::move(entry), signature));
    return journal;
}

std::optional<JournalFault> verify_journal(const identity::Root& root,
                                           const std::vector<SignedEntry>& journal,
                                           const std::optional<JournalHead>& noted) {
    Expected expected;
    std::size_t place = 0;
    for (const SignedEntry& one : journal) {
        ++place;
        const auto entry = judge(root, one, expected);
        if (!entry) return JournalFault{place, entry.error()};
        const EntryHash hash = one.hash();
        if (noted && noted->number == entry->number && noted->hash != hash) {
            return JournalFault{place, changed().error()};
        }
        expected = {entry->number.next(), hash, entry->at};
    }
    if (noted && noted->number.value > place) return JournalFault{place + 1, cut().error()};
    return std::nullopt;
}

}  // namespace cercle::officer
