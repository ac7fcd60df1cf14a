// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/succession.h"

#include <algorithm>
#include <set>

#include "client/lost.h"
#include "client/offices.h"
#include "client/sight.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "officer/journal.h"
#include "officer/lost.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

namespace offices = client::offices;
namespace transparency = client::transparency;
using identity::Succession;

/// A revocation that has come by letter, and whose page nobody has had.
Result<void> complete_log(store::Transaction& transaction) {
    TRY(const auto rows,
        (transaction.all<identity::MemberId, identity::DeviceId>(
            "SELECT member, device FROM revocations ORDER BY number")));
    for (const auto& [member, device] : rows) {
        const auto leaf = identity::leaf_of_loss(member, device);
        TRY(const bool said, transparency::says(transaction, leaf));
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
    // As the founder: he is seen by all, and sees all.
    TRY_VOID(transaction.run("UPDATE members SET sections = ?2 WHERE member = ?1",
                             self.member,
                             client::sight::to_text({std::string(identity::everybody)})));
    return enter_in_directory(
        transaction,
        {self.member, person->name, person->role},
        {self.member, self.device, identity::Role::Officer, self.signature_key.public_key()},
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
    TRY(const Bytes certificate, authority.authority.certify(passport, now, core.world.random));
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

/// Who sees whom, by the rules of the backup and what devices have shown since. A rule about the
/// readers' own section, by which they would see somebody, and that is not on their page has ended.
Result<void> settle_sights(store::Transaction& transaction) {
    TRY(const auto rules,
        (transaction.all<std::string, std::string>("SELECT one, other FROM sights")));
    std::set<identity::Sight> sights;
    for (const auto& [one, other] : rules)
        sights.insert({one, other});
    TRY(const auto members, transaction.all<std::string>("SELECT sections FROM members"));
    const auto means_somebody = [&members](const std::string& word) {
        return std::ranges::any_of(members, [&word](const auto& member) {
            return identity::means(word, client::sight::sections_from(std::get<0>(member)));
        });
    };
    TRY(const auto pages,
        (transaction.all<std::string, Bytes>(
            "SELECT m.sections, t.sights FROM told_sights t JOIN members m ON m.member = t.reader"
            " ORDER BY t.page")));
    for (const auto& [text, encoded] : pages) {
        const auto readers = client::sight::sections_from(text);
        TRY(const auto shown, codec::decode<std::vector<identity::Sight>>(encoded));
        std::erase_if(sights, [&](const identity::Sight& rule) {
            const bool own =
                identity::means(rule.one, readers) || identity::means(rule.other, readers);
            const bool would_be_shown = means_somebody(rule.one) && means_somebody(rule.other);
            return own && would_be_shown && !std::ranges::contains(shown, rule);
        });
        sights.insert(shown.begin(), shown.end());
    }
    TRY_VOID(transaction.run("DELETE FROM told_sights"));
    return client::sight::take(transaction, {sights.begin(), sights.end()});
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

Result<void> open_office(client::Core& core, const AuthorityRow& authority) {
    Register registered(core.database);
    TRY(auto row, registered.succession());
    if (!row || (row->stage != SuccessionStage::Gathering && row->stage != SuccessionStage::Ready))
        return {};
    TRY(const Gathered so_far, gathered(core));
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE self SET page = page + ?1", page_jump));
    TRY_VOID(settle_sights(transaction));
    TRY_VOID(complete_log(transaction));
    TRY_VOID(enter_self(core, transaction));
    TRY_VOID(
        enter_in_journal(transaction,
                         authority.authority,
                         core.world.clock.wall(),
                         {.act = row->how == Succession::HandedOver ? Act::HandOver : Act::Restore,
                          .member = core.self.member,
                          .device = core.self.device,
                          .name = row->how == Succession::HandedOver
                                      ? "in office"
                                      : "in office; told by " + std::to_string(so_far.told) +
                                            " of " + std::to_string(so_far.devices) + " devices"}));
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
    TRY(const auto authority, registered.authority());
    if (!authority && !row) return {};
    SuccessionRow over;
    over.stage = SuccessionStage::Over;
    over.how = office->how;
    over.machine = core.self.device;
    over.successor = office->member;
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("DELETE FROM authority"));
    TRY_VOID(transaction.run("DELETE FROM halls"));
    TRY_VOID(transaction.run("DELETE FROM seats"));
    TRY_VOID(Register::keep(transaction, over));
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
