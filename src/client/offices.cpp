// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/offices.h"

#include <algorithm>
#include <utility>

#include "client/alarms.h"
#include "client/receive.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "protocol/frames.h"

namespace cercle::client::offices {
namespace {

using envelope::Word;
using identity::Account;
using identity::OfficeNumber;
using identity::OfficeWord;

/// The kinds of letters in the vault (schema.cpp).
enum class LetterKind : std::uint8_t { Office = 3, Account = 4 };

Result<void> write(const World& world,
                   store::Transaction& transaction,
                   protocol::LogId inbox,
                   const Secret& inbox_secret,
                   LetterKind kind,
                   BytesView says) {
    const auto keys = identity::inbox_keys(inbox_secret);
    const Word word = kind == LetterKind::Office ? Word::Office : Word::Account;
    Bytes payload = envelope::close_word(keys.closing_key, word, says, world.random);
    if (payload.size() > protocol::longest_payload) {
        return fail(Code::too_large, "a letter about the office that is too long");
    }
    return transaction.run(
        "INSERT INTO deposits (inbox, token, entry, payload, kind) VALUES (?1, ?2, ?3, ?4, ?5)",
        inbox,
        keys.deposit_token,
        protocol::EntryId::random(world.random),
        payload,
        kind);
}

/// Of whom the leaves speak that the office does not have.
Result<void> add_people(Core& core, Account& account) {
    const auto is_news = [&account](const identity::TransparencyLeaf& leaf) {
        return std::ranges::contains(account.leaves, leaf);
    };
    TRY(const auto people, core.people.all());
    for (const Person& person : people) {
        if (is_news(identity::leaf_of_name(person.member, person.name, person.role))) {
            account.members.push_back({person.member, person.name, person.role});
        }
        TRY(auto devices, core.people.devices_of(person.member));
        for (PersonDevice& one : devices) {
            if (!is_news(identity::leaf_of_device(one.member, one.device, one.certificate)))
                continue;
            account.devices.push_back(
                {one.device,
                 one.member,
                 std::move(one.certificate),
                 one.inbox,
                 std::move(one.inbox_secret),
                 {static_cast<std::uint64_t>(one.added.time_since_epoch().count())}});
        }
    }
    return {};
}

/// Nothing if this device has no page to prove it by: a build of before kept none.
Result<std::optional<Account>> account_for(Core& core,
                                           store::Transaction& transaction,
                                           const OfficeWord& word) {
    TRY(auto page, transaction.one<Secret>("SELECT page FROM newest_page"));
    if (!page) return std::optional<Account>();
    Account account;
    account.office = word.number;
    account.certificate = core.self.certificate;
    account.device_key = public_id<protocol::DeviceKey>(core.self.device_key);
    account.inbox = core.self.inbox;
    account.inbox_secret = core.self.inbox_secret.copy();
    account.page = std::get<0>(*std::move(page));
    account.first = {word.known.value};
    TRY(const auto head, identity::head_of_page(account.page.reveal(), core.self.root));
    if (head.head.size.value > word.known.value) {
        TRY(auto growth, transparency::growth_from(transaction, account.first));
        growth.leaves.resize(
            std::min<std::uint64_t>(growth.leaves.size(), head.head.size.value - word.known.value));
        account.leaves = std::move(growth.leaves);
    }
    TRY_VOID(add_people(core, account));
    TRY(const auto revocations,
        transaction.all<Bytes>("SELECT signed FROM revocations ORDER BY number"));
    for (const auto& [encoded] : revocations) {
        TRY(auto revocation, codec::decode<identity::SignedRevocation>(encoded));
        account.revocations.push_back(std::move(revocation));
    }
    return std::optional(std::move(account));
}

/// Only the new officer's machine writes in the new one, and nobody reads the old one any more.
Result<void> leave_old_directory(Core& core,
                                 store::Transaction& transaction,
                                 protocol::LogId directory) {
    TRY_VOID(transaction.run("UPDATE self SET directory = ?1", directory));
    TRY(const auto logs,
        transaction.all<protocol::LogId>(
            "SELECT log FROM conversations WHERE kind = ?1 AND log <> ?2 AND state <> ?3",
            ConversationKind::Directory,
            directory,
            ConversationState::Closed));
    for (const auto& [log] : logs) {
        TRY_VOID(Outbox::abandon(transaction, log));
        TRY_VOID(transaction.run(
            "UPDATE conversations SET state = ?2 WHERE log = ?1", log, ConversationState::Closed));
        core.conversations.forget(log);
    }
    return {};
}

Result<void> answer(Core& core, store::Transaction& transaction, const OfficeWord& word) {
    if (word.asks != identity::Asks::WhatIsKnown) return {};
    TRY(const auto account, account_for(core, transaction, word));
    if (!account) return {};
    const Secret signed_account = identity::sign_account(*account, core.self.signature_key);
    return write(core.world,
                 transaction,
                 word.inbox,
                 word.inbox_secret,
                 LetterKind::Account,
                 signed_account.reveal());
}

Result<void> take_word(Core& core, store::Transaction& transaction, BytesView says) {
    TRY(const auto word, identity::open_office(says, core.self.root));
    TRY(const auto before, newest(core.database));
    if (before && before->number >= word.number) {
        const bool forked = before->number == word.number && before->device != word.device;
        if (!forked) return {};
        return Alarms::raise(
            transaction, Code::office_forked, word.device, core.world.clock.wall());
    }
    TRY_VOID(note(transaction, word, says));
    TRY_VOID(leave_old_directory(core, transaction, word.directory));
    return answer(core, transaction, word);
}

Result<void> keep_account(Core& core, store::Transaction& transaction, BytesView says) {
    TRY(const auto office, newest(core.database));
    if (!office || office->device != core.self.device) {
        return fail(Code::policy_violated, "an account to a machine that is not in office");
    }
    TRY(const auto opened, identity::open_account(says, core.self.root));
    if (opened.account.office != office->number) {
        return fail(Code::policy_violated, "an account to another office");
    }
    return transaction.run("INSERT OR REPLACE INTO accounts (device, account) VALUES (?1, ?2)",
                           opened.author.device,
                           says);
}

}  // namespace

Result<std::optional<Standing>> newest(store::Database& database) {
    TRY(const auto row,
        (database.one<OfficeNumber,
                      identity::Succession,
                      identity::MemberId,
                      identity::DeviceId,
                      WallTime>("SELECT number, how, member, device, at FROM offices"
                                " ORDER BY number DESC LIMIT 1")));
    if (!row) return std::optional<Standing>();
    const auto& [number, how, member, device, at] = *row;
    return std::optional(Standing{number, how, member, device, at});
}

Result<bool> is_in_office(store::Database& database, identity::DeviceId device) {
    TRY(const auto office, newest(database));
    return !office || office->device == device;
}

Result<void> take_letter(Core& core,
                         store::Transaction& transaction,
                         const protocol::Entry& entry) {
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    const auto word = envelope::open_word(keys.closing_key, Word::Office, entry.payload);
    if (word) return take_word(core, transaction, *word);
    TRY(const auto account, envelope::open_word(keys.closing_key, Word::Account, entry.payload));
    return keep_account(core, transaction, account);
}

Result<void> note(store::Transaction& transaction, const OfficeWord& word, BytesView signed_word) {
    return transaction.run(
        "INSERT INTO offices (number, how, member, device, at, signed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        word.number,
        word.how,
        word.member,
        word.device,
        word.time,
        signed_word);
}

Result<void> keep_page(store::Transaction& transaction,
                       identity::PageNumber number,
                       BytesView signed_page) {
    return transaction.run(
        "INSERT INTO newest_page (one, number, page) VALUES (1, ?1, ?2) ON CONFLICT (one)"
        " DO UPDATE SET number = excluded.number, page = excluded.page"
        " WHERE excluded.number > number",
        number,
        signed_page);
}

Result<void> write_word(const World& world,
                        store::Transaction& transaction,
                        protocol::LogId inbox,
                        const Secret& inbox_secret,
                        BytesView signed_word) {
    return write(world, transaction, inbox, inbox_secret, LetterKind::Office, signed_word);
}

Result<std::vector<Secret>> accounts(store::Database& database) {
    TRY(auto rows, database.all<Secret>("SELECT account FROM accounts ORDER BY device"));
    std::vector<Secret> all;
    for (auto& [account] : rows)
        all.push_back(std::move(account));
    return all;
}

}  // namespace cercle::client::offices
