// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Renewals: a certificate lasts a year, and nobody should ever notice. Sixty days before one ends
// the office makes another for the same key, and spreads it by a page of the directory; as long as
// the device's leaf in the directory's conversation does not show it, once more each week, since
// the relay keeps nothing for ever.
#include "client/compose.h"
#include "client/judge.h"
#include "client/renewal.h"
#include "crypto/certificate.h"
#include "envelope/content.h"
#include "mls/credential.h"
#include "officer/office.h"
#include "officer/pages.h"

namespace cercle::officer {
namespace {

using namespace std::chrono_literals;

constexpr auto renewed_before = std::chrono::days{60};
constexpr auto spread_again_after = std::chrono::days{7};
constexpr Duration between_looks = 1h;
/// A page of them is well below a frame.
constexpr std::int64_t devices_of_a_page = 32;

Result<bool> ends_soon(BytesView certificate, WallTime now) {
    TRY(const auto parsed, crypto::Certificate::parse(certificate));
    return parsed.validity.until <= now + renewed_before;
}

}  // namespace

Result<void> Office::look_after_certificates() {
    const SteadyTime steady = core_.world.clock.steady();
    if (looked_after_ && steady < *looked_after_ + between_looks) return {};
    TRY(const auto directory, core_.conversations.directory());
    if (!directory || directory->state != client::ConversationState::Open) return {};
    const WallTime now = core_.world.clock.wall();
    TRY_VOID(renew_those_ending(now));
    TRY_VOID(forget_those_shown(now, directory->log));
    bool more = true;
    while (more) {
        TRY(more, spread_some(now, directory->log));
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

Result<void> Office::forget_those_shown(WallTime now, protocol::LogId directory) {
    TRY(const auto waiting, core_.database.one<std::int64_t>("SELECT 1 FROM renewals LIMIT 1"));
    if (!waiting) return {};
    TRY(client::Conversation * conversation, core_.conversations.load(directory));
    const client::Judge judge(core_.self.root, now);
    TRY(auto transaction, core_.database.begin());
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        const auto& shown = std::get<mls::X509Credential>(member.credential.content);
        TRY(const bool soon, ends_soon(shown.certificates.front(), now));
        if (soon) continue;
        TRY_VOID(transaction.run("DELETE FROM renewals WHERE device = ?1", passport.device));
    }
    TRY_VOID(
        transaction.run("DELETE FROM renewals WHERE device IN"
                        " (SELECT device FROM devices WHERE revoked IS NOT NULL)"));
    return std::move(transaction).commit();
}

Result<bool> Office::spread_some(WallTime now, protocol::LogId directory) {
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
    TRY(const auto page, directory_of(transaction, devices));
    TRY_VOID(std::move(transaction).commit());
    const Secret signed_page = identity::sign_page(page, authority_.authority);
    TRY_VOID(
        client::write_content(core_, directory, envelope::directory_type, signed_page.reveal()));
    // Last: who crashes before it spreads them twice, which changes nothing.
    TRY(auto noted, core_.database.begin());
    for (const auto& device : devices)
        TRY_VOID(noted.run("UPDATE renewals SET spread = ?2 WHERE device = ?1", device, now));
    TRY_VOID(std::move(noted).commit());
    return true;
}

}  // namespace cercle::officer
