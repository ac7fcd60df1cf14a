// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/lost.h"

#include <map>

#include "client/judge.h"
#include "client/lost_letters.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/pages.h"

namespace cercle::officer {

Result<void> revoke(client::Core& core,
                    store::Transaction& transaction,
                    const AuthorityRow& authority,
                    const client::PersonDevice& device) {
    TRY(const auto last,
        transaction.one<identity::RevocationNumber>(
            "SELECT coalesce(max(number), 0) FROM revocations"));
    identity::Revocation revocation;
    revocation.number = last ? std::get<0>(*last).next() : identity::RevocationNumber{1};
    revocation.device = device.device;
    revocation.member = device.member;
    revocation.time = {
        static_cast<std::uint64_t>(core.world.clock.wall().time_since_epoch().count())};
    const auto signed_revocation = identity::sign_revocation(revocation, authority.authority);
    TRY_VOID(client::lost::take(transaction, revocation, codec::encode(signed_revocation)));
    TRY_VOID(
        enter_in_journal(transaction,
                         authority.authority,
                         core.world.clock.wall(),
                         {.act = Act::Lost, .member = device.member, .device = device.device}));
    TRY_VOID(client::transparency::append(transaction,
                                          identity::leaf_of_loss(device.member, device.device)));
    TRY(const auto key, Register::device_key(transaction, device.inbox));
    if (key) {
        TRY_VOID(Register::order(transaction, authority.officer_key, protocol::DropDevice{*key}));
    } else {
        core.world.diary.fault(
            fail(Code::not_found, "this machine does not know a lost device's key at the relay")
                .error());
    }
    return client::lost::write_to_all(core, transaction, signed_revocation);
}

Result<void> report_lost(client::Core& core,
                         const AuthorityRow& authority,
                         const std::vector<client::PersonDevice>& devices) {
    TRY(auto transaction, core.database.begin());
    TRY(const auto halls, halls::all(transaction));
    if (halls.empty())
        return fail(Code::not_found, "the directory's conversation is not there yet");
    for (const client::PersonDevice& device : devices)
        TRY_VOID(revoke(core, transaction, authority, device));
    TRY_VOID(client::lost::look(core, transaction));
    for (const Hall& hall : halls) {
        TRY(const auto pages, revocations_alone(transaction, hall));
        TRY_VOID(halls::publish(core, transaction, authority.authority, hall, pages));
    }
    return std::move(transaction).commit();
}

Result<Spread> spread_of(client::Core& core, identity::RevocationNumber number) {
    TRY(const auto reports, client::lost::reports(core.database));
    std::map<identity::DeviceId, client::lost::Reported> by_device;
    for (const auto& one : reports)
        by_device.emplace(one.device, one);
    TRY(const auto devices,
        core.database.all<identity::DeviceId>("SELECT device FROM devices WHERE revoked IS NULL"));
    Spread spread;
    for (const auto& [device] : devices) {
        ++spread.devices;
        const auto found = by_device.find(device);
        if (found == by_device.end() || found->second.held < number) continue;
        ++spread.told;
        spread.pending += found->second.pending;
        if (found->second.pending == 0) ++spread.done;
    }
    return spread;
}

Result<std::optional<identity::RevocationNumber>> revocation_of(store::Database& database,
                                                                identity::DeviceId device) {
    TRY(const auto row,
        database.one<identity::RevocationNumber>(
            "SELECT number FROM revocations WHERE device = ?1 ORDER BY number LIMIT 1", device));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<std::uint32_t> conversations_with(client::Core& core, identity::DeviceId device) {
    TRY(const auto rows, core.conversations.all());
    const client::Judge judge(core.self.root, core.world.clock.wall());
    std::uint32_t found = 0;
    for (const client::ConversationRow& row : rows) {
        if (row.state == client::ConversationState::Closed) continue;
        TRY(const client::Conversation* conversation, core.conversations.load(row.log));
        for (const mls::Member& member : conversation->group.roster()) {
            TRY(const auto passport, judge.passport(member.credential));
            if (passport.device == device) ++found;
        }
    }
    return found;
}

}  // namespace cercle::officer
