// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Accounts: what members' devices know, told to a machine that was restored (succession.h). Of a
// device's words only how it is reached itself is believed; everything else is pages that the root
// has signed, of which each device has those that it was shown. The one with the highest number
// that names a member says what is so of him.

#include <algorithm>
#include <set>
#include <utility>

#include "client/alarms.h"
#include "client/circle_policy.h"
#include "client/lost.h"
#include "client/offices.h"
#include "client/pictures.h"
#include "client/receive.h"
#include "client/rotation.h"
#include "client/sight.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

namespace offices = client::offices;
namespace transparency = client::transparency;
using identity::DirectoryPage;
using identity::OpenedAccount;

/// The log has everything that the pages say, and leads to the head of the last.
Result<void> check_log(store::Transaction& transaction, const OpenedAccount& opened) {
    const identity::Account& account = opened.account;
    identity::TransparencyGrowth growth{account.first, account.leaves, opened.head};
    // Who has read less than the backup had, has nothing to add.
    if (opened.head.size.value < account.first.value) growth.first = {opened.head.size.value};
    if (opened.pages.empty()) return {};
    TRY_VOID(growth.check());
    TRY(const auto taking, transparency::take(transaction, DirectoryPage{}, growth));
    bool holds = taking == transparency::Taking::Grown;
    for (const DirectoryPage& page : opened.pages) {
        const auto leaves = identity::leaves_of(page);
        for (const identity::TransparencyLeaf& leaf : leaves) {
            TRY(const bool said, transparency::says(transaction, leaf));
            holds = holds && said;
        }
    }
    if (holds) return {};
    return fail(Code::directory_forked, "a device's account is not what the log says");
}

Result<void> take_member(store::Transaction& transaction,
                         const identity::DirectoryMember& member,
                         identity::PageNumber page) {
    TRY_VOID(transaction.run(
        "INSERT INTO members (member, name, role, blind, sections, page)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (member) DO UPDATE SET name = excluded.name,"
        " role = excluded.role, blind = excluded.blind, sections = excluded.sections,"
        " page = excluded.page WHERE excluded.page > page",
        member.member,
        member.name,
        member.role,
        member.blind,
        client::sight::to_text(member.sections),
        page));
    // What an earlier page says of him is over.
    if (transaction.changed() == 0) return {};
    return client::pictures::take(transaction, member.member, member.portrait);
}

/// One of which the office hears for the first time; it may be lost by now.
Result<void> greet(client::Core& core,
                   store::Transaction& transaction,
                   const identity::DirectoryDevice& device,
                   BytesView signed_word) {
    TRY(const auto revoked, client::lost::revoked_at(core.database, device.device));
    if (revoked) {
        return transaction.run(
            "UPDATE devices SET revoked = ?2 WHERE device = ?1", device.device, *revoked);
    }
    return write_word(
        core.world.random, transaction, device.inbox, device.inbox_secret, signed_word);
}

Result<void> take_device(client::Core& core,
                         store::Transaction& transaction,
                         const identity::DirectoryDevice& device,
                         identity::InboxTurn turn,
                         BytesView signed_word) {
    TRY_VOID(transaction.run(
        "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added, inbox_turn)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        device.device,
        device.member,
        device.certificate,
        device.inbox,
        device.inbox_secret,
        device.added,
        turn));
    if (transaction.changed() != 0) return greet(core, transaction, device, signed_word);
    // Pages are taken from the earliest to the latest of each account, but accounts as they come:
    // of two certificates the one that lasts longer is the later.
    TRY(const auto known,
        transaction.one<Bytes>("SELECT certificate FROM devices WHERE device = ?1", device.device));
    if (!known) return fail(Code::store_corrupt, "a device that was there a moment ago");
    TRY(const auto before, crypto::Certificate::parse(std::get<0>(*known)));
    TRY(const auto after, crypto::Certificate::parse(device.certificate));
    if (after.validity.until > before.validity.until) {
        TRY_VOID(transaction.run("UPDATE devices SET certificate = ?2 WHERE device = ?1",
                                 device.device,
                                 device.certificate));
    }
    return client::rotation::take_secret(
        transaction, core.world.random, device.device, turn, device.inbox_secret);
}

Result<void> take_pages(client::Core& core,
                        store::Transaction& transaction,
                        const OpenedAccount& opened,
                        identity::MemberId reader,
                        BytesView signed_word) {
    for (const DirectoryPage& page : opened.pages) {
        for (const auto& one : page.revocations)
            TRY_VOID(client::lost::take(transaction, one, {}));
        for (const auto& one : page.members)
            TRY_VOID(take_member(transaction, one, page.number));
        for (const auto& one : page.devices) {
            TRY_VOID(take_device(core, transaction, one, page.turn_of(one.device), signed_word));
        }
        if (page.policy) {
            TRY_VOID(client::circle_policy::take(
                transaction, *page.policy, core.self.root, core.world.clock.wall()));
        }
        TRY_VOID(transaction.run(
            "INSERT OR REPLACE INTO told_sights (page, reader, sights) VALUES (?1, ?2, ?3)",
            page.number,
            reader,
            codec::encode(page.sights)));
        TRY_VOID(transaction.run("UPDATE self SET page = max(page, ?1)", page.number));
    }
    return {};
}

/// Of itself a device knows best how it is reached: with which secret, and under which key the
/// relay knows it. Its inbox is where the directory says.
Result<void> take_author(client::Core& core,
                         store::Transaction& transaction,
                         const identity::Account& account) {
    TRY(const auto known, core.people.device(account.device));
    if (!known || known->revoked || known->inbox != account.inbox) return {};
    TRY_VOID(client::rotation::take_secret(
        transaction, core.world.random, account.device, account.turn, account.inbox_secret));
    core.inboxes_turned = true;
    // Nobody has another one dropped in his place.
    TRY(const bool others, Register::is_of_another(transaction, account.inbox, account.device_key));
    if (others) return {};
    return transaction.run("INSERT OR REPLACE INTO device_keys (inbox, device_key) VALUES (?1, ?2)",
                           account.inbox,
                           account.device_key);
}

/// Everything that is news to an office that has not opened.
Result<void> take_account(client::Core& core,
                          store::Transaction& transaction,
                          const OpenedAccount& opened,
                          identity::MemberId reader,
                          BytesView signed_word) {
    TRY_VOID(check_log(transaction, opened));
    for (const auto& one : opened.account.revocations) {
        TRY(const auto revocation, identity::open_revocation(one, core.self.root));
        TRY_VOID(client::lost::take(transaction, revocation, codec::encode(one)));
    }
    return take_pages(core, transaction, opened, reader, signed_word);
}

/// An office that is open has a log that goes on from what it was told; what others know beyond
/// that is another log.
Result<void> compare(store::Transaction& transaction, const OpenedAccount& opened) {
    identity::TransparencyGrowth growth{{opened.head.size.value}, {}, opened.head};
    if (opened.pages.empty()) return {};
    TRY(const auto taking, transparency::take(transaction, DirectoryPage{}, growth));
    if (taking == transparency::Taking::Grown) return {};
    return fail(Code::directory_forked, "a device knows another log than the office goes on from");
}

/// As far as the page says that names the device, whose it is.
identity::MemberId reader_of(const OpenedAccount& opened) {
    for (const DirectoryPage& page : opened.pages) {
        const auto found = std::ranges::find(
            page.devices, opened.account.device, &identity::DirectoryDevice::device);
        if (found != page.devices.end()) return found->member;
    }
    return {};
}

class Hearing {
  public:
    Hearing(client::Core& core,
            store::Transaction& transaction,
            const SuccessionRow& row,
            BytesView signed_word)
        : core_(core),
          transaction_(transaction),
          row_(row),
          signed_word_(signed_word) {}

    /// Takes it, or raises an alarm.
    Result<void> hear(const offices::Answer& answer) {
        const auto taken = take(answer);
        if (taken || client::is_of_the_disk(taken.error().code)) return taken;
        core_.world.diary.fault(taken.error());
        const crypto::Digest fact = crypto::sha256(answer.parts);
        return client::Alarms::raise(transaction_,
                                     rule_name(Code::directory_forked),
                                     {answer.device, {}, fact},
                                     core_.world.clock.wall());
    }

  private:
    Result<void> take(const offices::Answer& answer) {
        TRY(const auto key, identity::load_answer_key(row_.answer_key));
        TRY(const auto opened,
            identity::open_account(
                answer.parts, key, answer.device, core_.self.root, core_.world.clock.wall()));
        TRY(const auto known, core_.people.device(answer.device));
        const identity::MemberId reader = known ? known->member : reader_of(opened);
        {
            TRY(auto savepoint, transaction_.savepoint());
            TRY_VOID(row_.stage == SuccessionStage::Gathering
                         ? take_account(core_, transaction_, opened, reader, signed_word_)
                         : compare(transaction_, opened));
            if (!known) TRY_VOID(check_listed(answer));
            TRY_VOID(take_author(core_, transaction_, opened.account));
            TRY_VOID(std::move(savepoint).keep());
        }
        return transaction_.run("INSERT OR REPLACE INTO taken_accounts (device) VALUES (?1)",
                                answer.device);
    }

    /// A certificate is of one of the root's keys alone; that it counts, the log says.
    Result<void> check_listed(const offices::Answer& answer) {
        TRY(const auto author, core_.self.root.recognise(answer.certificate));
        TRY(const bool listed,
            transparency::says(
                transaction_,
                identity::leaf_of_device(author.member, author.device, answer.certificate)));
        if (listed) return {};
        return fail(Code::misdeclared, "an account of a device that no page has named");
    }

    client::Core& core_;
    store::Transaction& transaction_;
    const SuccessionRow& row_;
    BytesView signed_word_;
};

/// Members of whom the log speaks.
Result<std::uint32_t> count_unknown(client::Core& core) {
    std::set<crypto::Digest> known{identity::leaf_of_policy({}).subject};
    TRY(const auto members, core.database.all<identity::MemberId>("SELECT member FROM members"));
    for (const auto& [member] : members)
        known.insert(identity::subject_of(member));
    TRY(const auto subjects,
        core.database.all<crypto::Digest>("SELECT DISTINCT subject FROM transparency_leaves"));
    std::uint32_t unknown = 0;
    for (const auto& [subject] : subjects)
        unknown += known.contains(subject) ? 0 : 1;
    return unknown;
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
    TRY(so_far.unknown, count_unknown(core));
    return so_far;
}

Result<void> take_accounts(client::Core& core, const SuccessionRow& row) {
    TRY(const auto waiting, offices::answers(core.database));
    if (waiting.empty() || row.answer_key.empty()) return {};
    TRY(auto transaction, core.database.begin());
    TRY(const auto word,
        transaction.one<Secret>("SELECT signed FROM offices ORDER BY number DESC LIMIT 1"));
    if (!word) return fail(Code::store_corrupt, "accounts to an office that is none");
    Hearing hearing(core, transaction, row, std::get<0>(*word).reveal());
    for (const offices::Answer& answer : waiting) {
        TRY_VOID(hearing.hear(answer));
        TRY_VOID(offices::forget_answer(transaction, answer.device));
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return {};
}

}  // namespace cercle::officer
