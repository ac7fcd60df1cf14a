// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/offices.h"

#include <algorithm>
#include <utility>

#include "client/alarms.h"
#include "client/judge.h"
#include "client/lost.h"
#include "client/posting.h"
#include "client/receive.h"
#include "client/rotation.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "envelope/inbox_letter.h"

namespace cercle::client::offices {
namespace {

using envelope::Word;
using identity::Account;
using identity::OfficeWord;

/// A word as it is here.
struct Held {
    OfficeWord word;
    bool entered = false;
};

Result<std::optional<Held>> held(Core& core) {
    TRY(const auto row,
        (core.database.one<Secret, std::int64_t>(
            "SELECT signed, entered FROM offices ORDER BY number DESC LIMIT 1")));
    if (!row) return std::optional<Held>();
    TRY(auto word, identity::open_office(std::get<0>(*row).reveal(), core.self.root));
    return std::optional(Held{std::move(word), std::get<1>(*row) != 0});
}

enum class Entered : std::uint8_t { No = 0, Yes = 1 };

/// One word for each office: one of the same machine, said later, has its present inbox.
Result<void> note(store::Transaction& transaction,
                  const OfficeWord& word,
                  BytesView signed_word,
                  Entered entered) {
    return transaction.run(
        "INSERT OR REPLACE INTO offices (number, how, member, device, at, signed, entered)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        word.number,
        word.how,
        word.member,
        word.device,
        word.time,
        signed_word,
        entered);
}

/// Pages after the office's last. Nothing if this device has taken some that it cannot show: a
/// build of before kept none.
Result<std::optional<std::vector<Bytes>>> pages_after(store::Transaction& transaction,
                                                      identity::PageNumber last) {
    TRY(auto rows,
        (transaction.all<identity::PageNumber, Bytes>(
            "SELECT number, page FROM kept_pages WHERE number > ?1 ORDER BY number", last)));
    TRY(const auto taken, transaction.one<identity::PageNumber>("SELECT page FROM self"));
    const identity::PageNumber newest = taken ? std::get<0>(*taken) : identity::PageNumber{};
    const bool shown = newest <= last || (!rows.empty() && std::get<0>(rows.back()) == newest);
    if (!shown) return std::optional<std::vector<Bytes>>();
    std::vector<Bytes> pages;
    for (auto& [number, page] : rows)
        pages.push_back(std::move(page));
    return std::optional(std::move(pages));
}

Result<std::optional<Account>> account_for(Core& core,
                                           store::Transaction& transaction,
                                           const OfficeWord& word) {
    TRY(auto pages, pages_after(transaction, word.page));
    if (!pages) return std::optional<Account>();
    Account account;
    account.office = word.number;
    account.device = core.self.device;
    account.device_key = public_id<protocol::DeviceKey>(core.self.device_key);
    account.inbox = core.self.inbox;
    account.inbox_secret = core.self.inbox_secret.copy();
    TRY(const auto turn, transaction.one<identity::InboxTurn>("SELECT inbox_turn FROM self"));
    if (turn) account.turn = std::get<0>(*turn);
    account.first = {word.known.value};
    std::uint64_t head = 0;
    for (const Bytes& signed_page : *pages) {
        TRY(const auto page,
            identity::open_page(signed_page, core.self.root, core.world.clock.wall()));
        head = std::max(head, page.growth.head.size.value);
    }
    if (!pages->empty()) {
        TRY(auto growth, transparency::growth_from(transaction, account.first));
        const std::uint64_t news = head - std::min(head, word.known.value);
        growth.leaves.resize(std::min<std::uint64_t>(growth.leaves.size(), news));
        account.leaves = std::move(growth.leaves);
    }
    account.pages = *std::move(pages);
    TRY(const auto revocations,
        transaction.all<Bytes>("SELECT signed FROM revocations ORDER BY number"));
    for (const auto& [encoded] : revocations) {
        if (encoded.empty()) continue;  // it came by a page, which tells of it
        TRY(auto revocation, codec::decode<identity::SignedRevocation>(encoded));
        account.revocations.push_back(std::move(revocation));
    }
    return std::optional(std::move(account));
}

Result<bool> stands_in(Core& core, protocol::LogId log, identity::DeviceId device) {
    TRY(const Conversation* conversation, core.conversations.load(log));
    const Judge judge = Judge::of_those_present(core.self.root);
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        if (passport.device == device) return true;
    }
    return false;
}

/// Nobody who is in office writes there any more. It may be that the new machine has taken this
/// device into another one already.
Result<void> leave_old_directory(Core& core,
                                 store::Transaction& transaction,
                                 identity::DeviceId officer) {
    TRY(const auto logs,
        transaction.all<protocol::LogId>(
            "SELECT log FROM conversations WHERE kind = ?1 AND state <> ?2",
            ConversationKind::Directory,
            ConversationState::Closed));
    for (const auto& [log] : logs) {
        TRY(const bool present, stands_in(core, log, officer));
        if (present) continue;
        TRY_VOID(Outbox::abandon(transaction, log));
        TRY_VOID(transaction.run(
            "UPDATE conversations SET state = ?2 WHERE log = ?1", log, ConversationState::Closed));
        TRY_VOID(transaction.run("UPDATE self SET directory = NULL WHERE directory = ?1", log));
        TRY_VOID(lost::end(transaction, log));
        core.conversations.forget(log);
    }
    return {};
}

Result<void> answer(Core& core, store::Transaction& transaction, const OfficeWord& word) {
    if (word.asks != identity::Asks::WhatIsKnown) return {};
    TRY(const auto account, account_for(core, transaction, word));
    if (!account) return {};
    const auto letters = identity::sign_account(*account,
                                                core.self.certificate,
                                                core.self.signature_key,
                                                word.answer_key,
                                                core.world.random);
    if (!letters) {
        core.world.diary.fault(letters.error());
        return {};
    }
    // Of what was told before, nothing is news.
    TRY_VOID(transaction.run("DELETE FROM deposits WHERE kind = ?1", LetterKind::Account));
    const Addressee to{word.device, word.certificate, word.inbox, word.inbox_secret.copy()};
    for (const Bytes& letter : *letters)
        TRY_VOID(post(core, transaction, to, LetterKind::Account, letter));
    return {};
}

Result<void> take_word(Core& core, store::Transaction& transaction, BytesView says) {
    TRY(const auto word, identity::open_office(says, core.self.root));
    TRY(const auto before, held(core));
    const bool same = before && before->word.number == word.number;
    if (same && before->word.device != word.device) {
        return Alarms::raise(transaction,
                             rule_name(Code::office_forked),
                             {word.device, word.member, crypto::sha256(says)},
                             core.world.clock.wall());
    }
    if (before && before->word.number > word.number) return {};
    if (same && before->word.time >= word.time) return {};
    if (word.device == core.self.device) return {};
    if (!same || !before->entered) return note(transaction, word, says, Entered::No);
    TRY_VOID(note(transaction, word, says, Entered::Yes));
    return answer(core, transaction, word);
}

/// Whoever certifies a key of his own for a device that is known answers for nobody: a certificate
/// alone is of one key of the root's (docs/decisions/0069). Of a device that is not known yet, the
/// log has to have it by what is told; of those, so many are heard at once.
Result<void> check_author(Core& core, const identity::Passport& author) {
    constexpr std::int64_t most_unknown = 256;
    TRY(const auto known, core.people.device(author.device));
    if (known) {
        TRY(const auto passport, core.self.root.recognise(known->certificate));
        const bool same =
            passport.member == author.member && passport.signature_key == author.signature_key;
        if (same) return {};
        return fail(Code::misdeclared, "an account under another key than its device has");
    }
    TRY(const auto waiting,
        core.database.one<std::int64_t>(
            "SELECT count(DISTINCT device) FROM account_parts WHERE device <> ?1 AND device NOT IN"
            " (SELECT device FROM devices)",
            author.device));
    if (!waiting || std::get<0>(*waiting) < most_unknown) return {};
    return fail(Code::too_many, "too many accounts of devices that are not known");
}

Result<void> keep_account(Core& core, store::Transaction& transaction, BytesView says) {
    TRY(const auto office, newest(core.database));
    if (!office || office->device != core.self.device) {
        return fail(Code::policy_violated, "an account to a machine that is not in office");
    }
    TRY(const auto opened, identity::open_account_part(says, core.self.root));
    if (opened.part.office != office->number) {
        return fail(Code::policy_violated, "an account to another office");
    }
    TRY(const auto revoked, lost::revoked_at(core.database, opened.author.device));
    if (revoked) return fail(Code::revoked, "an account of a device that was reported lost");
    TRY_VOID(check_author(core, opened.author));
    // A later answer of his goes before one of which a part is missing.
    TRY_VOID(transaction.run("DELETE FROM account_parts WHERE device = ?1 AND whole <> ?2",
                             opened.author.device,
                             opened.part.whole));
    return transaction.run(
        "INSERT OR REPLACE INTO account_parts (device, place, parts, whole, certificate, part)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        opened.author.device,
        opened.part.place,
        opened.part.parts,
        opened.part.whole,
        opened.part.certificate,
        opened.part.bytes);
}

/// Also keys of long ago: an office that is restored knows none of later days. Nothing rests on
/// their being secret (identity/office.h).
Result<Bytes> open_word(Core& core, const protocol::Entry& entry) {
    auto opened = rotation::with_any_key(core, [&entry](const Secret& key) {
        return envelope::open_word(key, Word::Office, entry.payload);
    });
    if (opened || opened.error().code != Code::forged) return opened;
    TRY(const auto rows,
        core.database.all<Secret>("SELECT closing_key FROM office_keys ORDER BY turn DESC"));
    for (const auto& [key] : rows) {
        auto earlier = envelope::open_word(key, Word::Office, entry.payload);
        if (earlier || earlier.error().code != Code::forged) return earlier;
    }
    return opened;
}

}  // namespace

Result<std::optional<Standing>> newest(store::Database& database) {
    TRY(const auto row,
        (database.one<identity::OfficeNumber,
                      identity::Succession,
                      identity::MemberId,
                      identity::DeviceId,
                      WallTime>("SELECT number, how, member, device, at FROM offices"
                                " WHERE entered = 1 ORDER BY number DESC LIMIT 1")));
    if (!row) return std::optional<Standing>();
    const auto& [number, how, member, device, at] = *row;
    return std::optional(Standing{number, how, member, device, at});
}

Result<bool> is_in_office(store::Database& database, identity::DeviceId device) {
    TRY(const auto office, newest(database));
    if (!office || office->device == device) return true;
    // The next one writes into its halls before everything of the one before was read.
    TRY(const auto next,
        database.one<std::int64_t>(
            "SELECT 1 FROM offices WHERE entered = 0 AND device = ?1 AND number > ?2",
            device,
            office->number));
    return next.has_value();
}

Result<void> take_letter(Core& core,
                         store::Transaction& transaction,
                         const protocol::Entry& entry) {
    const auto word = open_word(core, entry);
    if (word) return take_word(core, transaction, *word);
    if (word.error().code != Code::forged) return std::unexpected(word.error());
    TRY(const Bytes account, rotation::with_any_key(core, [&entry](const Secret& key) {
            return envelope::open_word(key, Word::Account, entry.payload);
        }));
    return keep_account(core, transaction, account);
}

Result<Progress> move(Core& core) {
    TRY(const auto waiting, held(core));
    if (!waiting || waiting->entered) return Progress::Idle;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE offices SET entered = 1"));
    // The new machine has heard nothing of this device yet.
    TRY_VOID(transaction.run("UPDATE self SET reported = NULL"));
    TRY_VOID(leave_old_directory(core, transaction, waiting->word.device));
    TRY_VOID(answer(core, transaction, waiting->word));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return Progress::Moved;
}

Result<void> note_own(store::Transaction& transaction,
                      const OfficeWord& word,
                      BytesView signed_word) {
    return note(transaction, word, signed_word, Entered::Yes);
}

Result<void> meet(Core& core,
                  store::Transaction& transaction,
                  const identity::DirectoryPage& page) {
    TRY(const auto office, newest(core.database));
    if (!office) return {};
    const bool named =
        std::ranges::contains(page.devices, office->device, &identity::DirectoryDevice::device);
    if (!named) return {};
    TRY(const auto known, core.people.device(office->device));
    if (known) return {};
    // It has taken this device in, and so needs to be told nothing of it any more.
    TRY_VOID(transaction.run("DELETE FROM deposits WHERE kind = ?1", LetterKind::Account));
    return transaction.run("UPDATE self SET reported = NULL");
}

Result<void> keep_page(store::Transaction& transaction,
                       identity::PageNumber number,
                       BytesView signed_page) {
    TRY(const auto taken, transaction.one<identity::PageNumber>("SELECT page FROM self"));
    if (!taken || std::get<0>(*taken) != number) return {};
    TRY_VOID(transaction.run(
        "INSERT OR REPLACE INTO kept_pages (number, page) VALUES (?1, ?2)", number, signed_page));
    // Everybody, and each of his devices, is named on some page last; those that name nobody last
    // say nothing any more.
    return transaction.run(
        "DELETE FROM kept_pages WHERE number < ?1 AND number NOT IN (SELECT page FROM members)"
        " AND number NOT IN (SELECT page FROM devices WHERE revoked IS NULL)",
        number);
}

Result<std::vector<Answer>> answers(store::Database& database) {
    TRY(const auto devices,
        database.all<identity::DeviceId>(
            "SELECT device FROM account_parts GROUP BY device HAVING count(*) = max(parts)"
            " ORDER BY device"));
    std::vector<Answer> all;
    for (const auto& [device] : devices) {
        Answer one{device, {}, {}};
        TRY(auto parts,
            (database.all<Bytes, Bytes>(
                "SELECT part, certificate FROM account_parts WHERE device = ?1 ORDER BY place",
                device)));
        for (auto& [part, certificate] : parts) {
            append(one.parts, part);
            one.certificate = std::move(certificate);
        }
        all.push_back(std::move(one));
    }
    return all;
}

Result<void> forget_answer(store::Transaction& transaction, identity::DeviceId device) {
    return transaction.run("DELETE FROM account_parts WHERE device = ?1", device);
}

}  // namespace cercle::client::offices
