// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Renewals: a certificate lasts a year, and nobody should ever notice. Sixty days before one ends
// the office makes another for the same key, and spreads it by a page of the directory; as long as
// the device's leaf in its directory's conversation does not show it, once more each week, since
// the relay keeps nothing for ever.
#include "client/judge.h"
#include "client/renewal.h"
#include "client/transparency.h"
#include "crypto/certificate.h"
#include "mls/credential.h"
#include "officer/office.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

using namespace std::chrono_literals;

constexpr auto renewed_before = std::chrono::days{60};
constexpr auto spread_again_after = std::chrono::days{7};
constexpr Duration between_looks = 1h;
/// A page of them is one part.
constexpr std::int64_t devices_of_a_page = 32;

Result<bool> ends_soon(BytesView certificate, WallTime now) {
    TRY(const auto parsed, crypto::Certificate::parse(certificate));
    return parsed.validity.until <= now + renewed_before;
}

Result<void> forget_those_of(store::Transaction& transaction,
                             const mls::Group& group,
                             const client::Judge& judge,
                             WallTime now) {
    for (const mls::Member& member : group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        const auto& shown = std::get<mls::X509Credential>(member.credential.content);
        TRY(const bool soon, ends_soon(shown.certificates.front(), now));
        if (soon) continue;
        TRY_VOID(transaction.run("DELETE FROM renewals WHERE device = ?1", passport.device));
    }
    return {};
}

}  // namespace

Result<void> Office::look_after_certificates() {
    const SteadyTime steady = core_.world.clock.steady();
    if (looked_after_ && steady < *looked_after_ + between_looks) return {};
    TRY(const auto halls, halls::all(core_.database));
    if (halls.empty()) return {};
    const WallTime now = core_.world.clock.wall();
    TRY_VOID(renew_those_ending(now));
    TRY_VOID(forget_those_shown(now, halls));
    bool more = true;
    while (more) {
        TRY(more, spread_some(now, halls));
    }
    looked_after_ = steady;
    return {};
}

Result<void> Office::renew_those_ending(WallTime now) {
    TRY(const auto rows,
        (core_.database.all<identity::DeviceId, Bytes>(
            "SELECT device, certificate FROM devices WHERE revoked IS NULL ORDER BY device")));
    TRY(auto transaction, core_.database.begin());
    std::size_t renewed = 0;
    for (const auto& [device, certificate] : rows) {
        TRY(const bool soon, ends_soon(certificate, now));
        if (!soon) continue;
        TRY(const auto passport, authority_.authority.root().recognise(certificate));
        TRY(const Bytes next, authority_.authority.certify(passport, now, core_.world.random));
        TRY_VOID(
            transaction.run("UPDATE devices SET certificate = ?2 WHERE device = ?1", device, next));
        TRY_VOID(client::transparency::append(
            transaction, identity::leaf_of_device(passport.member, device, next)));
        TRY_VOID(transaction.run("INSERT OR REPLACE INTO renewals (device, spread) VALUES (?1, 0)",
                                 device));
        TRY_VOID(
            enter_in_journal(transaction,
                             authority_.authority,
                             now,
                             {.act = Act::Renew, .member = passport.member, .device = device}));
        // What the officer's own device says, it does not read.
        if (device == core_.self.device) {
            TRY_VOID(client::take_certificate(core_, transaction, next));
        }
        ++renewed;
    }
    if (renewed == 0) return {};
    return std::move(transaction).commit();
}

Result<void> Office::forget_those_shown(WallTime now, const std::vector<Hall>& halls) {
    TRY(const auto waiting, core_.database.one<std::int64_t>("SELECT 1 FROM renewals LIMIT 1"));
    if (!waiting) return {};
    TRY(auto transaction, core_.database.begin());
    for (const Hall& hall : halls) {
        TRY(const client::Conversation* conversation, core_.conversations.load(hall.log));
        TRY_VOID(forget_those_of(
            transaction, conversation->group, client::Judge(core_.self.root, now), now));
    }
    TRY_VOID(
        transaction.run("DELETE FROM renewals WHERE device IN"
                        " (SELECT device FROM devices WHERE revoked IS NOT NULL)"));
    return std::move(transaction).commit();
}

Result<bool> Office::spread_some(WallTime now, const std::vector<Hall>& halls) {
    TRY(const auto rows,
        core_.database.all<identity::DeviceId>(
            "SELECT device FROM renewals WHERE spread <= ?1 ORDER BY device LIMIT ?2",
            now - spread_again_after,
            devices_of_a_page));
    if (rows.empty()) return false;
    std::vector<identity::DeviceId> devices;
    for (const auto& [device] : rows)
        devices.push_back(device);
    TRY(auto transaction, core_.database.begin());
    for (const Hall& hall : halls) {
        TRY(const auto pages, directory_of(transaction, devices, hall));
        TRY_VOID(halls::publish(core_, transaction, authority_.authority, hall, pages));
    }
    for (const auto& device : devices)
        TRY_VOID(transaction.run("UPDATE renewals SET spread = ?2 WHERE device = ?1", device, now));
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    core_.work.set();
    return true;
}

}  // namespace cercle::officer
