// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/resets.h"

#include <algorithm>

#include "client/judge.h"

namespace cercle::client::resets {
namespace {

/// A renewed certificate is for the same key.
Result<bool> have_one_key(Core& core, BytesView one, BytesView other) {
    TRY(const auto before, core.self.root.recognise(one));
    TRY(const auto after, core.self.root.recognise(other));
    return before.signature_key == after.signature_key;
}

}  // namespace

Result<void> note(Core& core,
                  store::Transaction& transaction,
                  const identity::DirectoryPage& page,
                  WallTime at) {
    for (const identity::DirectoryDevice& device : page.devices) {
        if (device.member == core.self.member) continue;
        TRY(const auto others, core.people.devices_of(device.member));
        if (others.empty()) continue;
        const auto known = std::ranges::find(others, device.device, &PersonDevice::device);
        if (known != others.end()) {
            TRY(const bool same, have_one_key(core, known->certificate, device.certificate));
            if (same) continue;
        }
        TRY_VOID(
            transaction.run("INSERT INTO resets (device, member, at) VALUES (?1, ?2, ?3)"
                            " ON CONFLICT (device) DO UPDATE SET accepted = 0, at = excluded.at",
                            device.device,
                            device.member,
                            at));
    }
    return {};
}

Result<std::vector<Reset>> waiting(store::Database& database) {
    TRY(const auto rows,
        (database.all<identity::DeviceId, identity::MemberId, WallTime>(
            "SELECT r.device, r.member, r.at FROM resets r JOIN devices d ON d.device = r.device"
            " WHERE r.accepted = 0 AND d.revoked IS NULL ORDER BY r.at, r.device")));
    std::vector<Reset> resets;
    for (const auto& [device, member, at] : rows)
        resets.push_back({device, member, at});
    return resets;
}

Result<bool> stands_in(Core& core, const Conversation& conversation) {
    // Nobody writes to anybody there: it has pages and words about devices, which all are to have.
    if (conversation.row.kind == ConversationKind::Directory) return false;
    TRY(const auto all, waiting(core.database));
    if (all.empty()) return false;
    const Judge judge(core.self.root, core.world.clock.wall());
    for (const mls::Member& member : conversation.group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        if (std::ranges::contains(all, passport.device, &Reset::device)) return true;
    }
    return false;
}

Result<bool> holds(Core& core, protocol::LogId log) {
    TRY(const auto all, waiting(core.database));
    if (all.empty()) return false;
    const auto conversation = core.conversations.load(log);
    // What is said by a card is said to nobody of the circle.
    if (!conversation && conversation.error().code == Code::unknown) return false;
    TRY(const Conversation* loaded, conversation);
    return stands_in(core, *loaded);
}

Result<void> accept(Core& core, identity::MemberId member) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE resets SET accepted = 1 WHERE member = ?1 AND accepted = 0",
                             member));
    if (transaction.changed() == 0) {
        return fail(Code::unknown, "nobody of that name waits to be accepted; see: requests");
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return {};
}

}  // namespace cercle::client::resets
