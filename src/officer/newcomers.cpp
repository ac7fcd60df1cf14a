// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/newcomers.h"

#include <algorithm>
#include <set>

#include "client/judge.h"
#include "officer/halls.h"
#include "officer/office.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

/// A page of them is well below a frame.
constexpr std::size_t devices_of_a_page = 32;
/// After a revocation all devices announce within moments: many go into one page.
constexpr Duration between_tellings = std::chrono::seconds{20};

struct Newcomer {
    identity::DeviceId device;
    std::int64_t heard = 0;
};

/// Those who stand in a hall by now.
Result<std::vector<Newcomer>> arrived(client::Core& core, protocol::LogId hall) {
    TRY(const auto rows,
        (core.database.all<identity::DeviceId, std::int64_t>(
            "SELECT device, heard FROM newcomers ORDER BY device")));
    std::vector<Newcomer> found;
    if (rows.empty()) return found;
    const client::Judge judge(core.self.root, core.world.clock.wall());
    TRY(const client::Conversation* conversation, core.conversations.load(hall));
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

/// Devices that have announced a secret since, and do not stand in that hall.
Result<std::vector<identity::DeviceId>> announced_elsewhere(store::Transaction& transaction,
                                                            const Hall& hall,
                                                            std::int64_t told) {
    TRY(const auto rows,
        transaction.all<identity::DeviceId>(
            "SELECT a.device FROM inbox_announcements a"
            " JOIN devices d ON d.device = a.device AND d.revoked IS NULL"
            " WHERE a.ordinal > ?1 AND NOT EXISTS"
            " (SELECT 1 FROM seats s WHERE s.device = a.device AND s.hall = ?2)"
            " ORDER BY a.ordinal",
            told,
            hall.log));
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

Result<void> Office::say_inboxes(store::Transaction& transaction,
                                 const std::vector<identity::DeviceId>& devices,
                                 const Hall& hall) {
    for (std::size_t at = 0; at < devices.size(); at += devices_of_a_page) {
        const auto first = devices.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(devices_of_a_page, devices.size() - at);
        TRY(const auto pages,
            directory_of(transaction, {first, first + static_cast<std::ptrdiff_t>(count)}, hall));
        TRY_VOID(halls::publish(core_, transaction, authority_.authority, hall, pages));
    }
    return {};
}

Result<void> Office::tell_newcomers() {
    TRY(const auto halls, halls::all(core_.database));
    for (const Hall& hall : halls) {
        TRY(const auto newcomers, arrived(core_, hall.log));
        for (const Newcomer& newcomer : newcomers) {
            TRY(const auto devices, announced_since(core_.database, newcomer));
            TRY(auto transaction, core_.database.begin());
            TRY_VOID(say_inboxes(transaction, devices, hall));
            TRY_VOID(transaction.run("DELETE FROM newcomers WHERE device = ?1", newcomer.device));
            TRY_VOID(std::move(transaction).commit());
            core_.changed.notify_all();
            core_.work.set();
        }
    }
    return {};
}

Result<void> Office::tell_other_halls() {
    const SteadyTime now = core_.world.clock.steady();
    if (told_halls_ && now < *told_halls_ + between_tellings) return {};
    TRY(const auto halls, halls::all(core_.database));
    TRY(const auto row,
        (core_.database.one<std::int64_t, std::int64_t>(
            "SELECT coalesce((SELECT upto FROM told_inboxes), 0),"
            " (SELECT coalesce(max(ordinal), 0) FROM inbox_announcements)")));
    if (!row || std::get<0>(*row) == std::get<1>(*row)) return {};
    const auto [told, newest] = *row;
    TRY(auto transaction, core_.database.begin());
    // Where there is one hall, everybody has heard it there.
    for (const Hall& hall : halls.size() > 1 ? halls : std::vector<Hall>{}) {
        TRY(const auto devices, announced_elsewhere(transaction, hall, told));
        TRY_VOID(say_inboxes(transaction, devices, hall));
    }
    TRY_VOID(
        transaction.run("INSERT OR REPLACE INTO told_inboxes (one, upto) VALUES (1, ?1)", newest));
    TRY_VOID(std::move(transaction).commit());
    told_halls_ = now;
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

}  // namespace cercle::officer
