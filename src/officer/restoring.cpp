// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Restoring: the office from a backup into a new vault (succession.h).

#include <algorithm>
#include <utility>

#include "access/token.h"
#include "client/circle_policy.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/pictures.h"
#include "client/sight.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "identity/relay_word.h"
#include "officer/journal.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

namespace offices = client::offices;
namespace transparency = client::transparency;
using identity::Succession;

std::uint64_t milliseconds_of(WallTime at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

Result<void> bring_people(store::Transaction& transaction, const Backup& backup) {
    for (const KeptMember& one : backup.members) {
        TRY_VOID(transaction.run(
            "INSERT INTO members (member, name, role, blind, sections) VALUES (?1, ?2, ?3, ?4, ?5)",
            one.member,
            one.name,
            one.role,
            one.blind,
            client::sight::to_text({one.sections.begin(), one.sections.end()})));
        if (one.picture.empty()) continue;
        TRY_VOID(client::pictures::take(transaction, one.member, one.picture));
    }
    for (const auto& [one, turn, revoked] : backup.devices) {
        TRY_VOID(transaction.run(
            "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added,"
            " inbox_turn, revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            one.device,
            one.member,
            one.certificate,
            one.inbox,
            one.inbox_secret,
            one.added,
            turn,
            revoked));
    }
    return {};
}

Result<void> bring_directory(store::Transaction& transaction,
                             const Backup& backup,
                             const identity::Root& root,
                             WallTime now) {
    TRY_VOID(bring_people(transaction, backup));
    TRY_VOID(client::sight::take(transaction, backup.sights));
    for (const auto& one : backup.revocations) {
        TRY(const auto revocation, identity::open_revocation(one, root));
        TRY_VOID(client::lost::take(transaction, revocation, codec::encode(one)));
    }
    for (const auto& leaf : backup.leaves)
        TRY_VOID(transparency::append(transaction, leaf));
    if (!backup.policy) return {};
    TRY_VOID(client::circle_policy::take(transaction, *backup.policy, root, now));
    // Openings of before are on the machine that is lost: the figure begins anew.
    return transaction.run(
        "UPDATE circle_policy SET reporting_since = ?1 WHERE reporting_since IS NOT NULL", now);
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
                            codec::encode(entry.signature)));
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
        TRY_VOID(Register::order(transaction, officer_key, protocol::CloseExchange{one.exchange}));
    return {};
}

identity::OfficeWord word_of(const Backup& backup,
                             const identity::Passport& passport,
                             BytesView certificate,
                             const client::Keys& keys,
                             BytesView answer_key,
                             WallTime now) {
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
    word.answer_key = to_bytes(answer_key);
    word.page = backup.page;
    word.known = {backup.leaves.size()};
    word.time = {milliseconds_of(now)};
    return word;
}

/// To all that the office knows, and that can still read.
Result<void> tell_all(Random& random, store::Transaction& transaction, BytesView signed_word) {
    TRY(const auto rows,
        (transaction.all<protocol::LogId, Secret>(
            "SELECT inbox, inbox_secret FROM devices WHERE revoked IS NULL ORDER BY device")));
    for (const auto& [inbox, secret] : rows)
        TRY_VOID(write_word(random, transaction, inbox, secret, signed_word));
    return {};
}

}  // namespace

Result<void> write_word(Random& random,
                        store::Transaction& transaction,
                        protocol::LogId inbox,
                        const Secret& inbox_secret,
                        BytesView signed_word) {
    const auto keys = identity::inbox_keys(inbox_secret);
    return transaction.run(
        "INSERT INTO office_letters (inbox, entry, payload) VALUES (?1, ?2, ?3)",
        inbox,
        protocol::EntryId::random(random),
        envelope::close_word(keys.closing_key, envelope::Word::Office, signed_word, random));
}

Result<std::optional<Secret>> word_again(client::Core& core,
                                         const AuthorityRow& authority,
                                         identity::Asks asks) {
    TRY(const auto row,
        (core.database.one<Secret>("SELECT signed FROM offices ORDER BY number DESC LIMIT 1")));
    if (!row) return std::optional<Secret>();
    TRY(auto word, identity::open_office(std::get<0>(*row).reveal(), core.self.root));
    if (word.device != core.self.device) return std::optional<Secret>();
    word.asks = asks;
    word.certificate = core.self.certificate;
    word.inbox_secret = core.self.inbox_secret.copy();
    word.time = {milliseconds_of(core.world.clock.wall())};
    return std::optional(identity::sign_office(word, authority.authority));
}

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
    const crypto::KemKey answer_key = identity::make_answer_key(random);
    const auto word = word_of(backup, passport, certificate, keys, answer_key.public_key(), now);
    const Secret signed_word = identity::sign_office(word, authority);
    TRY(auto transaction, vault.begin());
    TRY_VOID(bring_directory(transaction, backup, authority.root(), now));
    TRY_VOID(bring_register(transaction, backup, authority.root()));
    TRY_VOID(give_first_orders(transaction, backup, officer_key, keys));
    identity::Root root = authority.root();
    const AuthorityRow row{backup.circle_name, std::move(authority), std::move(officer_key), 0};
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
    TRY_VOID(transaction.run(
        "UPDATE self SET page = ?1, circle_name = ?2", backup.page, backup.circle_name));
    TRY_VOID(offices::note_own(transaction, word, signed_word.reveal()));
    TRY_VOID(tell_all(random, transaction, signed_word.reveal()));
    SuccessionRow succession;
    succession.stage = word.asks == identity::Asks::WhatIsKnown ? SuccessionStage::Gathering
                                                                : SuccessionStage::Ready;
    succession.how = backup.how;
    succession.machine = backup.machine;
    succession.successor = backup.successor;
    succession.answer_key = answer_key.secret().copy();
    TRY_VOID(Register::keep(transaction, succession));
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
