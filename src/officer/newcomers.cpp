// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/newcomers.h"

#include <algorithm>
#include <set>

#include "client/judge.h"
#include "officer/office.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

/// A page of them is well below a frame.
constexpr std::size_t devices_of_a_page = 32;

struct Newcomer {
    identity::DeviceId device;
    std::int64_t heard = 0;
};

/// Those who stand in the directory's conversation by now.
Result<std::vector<Newcomer>> arrived(client::Core& core, protocol::LogId directory) {
    TRY(const auto rows,
        (core.database.all<identity::DeviceId, std::int64_t>(
            "SELECT device, heard FROM newcomers ORDER BY device")));
    std::vector<Newcomer> found;
    if (rows.empty()) return found;
    const client::Judge judge(core.self.root, core.world.clock.wall());
    TRY(const client::Conversation* conversation, core.conversations.load(directory));
    std::set<identity::DeviceId> present;
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        present.insert(passport.device);
    }
    for (const auto& [device, heard] : rows) {
        if (present.contains(device)) found.push_back({device, heard});
    }
    return found;
}

/// Devices that have announced a secret since, which he does not know of otherwise.
Result<std::vector<identity::DeviceId>> announced_since(store::Database& database,
                                                        const Newcomer& newcomer) {
    TRY(const auto rows,
        database.all<identity::DeviceId>(
            "SELECT a.device FROM inbox_announcements a"
            " JOIN devices d ON d.device = a.device AND d.revoked IS NULL"
            " WHERE a.ordinal > ?1 AND a.device <> ?2 ORDER BY a.ordinal",
            newcomer.heard,
            newcomer.device));
    std::vector<identity::DeviceId> devices;
    for (const auto& [device] : rows)
        devices.push_back(device);
    return devices;
}

}  // namespace

Result<void> note_newcomer(store::Transaction& transaction, identity::DeviceId device) {
    return transaction.run(
        "INSERT OR REPLACE INTO newcomers (device, heard) VALUES"
        " (?1, (SELECT coalesce(max(ordinal), 0) FROM inbox_announcements))",
        device);
}

Result<void> Office::tell_newcomers() {
    TRY(const auto directory, core_.conversations.directory());
    if (!directory || directory->state != client::ConversationState::Open) return {};
    TRY(const auto newcomers, arrived(core_, directory->log));
    for (const Newcomer& newcomer : newcomers) {
        TRY(const auto devices, announced_since(core_.database, newcomer));
        TRY(auto transaction, core_.database.begin());
        for (std::size_t at = 0; at < devices.size(); at += devices_of_a_page) {
            const auto first = devices.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(devices_of_a_page, devices.size() - at);
            TRY(const auto page,
                directory_of(transaction, {first, first + static_cast<std::ptrdiff_t>(count)}));
            const Secret signed_page = identity::sign_page(page, authority_.authority);
            TRY_VOID(client::write_content(core_,
                                           transaction,
                                           directory->log,
                                           envelope::directory_type,
                                           signed_page.reveal()));
        }
        TRY_VOID(transaction.run("DELETE FROM newcomers WHERE device = ?1", newcomer.device));
        TRY_VOID(std::move(transaction).commit());
        core_.changed.notify_all();
        core_.work.set();
    }
    return {};
}

}  // namespace cercle::officer
