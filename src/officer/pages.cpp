// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/pages.h"

#include <algorithm>
#include <utility>

namespace cercle::officer {
namespace {

Result<identity::DirectoryPage> page_from(store::Transaction& transaction, std::int64_t first) {
    identity::DirectoryPage page;
    TRY(const auto own,
        (transaction.one<identity::PageNumber, std::string, identity::GroupSuite>(
            "SELECT page, circle_name, suite FROM self")));
    if (!own) return fail(Code::store_corrupt, "the officer's vault does not know its owner");
    page.number = std::get<0>(*own);
    page.circle_name = std::get<1>(*own);
    page.suite = std::get<2>(*own);
    TRY(auto members,
        (transaction.all<identity::MemberId, std::string, std::string>(
            "SELECT member, name, role FROM members WHERE member IN"
            " (SELECT member FROM devices WHERE rowid >= ?1) ORDER BY rowid",
            first)));
    for (auto& [member, name, role] : members) {
        page.members.push_back({member, std::move(name), std::move(role)});
    }
    TRY(auto devices,
        (transaction.all<identity::DeviceId,
                         identity::MemberId,
                         Bytes,
                         protocol::LogId,
                         Secret,
                         protocol::Stamp>(
            "SELECT device, member, certificate, inbox, inbox_secret, added FROM devices"
            " WHERE rowid >= ?1 AND revoked IS NULL ORDER BY rowid",
            first)));
    for (auto& [device, member, certificate, inbox, secret, added] : devices) {
        page.devices.push_back(
            {device, member, std::move(certificate), inbox, std::move(secret), added});
    }
    return page;
}

}  // namespace

Result<void> enter_in_directory(store::Transaction& transaction,
                                const identity::DirectoryMember& member,
                                const identity::Passport& passport,
                                BytesView certificate,
                                const identity::EnrolmentRequest& request,
                                WallTime now) {
    TRY_VOID(transaction.run(
        "INSERT INTO members (member, name, role) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        member.member,
        member.name,
        member.role));
    return transaction.run(
        "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        passport.device,
        passport.member,
        certificate,
        request.inbox,
        request.inbox_secret,
        now);
}

Result<identity::DirectoryPage> whole_directory(store::Transaction& transaction) {
    return page_from(transaction, 0);
}

Result<identity::DirectoryPage> directory_since(store::Transaction& transaction,
                                                identity::DeviceId device) {
    TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
    TRY(const auto row,
        transaction.one<std::int64_t>("SELECT rowid FROM devices WHERE device = ?1", device));
    if (!row) return fail(Code::store_corrupt, "a certified device is not in the directory");
    return page_from(transaction, std::get<0>(*row));
}

Result<identity::DirectoryPage> directory_of(store::Transaction& transaction,
                                             const std::vector<identity::DeviceId>& devices) {
    TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
    TRY(auto page, page_from(transaction, 0));
    std::erase_if(page.devices, [&devices](const identity::DirectoryDevice& one) {
        return !std::ranges::contains(devices, one.device);
    });
    std::erase_if(page.members, [&page](const identity::DirectoryMember& one) {
        return !std::ranges::contains(page.devices, one.member, &identity::DirectoryDevice::member);
    });
    return page;
}

}  // namespace cercle::officer
