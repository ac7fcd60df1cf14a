// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/pages.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "client/transparency.h"
#include "codec/tls.h"

namespace cercle::officer {
namespace {

namespace transparency = client::transparency;

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
    TRY(const auto revocations,
        transaction.all<Bytes>("SELECT signed FROM revocations ORDER BY number"));
    for (const auto& [encoded] : revocations) {
        TRY(auto revocation, codec::decode<identity::SignedRevocation>(encoded));
        page.revocations.push_back(std::move(revocation));
    }
    return page;
}

/// What a page for all brings of the log. They have had every page before it; `first` may be
/// earlier, for who has not.
Result<void> grow_from_last(store::Transaction& transaction,
                            identity::DirectoryPage& page,
                            std::optional<merkle::LeafNumber> first = std::nullopt) {
    TRY(const auto published,
        transaction.one<merkle::LeafNumber>("SELECT coalesce(max(size), 0) FROM published"));
    merkle::LeafNumber from = published ? std::get<0>(*published) : merkle::LeafNumber{};
    if (first) from = std::min(from, *first);
    TRY(page.growth, transparency::growth_from(transaction, from));
    return transaction.run("INSERT OR REPLACE INTO published (one, size) VALUES (1, ?1)",
                           page.growth.head.size);
}

}  // namespace

Result<void> begin_log(store::Transaction& transaction) {
    TRY(const auto head, transparency::head(transaction));
    if (head.size.value != 0) return {};
    TRY(const auto page, page_from(transaction, 0));
    TRY(const auto leaves, identity::leaves_of(page));
    for (const identity::TransparencyLeaf& leaf : leaves)
        TRY_VOID(transparency::append(transaction, leaf));
    return {};
}

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
    if (transaction.changed() != 0) {
        TRY_VOID(transparency::append(
            transaction, identity::leaf_of_name(member.member, member.name, member.role)));
    }
    TRY_VOID(transparency::append(
        transaction, identity::leaf_of_device(passport.member, passport.device, certificate)));
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
    TRY(auto page, page_from(transaction, 0));
    TRY(page.growth, transparency::growth_from(transaction, {0}));
    return page;
}

Result<identity::DirectoryPage> whole_directory_anew(store::Transaction& transaction) {
    TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
    TRY(auto page, page_from(transaction, 0));
    TRY_VOID(grow_from_last(transaction, page, merkle::LeafNumber{0}));
    return page;
}

Result<identity::DirectoryPage> revocations_alone(store::Transaction& transaction) {
    TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
    TRY(auto page, page_from(transaction, std::numeric_limits<std::int64_t>::max()));
    TRY_VOID(grow_from_last(transaction, page));
    return page;
}

Result<identity::DirectoryPage> directory_since(store::Transaction& transaction,
                                                identity::DeviceId device) {
    TRY_VOID(transaction.run("UPDATE self SET page = page + 1"));
    TRY(const auto row,
        (transaction.one<std::int64_t, identity::MemberId, Bytes>(
            "SELECT rowid, member, certificate FROM devices WHERE device = ?1", device)));
    if (!row) return fail(Code::store_corrupt, "a certified device is not in the directory");
    const auto& [number, member, certificate] = *row;
    TRY(auto page, page_from(transaction, number));
    // Its own first page went up to itself.
    TRY(const auto first,
        transparency::place_of(transaction, identity::leaf_of_device(member, device, certificate)));
    TRY_VOID(grow_from_last(transaction, page, first));
    return page;
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
    TRY_VOID(grow_from_last(transaction, page));
    return page;
}

}  // namespace cercle::officer
