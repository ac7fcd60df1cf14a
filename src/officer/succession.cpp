// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/succession.h"

#include <algorithm>
#include <utility>

#include "access/token.h"
#include "client/alarms.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "crypto/certificate.h"
#include "identity/relay_word.h"
#include "officer/journal.h"
#include "officer/lost.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

namespace offices = client::offices;
namespace transparency = client::transparency;
using identity::Succession;
using transparency::Taking;

std::uint64_t milliseconds_of(WallTime at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

// ---- into the new vault

Result<void> bring_directory(store::Transaction& transaction, const Backup& backup) {
    for (const auto& one : backup.members) {
        TRY_VOID(transaction.run("INSERT INTO members (member, name, role) VALUES (?1, ?2, ?3)",
                                 one.member,
                                 one.name,
                                 one.role));
    }
    for (const auto& [one, revoked] : backup.devices) {
        TRY_VOID(transaction.run(
            "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added, revoked)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            one.device,
            one.member,
            one.certificate,
            one.inbox,
            one.inbox_secret,
            one.added,
            revoked));
    }
    for (const auto& one : backup.revocations)
        TRY_VOID(client::lost::take(transaction, one));
    for (const auto& leaf : backup.leaves)
        TRY_VOID(transparency::append(transaction, leaf));
    return {};
}

Result<void> bring_register(store::Transaction& transaction,
                            const Backup& backup,
                            const identity::Root& root) {
    std::uint64_t number = 0;
    for (const SignedEntry& entry : backup.journal) {
        TRY_VOID(
            transaction.run("INSERT INTO journal (number, entry, signature) VALUES (?1, ?2, ?3)",
                            ++number,
                            entry.entry,
                            entry.signature));
    }
    for (const Bytes& encoded : backup.orders) {
        TRY(const auto signed_order, codec::decode<protocol::SignedOrder>(encoded));
        TRY(const auto order, codec::decode<protocol::Order>(signed_order.order));
        // Which of them the relay has had, is found out with it.
        TRY_VOID(
            transaction.run("INSERT INTO orders (number, signed_order, given) VALUES (?1, ?2, 1)",
                            order.number,
                            encoded));
    }
    if (!backup.relay_word) return {};
    TRY(const auto word, identity::open_relay_word(*backup.relay_word, root));
    return transaction.run(
        "INSERT INTO relay_words (one, word_key, since, word) VALUES (1, ?1, ?2, ?3)",
        word.key,
        word.since,
        *backup.relay_word);
}

/// What the relay is to know first: the new machine, and that the old one's invitations are over.
/// Whoever was in the middle of one would meet another officer than he has begun with.
Result<void> give_first_orders(store::Transaction& transaction,
                               const Backup& backup,
                               const crypto::SigningKey& officer_key,
                               const client::Keys& keys) {
    const auto inbox_keys = identity::inbox_keys(keys.inbox_secret);
    const protocol::AdmitDevice admission{
        client::public_id<protocol::DeviceKey>(keys.device_key),
        keys.inbox,
        {access::token_hash(access::Right::Deposit, inbox_keys.deposit_token)},
        client::public_id<protocol::ReaderKey>(keys.inbox_reader)};
    TRY_VOID(Register::order(transaction, officer_key, admission));
    for (const KeptInvitation& one : backup.invitations)
        TRY_VOID(
            Register::order(transaction, officer_key, protocol::CloseExchange{one.exchange}));
    return {};
}

identity::OfficeWord word_of(const Backup& backup,
                             const identity::Passport& passport,
                             BytesView certificate,
                             const client::Keys& keys,
                             WallTime now,
                             Random& random) {
    identity::OfficeWord word;
    word.number = std::max(backup.office.next(), identity::OfficeNumber{milliseconds_of(now)});
    word.how = backup.how;
    word.asks = backup.how == Succession::HandedOver ? identity::Asks::Nothing
                                                     : identity::Asks::WhatIsKnown;
    word.member = passport.member;
    word.device = passport.device;
    word.certificate = to_bytes(certificate);
    word.inbox = keys.inbox;
    word.inbox_secret = keys.inbox_secret.copy();
    word.directory = protocol::LogId::random(random);
    word.known = {backup.leaves.size()};
    word.time = {milliseconds_of(now)};
    return word;
}

/// To all that the office knows, and that can still read.
Result<void> tell_all(const client::World& world,
                      store::Transaction& transaction,
                      BytesView signed_word) {
    TRY(const auto rows,
        (transaction.all<protocol::LogId, Secret>(
            "SELECT inbox, inbox_secret FROM devices WHERE revoked IS NULL ORDER BY device")));
    for (const auto& [inbox, secret] : rows)
        TRY_VOID(offices::write_word(world, transaction, inbox, secret, signed_word));
    return {};
}

// ---- what others know

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
            TRY_VOID(offices::write_word(
                core.world, transaction, one.inbox, one.inbox_secret, signed_word));
            continue;
        }
        TRY(const auto known,
            transaction.one<Bytes>("SELECT certificate FROM devices WHERE device = ?1",
                                   one.device));
        TRY(const auto before, crypto::Certificate::parse(std::get<0>(*known)));
        TRY(const auto after, crypto::Certificate::parse(one.certificate));
        if (after.validity.until <= before.validity.until) continue;
        TRY_VOID(transaction.run("UPDATE devices SET certificate = ?2 WHERE device = ?1",
                                 one.device,
                                 one.certificate));
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
    return transaction.run(
        "INSERT OR REPLACE INTO device_keys (inbox, device_key) VALUES (?1, ?2)",
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

// ---- the office opens

/// A revocation that has come by letter, and whose page nobody has had.
Result<void> complete_log(store::Transaction& transaction) {
    TRY(const auto rows,
        (transaction.all<identity::MemberId, identity::DeviceId>(
            "SELECT member, device FROM revocations ORDER BY number")));
    for (const auto& [member, device] : rows) {
        const auto leaf = identity::leaf_of_loss(member, device);
        TRY(const auto said,
            transaction.one<std::int64_t>("SELECT 1 FROM transparency_leaves WHERE fact = ?1"
                                          " AND subject = ?2 LIMIT 1",
                                          leaf.fact,
                                          leaf.subject));
        if (!said) TRY_VOID(transparency::append(transaction, leaf));
    }
    return {};
}

Result<void> enter_self(client::Core& core, store::Transaction& transaction) {
    const client::Self& self = core.self;
    TRY(const auto person, core.people.find(self.member));
    if (!person) return fail(Code::store_corrupt, "an office of somebody who is no member");
    identity::EnrolmentRequest own;
    own.inbox = self.inbox;
    own.inbox_secret = self.inbox_secret.copy();
    return enter_in_directory(transaction,
                              {self.member, person->name, person->role},
                              {self.member,
                               self.device,
                               identity::Role::Officer,
                               self.signature_key.public_key()},
                              self.certificate,
                              own,
                              core.world.clock.wall());
}

/// The machine stays its member's, without the office.
Result<void> make_member(client::Core& core,
                         store::Transaction& transaction,
                         const AuthorityRow& authority,
                         identity::Passport passport) {
    const WallTime now = core.world.clock.wall();
    passport.role = identity::Role::Member;
    TRY(const Bytes certificate,
        authority.authority.certify(passport, now, core.world.random));
    TRY_VOID(transaction.run(
        "UPDATE devices SET certificate = ?2 WHERE device = ?1", passport.device, certificate));
    TRY_VOID(transparency::append(
        transaction, identity::leaf_of_device(passport.member, passport.device, certificate)));
    return enter_in_journal(
        transaction,
        authority.authority,
        now,
        {.act = Act::Renew, .member = passport.member, .device = passport.device});
}

/// Whatever was the officer's before.
Result<void> retire_others(client::Core& core,
                           store::Transaction& transaction,
                           const AuthorityRow& authority,
                           Succession how) {
    TRY(const auto people, core.people.all());
    for (const client::Person& person : people) {
        TRY(const auto devices, core.people.devices_of(person.member));
        for (const client::PersonDevice& one : devices) {
            if (one.revoked || one.device == core.self.device) continue;
            TRY(const auto passport, core.self.root.recognise(one.certificate));
            if (passport.role != identity::Role::Officer) continue;
            TRY_VOID(how == Succession::Restored
                         ? revoke(core, transaction, authority, one)
                         : make_member(core, transaction, authority, passport));
        }
    }
    return {};
}

}  // namespace

Result<void> restore_office(client::World& world, store::Database& vault, const Backup& backup) {
    auto& random = world.random;
    const WallTime now = world.clock.wall();
    TRY(auto authority, identity::Authority::from(backup.root, backup.root_secret.reveal()));
    TRY(auto officer_key,
        crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                        backup.officer_key.reveal()));
    client::Keys keys = client::Keys::generate(random);
    const identity::Passport passport{backup.successor,
                                      identity::DeviceId::random(random),
                                      identity::Role::Officer,
                                      keys.signature_key.public_key()};
    TRY(const Bytes certificate, authority.certify(passport, now, random));
    const auto word = word_of(backup, passport, certificate, keys, now, random);
    const Secret signed_word = identity::sign_office(word, authority);
    TRY(auto transaction, vault.begin());
    TRY_VOID(bring_directory(transaction, backup));
    TRY_VOID(bring_register(transaction, backup, authority.root()));
    TRY_VOID(give_first_orders(transaction, backup, officer_key, keys));
    identity::Root root = authority.root();
    const AuthorityRow row{
        backup.circle_name, std::move(authority), std::move(officer_key), 0};
    TRY_VOID(Register::keep(transaction, row));
    TRY_VOID(enter_in_journal(transaction,
                              row.authority,
                              now,
                              {.act = Act::Restore,
                               .member = passport.member,
                               .device = passport.device,
                               .name = backup.circle_name}));
    TRY_VOID(client::store_self(transaction,
                                client::Self{backup.relay,
                                             backup.relay_key,
                                             passport.member,
                                             passport.device,
                                             std::move(root),
                                             certificate,
                                             std::move(keys.signature_key),
                                             std::move(keys.device_key),
                                             keys.inbox,
                                             std::move(keys.inbox_secret),
                                             std::move(keys.inbox_reader),
                                             backup.suite}));
    TRY_VOID(transaction.run("UPDATE self SET page = ?1, circle_name = ?2, directory = ?3",
                             backup.page,
                             backup.circle_name,
                             word.directory));
    TRY_VOID(offices::note(transaction, word, signed_word.reveal()));
    TRY_VOID(tell_all(world, transaction, signed_word.reveal()));
    SuccessionRow succession;
    succession.stage = word.asks == identity::Asks::WhatIsKnown ? SuccessionStage::Gathering
                                                                : SuccessionStage::Ready;
    succession.how = backup.how;
    succession.machine = backup.machine;
    succession.successor = backup.successor;
    TRY_VOID(Register::keep(transaction, succession));
    return std::move(transaction).commit();
}

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

Result<void> open_office(client::Core& core, const AuthorityRow& authority) {
    Register registered(core.database);
    TRY(auto row, registered.succession());
    if (!row || (row->stage != SuccessionStage::Gathering && row->stage != SuccessionStage::Ready))
        return {};
    TRY(const Gathered so_far, gathered(core));
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE self SET page = page + ?1", page_jump));
    TRY_VOID(complete_log(transaction));
    TRY_VOID(enter_self(core, transaction));
    TRY_VOID(enter_in_journal(
        transaction,
        authority.authority,
        core.world.clock.wall(),
        {.act = row->how == Succession::HandedOver ? Act::HandOver : Act::Restore,
         .member = core.self.member,
         .device = core.self.device,
         .name = row->how == Succession::HandedOver
                     ? "in office"
                     : "in office; told by " + std::to_string(so_far.told) + " of " +
                           std::to_string(so_far.devices) + " devices"}));
    TRY_VOID(retire_others(core, transaction, authority, row->how));
    TRY_VOID(client::lost::look(core, transaction));
    row->stage = SuccessionStage::Opening;
    TRY_VOID(Register::keep(transaction, *row));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return {};
}

Result<void> give_up_what_is_over(client::Core& core) {
    TRY(const auto office, offices::newest(core.database));
    if (!office || office->device == core.self.device) return {};
    Register registered(core.database);
    TRY(auto row, registered.succession());
    if (row && row->stage == SuccessionStage::Over) return {};
    SuccessionRow over;
    over.stage = SuccessionStage::Over;
    over.how = office->how;
    over.machine = core.self.device;
    over.successor = office->member;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("DELETE FROM authority"));
    TRY_VOID(Register::keep(transaction, over));
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
