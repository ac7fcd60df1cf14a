// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/people.h"

#include <utility>

#include "base/utf8.h"
#include "client/alarms.h"
#include "client/lost.h"
#include "client/pictures.h"
#include "client/receive.h"
#include "client/rotation.h"
#include "client/sight.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "identity/look_alike.h"

namespace cercle::client {
namespace {

using DeviceRow = std::tuple<identity::DeviceId,
                             identity::MemberId,
                             Bytes,
                             protocol::LogId,
                             Secret,
                             WallTime,
                             std::optional<WallTime>>;

PersonDevice to_device(DeviceRow row) {
    return std::apply([](auto... column) { return PersonDevice{std::move(column)...}; },
                      std::move(row));
}

}  // namespace

Result<std::vector<Person>> People::all() const {
    TRY(auto rows,
        (database_.all<identity::MemberId,
                       std::string,
                       std::string,
                       std::string,
                       std::optional<crypto::Digest>>(
            "SELECT m.member, name, role, sections, digest FROM members m"
            " LEFT JOIN pictures p ON p.member = m.member WHERE seen = 1"
            " ORDER BY name, m.member")));
    std::vector<Person> people;
    for (auto& [member, name, role, sections, picture] : rows) {
        people.push_back(
            {member, std::move(name), std::move(role), sight::sections_from(sections), picture});
    }
    return people;
}

Result<std::optional<Person>> People::find(identity::MemberId member) const {
    TRY(auto row,
        (database_.one<std::string, std::string, std::string, std::optional<crypto::Digest>>(
            "SELECT name, role, sections, digest FROM members m"
            " LEFT JOIN pictures p ON p.member = m.member WHERE m.member = ?1",
            member)));
    if (!row) return std::optional<Person>();
    auto& [name, role, sections, picture] = *row;
    return std::optional<Person>(
        Person{member, std::move(name), std::move(role), sight::sections_from(sections), picture});
}

Result<std::vector<PersonDevice>> People::devices_of(identity::MemberId member) const {
    std::vector<PersonDevice> devices;
    const auto keep = [&devices](auto... column) -> Result<store::Visit> {
        devices.push_back(to_device({std::move(column)...}));
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<identity::DeviceId,
                             identity::MemberId,
                             Bytes,
                             protocol::LogId,
                             Secret,
                             WallTime,
                             std::optional<WallTime>>(
        keep,
        "SELECT device, member, certificate, inbox, inbox_secret, added, revoked FROM devices"
        " WHERE member = ?1 ORDER BY added, device",
        member)));
    return devices;
}

Result<std::optional<PersonDevice>> People::device(identity::DeviceId device) const {
    TRY(auto row,
        (database_.one<identity::DeviceId,
                       identity::MemberId,
                       Bytes,
                       protocol::LogId,
                       Secret,
                       WallTime,
                       std::optional<WallTime>>(
            "SELECT device, member, certificate, inbox, inbox_secret, added, revoked FROM devices"
            " WHERE device = ?1",
            device)));
    if (!row) return std::optional<PersonDevice>();
    return std::optional<PersonDevice>(to_device(*std::move(row)));
}

Result<identity::MemberId> People::resolve(std::string_view who) const {
    if (const auto id = identity::MemberId::from_hex(who)) {
        TRY(const auto person,
            database_.one<std::int64_t>("SELECT 1 FROM members WHERE member = ?1 AND seen = 1",
                                        *id));
        if (person) return *id;
    }
    TRY(const auto rows,
        (database_.all<identity::MemberId>(
            "SELECT member FROM members WHERE name = ?1 AND seen = 1", who)));
    if (rows.empty()) {
        return fail(Code::unknown, "nobody in the circle is called that; see: contacts");
    }
    if (rows.size() > 1) {
        return fail(Code::ambiguous, "more than one is called that; use the id, see: contacts");
    }
    const identity::MemberId member = std::get<0>(rows.front());
    TRY(const auto twin, look_alike(who, member));
    if (twin) {
        return fail(Code::ambiguous,
                    "somebody else's name looks the same; use the id, see: contacts");
    }
    return member;
}

Result<std::optional<Person>> People::look_alike(std::string_view name,
                                                 std::optional<identity::MemberId> but) const {
    if (!is_name(name)) return std::optional<Person>();
    TRY(const auto look, identity::look_of(name));
    TRY(const auto people, all());
    for (const Person& person : people) {
        if (person.member == but || person.name == name) continue;
        TRY(const auto other, identity::look_of(person.name));
        if (identity::are_alike(look, other)) return std::optional(person);
    }
    return std::optional<Person>();
}

Result<void> People::take_page(store::Transaction& transaction,
                               Random& random,
                               const identity::DirectoryPage& page) {
    TRY_VOID(transaction.run("UPDATE self SET page = ?1, circle_name = ?2 WHERE page < ?1",
                             page.number,
                             page.circle_name));
    if (transaction.changed() == 0) return {};
    for (const auto& member : page.members) {
        TRY_VOID(transaction.run(
            "INSERT INTO members (member, name, role, blind, sections, page)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            " ON CONFLICT (member) DO UPDATE SET name = excluded.name, role = excluded.role,"
            " blind = excluded.blind, sections = excluded.sections, seen = 1,"
            " page = excluded.page",
            member.member,
            member.name,
            member.role,
            member.blind,
            sight::to_text(member.sections),
            page.number));
        TRY_VOID(pictures::take(transaction, member.member, member.portrait));
    }
    for (const auto& member : page.gone)
        TRY_VOID(transaction.run("UPDATE members SET seen = 0 WHERE member = ?1", member));
    TRY_VOID(sight::take(transaction, page.sights));
    if (page.move) {
        TRY_VOID(
            transaction.run("UPDATE members SET seen = 0 WHERE page < ?1", page.move->whole_from));
        TRY_VOID(transaction.run("UPDATE self SET directory = ?1", page.move->hall));
    }
    TRY_VOID(pictures::forget_unseen(transaction));
    for (const auto& device : page.devices) {
        TRY_VOID(transaction.run(
            "INSERT INTO devices"
            " (device, member, certificate, inbox, inbox_secret, added, inbox_turn, page)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            " ON CONFLICT (device) DO UPDATE SET certificate = excluded.certificate,"
            " inbox = excluded.inbox, page = excluded.page",
            device.device,
            device.member,
            device.certificate,
            device.inbox,
            device.inbox_secret,
            device.added,
            page.turn_of(device.device),
            page.number));
        TRY_VOID(rotation::take_secret(
            transaction, random, device.device, page.turn_of(device.device), device.inbox_secret));
        TRY_VOID(rotation::take_early_word(transaction, device.device));
        // A letter may have told of it before the page did.
        TRY_VOID(
            transaction.run("UPDATE devices SET revoked ="
                            " (SELECT min(at) FROM revocations r WHERE r.device = ?1)"
                            " WHERE device = ?1 AND revoked IS NULL",
                            device.device));
    }
    for (const identity::Revocation& revocation : page.revocations) {
        const auto taken = lost::take(transaction, revocation, {});
        if (taken) continue;
        if (is_of_the_disk(taken.error().code)) return taken;
        // Another one bears its number here: the page counts all the same, and a person is told.
        TRY_VOID(Alarms::raise(
            transaction,
            rule_name(Code::directory_forked),
            {revocation.device, revocation.member, crypto::sha256(codec::encode(revocation))},
            WallTime{Duration{static_cast<Duration::rep>(revocation.time.value)}}));
    }
    return {};
}

}  // namespace cercle::client
