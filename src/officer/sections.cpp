// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/sections.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/compose.h"
#include "client/page_letters.h"
#include "client/sight.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

using identity::MemberId;
using identity::Sections;

/// Whom each hall's readers see.
struct Watched {
    Hall hall;
    std::set<MemberId> seen;
};

Result<std::vector<Watched>> watch(store::Transaction& transaction) {
    TRY(auto halls, halls::all(transaction));
    std::vector<Watched> all;
    for (Hall& hall : halls) {
        TRY(auto seen, seen_from(transaction, hall.sections));
        all.push_back({std::move(hall), std::move(seen)});
    }
    return all;
}

std::set<MemberId> without(const std::set<MemberId>& all, const std::set<MemberId>& others) {
    std::set<MemberId> left;
    std::ranges::set_difference(all, others, std::inserter(left, left.end()));
    return left;
}

/// Everybody is told what is different for him.
Result<void> tell_all(client::Core& core,
                      store::Transaction& transaction,
                      const AuthorityRow& authority,
                      const std::vector<Watched>& before,
                      const std::set<MemberId>& changed) {
    for (const Watched& one : before) {
        TRY(const auto seen, seen_from(transaction, one.hall.sections));
        Resighting resighting;
        resighting.come = without(seen, one.seen);
        resighting.gone = without(one.seen, seen);
        std::ranges::set_intersection(
            changed, seen, std::inserter(resighting.changed, resighting.changed.end()));
        // Whoever has learnt of the officer before there were sections does not know that he is
        // seen by all.
        resighting.changed.insert(core.self.member);
        TRY(const auto pages, resighted(transaction, one.hall, resighting));
        TRY_VOID(halls::publish(core, transaction, authority.authority, one.hall, pages));
    }
    return {};
}

Result<void> write_move(client::Core& core,
                        store::Transaction& transaction,
                        const AuthorityRow& authority,
                        const client::PersonDevice& device,
                        const Hall& hall) {
    TRY(const auto pages, directory_for_move(transaction, device.device, hall));
    for (const identity::DirectoryPage& page : pages) {
        TRY_VOID(client::write_page_letter(core,
                                           transaction,
                                           device.inbox,
                                           device.inbox_secret,
                                           identity::sign_page(page, authority.authority)));
    }
    return {};
}

/// Devices that have had their first page, and are not in their hall yet: what is said there, they
/// do not read.
Result<void> tell_those_between(client::Core& core,
                                store::Transaction& transaction,
                                const AuthorityRow& authority,
                                const Register& registered,
                                MemberId moved) {
    TRY(const auto rows, registered.open_invitations(core.world.clock.wall()));
    for (const InvitationRow& row : rows) {
        if (row.stage != InvitationStage::Admitted || !row.device) continue;
        TRY(const auto device, core.people.device(*row.device));
        if (!device || device->member == moved || device->revoked) continue;
        TRY(const auto hall, halls::of(transaction, *row.device));
        if (!hall) return fail(Code::store_corrupt, "a certified device has no place");
        TRY_VOID(write_move(core, transaction, authority, *device, *hall));
    }
    return {};
}

/// Out of the halls that the devices stand in, and into another one.
Result<void> move(client::Core& core,
                  store::Transaction& transaction,
                  const AuthorityRow& authority,
                  const std::vector<client::PersonDevice>& devices,
                  const Hall& to) {
    std::set<protocol::LogId> left;
    for (const client::PersonDevice& device : devices) {
        TRY(const auto from, halls::of(transaction, device.device));
        if (from) left.insert(from->log);
        TRY_VOID(halls::seat(transaction, device.device, to.log));
    }
    const MemberId member = devices.front().member;
    for (const protocol::LogId& log : left) {
        client::Change out;
        out.remove.push_back(member);
        TRY_VOID(client::write_change(core, transaction, log, std::move(out)));
    }
    client::Change in;
    in.add.push_back(member);
    TRY_VOID(client::write_change(core, transaction, to.log, std::move(in)));
    // The Welcome follows them: it is made only when the change has won.
    for (const client::PersonDevice& device : devices)
        TRY_VOID(write_move(core, transaction, authority, device, to));
    return {};
}

}  // namespace

Result<void> put_in_sections(client::Core& core,
                             const AuthorityRow& authority,
                             const Register& registered,
                             MemberId member,
                             const Sections& now) {
    TRY_VOID(identity::check_sections(now));
    TRY(const auto person, core.people.find(member));
    if (!person) return fail(Code::unknown, "nobody in the circle is called that");
    if (member == core.self.member) {
        return fail(Code::invalid_argument, "the officer is seen by all, and sees all");
    }
    if (person->sections == now) return {};
    TRY(auto devices, core.people.devices_of(member));
    std::erase_if(devices, [](const auto& device) { return device.revoked.has_value(); });
    TRY(const Hall to,
        halls::with_room(
            core, now, static_cast<std::int64_t>(std::max<std::size_t>(1, devices.size()))));
    TRY(auto transaction, core.database.begin());
    TRY(const auto before, watch(transaction));
    TRY_VOID(transaction.run(
        "UPDATE members SET sections = ?2 WHERE member = ?1", member, client::sight::to_text(now)));
    if (!devices.empty()) TRY_VOID(move(core, transaction, authority, devices, to));
    TRY_VOID(tell_all(core, transaction, authority, before, {member}));
    TRY_VOID(tell_those_between(core, transaction, authority, registered, member));
    TRY_VOID(enter_in_journal(transaction,
                              authority.authority,
                              core.world.clock.wall(),
                              {.act = Act::Section, .member = member, .name = person->name}));
    return std::move(transaction).commit();
}

Result<void> set_sight(client::Core& core,
                       const AuthorityRow& authority,
                       const Register& registered,
                       const identity::Sight& sight,
                       Rule rule) {
    for (const std::string& word : {sight.one, sight.other}) {
        if (word != identity::nobodys) TRY_VOID(identity::check_sections({word}));
    }
    TRY(const auto sights, client::sight::all(core.database));
    const bool there = std::ranges::contains(sights, sight);
    if (there == (rule == Rule::Holds)) {
        if (there) return {};
        return fail(Code::unknown, "there is no such rule; see: officer sections");
    }
    if (rule == Rule::Holds && sights.size() >= identity::most_sights) {
        return fail(Code::too_many, "a circle has 64 rules at most");
    }
    TRY(auto transaction, core.database.begin());
    TRY(const auto before, watch(transaction));
    if (rule == Rule::Holds) {
        TRY_VOID(transaction.run(
            "INSERT INTO sights (one, other) VALUES (?1, ?2)", sight.one, sight.other));
    } else {
        TRY_VOID(transaction.run(
            "DELETE FROM sights WHERE one = ?1 AND other = ?2", sight.one, sight.other));
    }
    TRY_VOID(tell_all(core, transaction, authority, before, {}));
    TRY_VOID(tell_those_between(core, transaction, authority, registered, {}));
    TRY_VOID(enter_in_journal(transaction,
                              authority.authority,
                              core.world.clock.wall(),
                              {.act = Act::Sight, .name = sight.one + " / " + sight.other}));
    return std::move(transaction).commit();
}

}  // namespace cercle::officer
