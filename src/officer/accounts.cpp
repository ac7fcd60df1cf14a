// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Accounts: what members' devices know, told to a machine that was restored (succession.h).

#include <utility>

#include "client/alarms.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/transparency.h"
#include "crypto/certificate.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

namespace offices = client::offices;
namespace transparency = client::transparency;
using transparency::Taking;

/// A device of which the office hears for the first time; it may be lost by now.
Result<void> greet(client::Core& core,
                   store::Transaction& transaction,
                   const identity::DirectoryDevice& device,
                   BytesView signed_word) {
    TRY(const auto revoked, client::lost::revoked_at(core.database, device.device));
    if (revoked) {
        return transaction.run(
            "UPDATE devices SET revoked = ?2 WHERE device = ?1", device.device, *revoked);
    }
    return offices::write_word(
        core.world, transaction, device.inbox, device.inbox_secret, signed_word);
}

Result<void> take_people(client::Core& core,
                         store::Transaction& transaction,
                         const identity::Account& account,
                         BytesView signed_word) {
    for (const auto& one : account.members) {
        TRY_VOID(transaction.run(
            "INSERT INTO members (member, name, role) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            one.member,
            one.name,
            one.role));
    }
    for (const auto& one : account.devices) {
        TRY(const auto passport, core.self.root.recognise(one.certificate));
        if (passport.device != one.device || passport.member != one.member ||
            one.inbox_secret.size() != 32) {
            return fail(Code::certificate_invalid, "a certificate stands beside another device");
        }
        TRY_VOID(transaction.run(
            "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            one.device,
            one.member,
            one.certificate,
            one.inbox,
            one.inbox_secret,
            one.added));
        if (transaction.changed() != 0) {
            TRY_VOID(greet(core, transaction, one, signed_word));
            continue;
        }
        TRY(const auto known,
            transaction.one<Bytes>("SELECT certificate FROM devices WHERE device = ?1",
                                   one.device));
        TRY(const auto before, crypto::Certificate::parse(std::get<0>(*known)));
        TRY(const auto after, crypto::Certificate::parse(one.certificate));
        if (after.validity.until <= before.validity.until) continue;
        TRY_VOID(transaction.run(
            "UPDATE devices SET certificate = ?2 WHERE device = ?1", one.device, one.certificate));
    }
    return {};
}

/// Of itself a device knows best how it is reached.
Result<void> take_author(store::Transaction& transaction, const identity::OpenedAccount& opened) {
    const identity::Account& account = opened.account;
    TRY_VOID(transaction.run(
        "UPDATE devices SET inbox = ?2, inbox_secret = ?3 WHERE device = ?1 AND member = ?4",
        opened.author.device,
        account.inbox,
        account.inbox_secret,
        opened.author.member));
    return transaction.run("INSERT OR REPLACE INTO device_keys (inbox, device_key) VALUES (?1, ?2)",
                           account.inbox,
                           account.device_key);
}

Result<void> take_account(client::Core& core,
                          store::Transaction& transaction,
                          const identity::OpenedAccount& opened,
                          BytesView signed_word) {
    const identity::Account& account = opened.account;
    // As far as the log goes, they are a page like others: everything in it is proved by the head
    // that the root has signed.
    identity::DirectoryPage page;
    for (const auto& one : account.members)
        page.members.push_back(one);
    for (const auto& one : account.devices) {
        page.devices.push_back({one.device,
                                one.member,
                                one.certificate,
                                one.inbox,
                                one.inbox_secret.copy(),
                                one.added});
    }
    identity::TransparencyGrowth growth{account.first, account.leaves, opened.head};
    // Who has read less than the backup had, has nothing to add.
    if (opened.head.size.value < account.first.value) growth.first = {opened.head.size.value};
    TRY_VOID(growth.check());
    TRY(const Taking taking, transparency::take(transaction, page, growth));
    if (taking != Taking::Grown) {
        return fail(Code::directory_forked, "a device's account is not what the log says");
    }
    TRY_VOID(take_people(core, transaction, account, signed_word));
    TRY_VOID(take_author(transaction, opened));
    for (const auto& one : account.revocations)
        TRY_VOID(client::lost::take(transaction, one));
    return transaction.run("UPDATE self SET page = max(page, ?1)", opened.page);
}

bool is_of_the_disk(Code code) {
    return code == Code::disk_fault || code == Code::disk_full || code == Code::store_corrupt;
}

/// Takes it, or raises an alarm.
Result<void> judge_account(client::Core& core,
                           store::Transaction& transaction,
                           const Secret& encoded,
                           BytesView signed_word) {
    TRY(const auto opened, identity::open_account(encoded.reveal(), core.self.root));
    const identity::DeviceId device = opened.author.device;
    Result<void> taken;
    {
        TRY(auto savepoint, transaction.savepoint());
        taken = take_account(core, transaction, opened, signed_word);
        if (taken) TRY_VOID(std::move(savepoint).keep());
    }
    if (taken) {
        return transaction.run("INSERT OR REPLACE INTO taken_accounts (device) VALUES (?1)",
                               device);
    }
    if (is_of_the_disk(taken.error().code)) return taken;
    core.world.diary.fault(taken.error());
    return client::Alarms::raise(
        transaction, Code::directory_forked, device, core.world.clock.wall());
}

}  // namespace

Result<Gathered> gathered(client::Core& core) {
    Gathered so_far;
    TRY(const auto rows,
        (core.database.all<identity::DeviceId, Bytes, std::int64_t>(
            "SELECT d.device, d.certificate, EXISTS (SELECT 1 FROM taken_accounts a"
            " WHERE a.device = d.device) FROM devices d WHERE d.revoked IS NULL")));
    for (const auto& [device, certificate, told] : rows) {
        TRY(const auto passport, core.self.root.recognise(certificate));
        if (passport.role == identity::Role::Officer) continue;
        ++so_far.devices;
        if (told != 0) ++so_far.told;
    }
    return so_far;
}

Result<void> take_accounts(client::Core& core) {
    TRY(const auto waiting, offices::accounts(core.database));
    if (waiting.empty()) return {};
    TRY(auto transaction, core.database.begin());
    TRY(const auto word,
        transaction.one<Secret>("SELECT signed FROM offices ORDER BY number DESC LIMIT 1"));
    if (!word) return fail(Code::store_corrupt, "accounts to an office that is none");
    for (const Secret& encoded : waiting)
        TRY_VOID(judge_account(core, transaction, encoded, std::get<0>(*word).reveal()));
    TRY_VOID(transaction.run("DELETE FROM accounts"));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return {};
}

}  // namespace cercle::officer
