// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/lost.h"

#include <algorithm>
#include <utility>

#include "client/daily.h"
#include "client/judge.h"
#include "codec/tls.h"

namespace cercle::client::lost {
namespace {

/// Of a leaf that was, or is, in a conversation. Standing: its device is revoked, and it is there.
/// Gone: a commit took it out, for whatever reason. Replaced: and its member is back since.
enum class Leaf : std::uint8_t { Standing = 0, Gone = 1, Replaced = 2 };

Result<void> note(store::Transaction& transaction,
                  protocol::LogId log,
                  const identity::Passport& who,
                  Leaf leaf,
                  By by,
                  WallTime at) {
    return transaction.run(
        "INSERT INTO lost_leaves (log, device, member, leaf, by_us, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (log, device) DO UPDATE SET"
        " leaf = excluded.leaf, by_us = excluded.by_us, at = excluded.at",
        log,
        who.device,
        who.member,
        leaf,
        by,
        at);
}

Result<std::vector<std::pair<mls::LeafIndex, identity::Passport>>> leaves_of(
    Core& core, const mls::Group& group) {
    // Who is a member already was judged when he came in: the time plays no part.
    const Judge judge(core.self.root, core.world.clock.wall());
    std::vector<std::pair<mls::LeafIndex, identity::Passport>> leaves;
    for (const mls::Member& member : group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        leaves.emplace_back(member.index, passport);
    }
    return leaves;
}

Result<void> look_in(Core& core,
                     store::Transaction& transaction,
                     protocol::LogId log,
                     const std::vector<identity::DeviceId>& devices) {
    TRY(const Conversation* conversation, core.conversations.load(log));
    TRY(const auto leaves, leaves_of(core, conversation->group));
    for (const auto& [index, passport] : leaves) {
        if (!std::ranges::contains(devices, passport.device)) continue;
        if (passport.device == core.self.device) continue;
        TRY_VOID(note(transaction, log, passport, Leaf::Standing, By::Others, {}));
    }
    return {};
}

/// Where a lost device was, and its member is to come in again.
struct Absence {
    protocol::LogId log;
    identity::MemberId member;
};

Result<std::vector<Absence>> absences(store::Transaction& transaction, By removed_by) {
    // Into the directory's conversation the officer takes who is enrolled.
    // Whoever was put out before his device was lost was put out by a person, for good. What was
    // committed by a device that held the revocation came after it.
    TRY(const auto rows,
        (transaction.all<protocol::LogId, identity::MemberId>(
            "SELECT DISTINCT l.log, l.member FROM lost_leaves l"
            " JOIN revocations r ON r.device = l.device"
            " JOIN conversations c ON c.log = l.log AND c.state <> ?2 AND c.kind <> ?4"
            " WHERE l.leaf = ?1 AND l.at >= r.at AND (?3 = 0 OR l.by_us = 1) AND EXISTS"
            "  (SELECT 1 FROM devices d WHERE d.member = l.member AND d.revoked IS NULL)"
            " ORDER BY l.log, l.member",
            Leaf::Gone,
            ConversationState::Closed,
            removed_by,
            ConversationKind::Directory)));
    std::vector<Absence> all;
    for (const auto& [log, member] : rows)
        all.push_back({log, member});
    return all;
}

/// Whether the outbox has an addition of that member already.
Result<bool> is_wanted(store::Transaction& transaction, const Absence& absence) {
    TRY(const auto changes,
        transaction.all<Bytes>("SELECT body FROM outbox WHERE log = ?1 AND kind = ?2",
                               absence.log,
                               OutboxKind::Change));
    for (const auto& [body] : changes) {
        TRY(const auto change, codec::decode<Change>(body));
        if (std::ranges::contains(change.add, absence.member)) return true;
    }
    return false;
}

}  // namespace

Result<void> take(store::Transaction& transaction,
                  const identity::Revocation& revocation,
                  BytesView letter) {
    TRY(const auto known,
        transaction.one<identity::DeviceId>("SELECT device FROM revocations WHERE number = ?1",
                                            revocation.number));
    if (known && std::get<0>(*known) != revocation.device) {
        return fail(Code::forged, "two revocations of one number");
    }
    if (known) {
        return transaction.run(
            "UPDATE revocations SET signed = ?2 WHERE number = ?1 AND signed = x''",
            revocation.number,
            letter);
    }
    TRY_VOID(transaction.run(
        "INSERT INTO revocations (number, device, member, at, signed) VALUES (?1, ?2, ?3, ?4, ?5)",
        revocation.number,
        revocation.device,
        revocation.member,
        revocation.time,
        letter));
    // Its inbox is gone: what waits for it can never be put there.
    TRY_VOID(transaction.run(
        "DELETE FROM deposits WHERE inbox IN (SELECT inbox FROM devices WHERE device = ?1)",
        revocation.device));
    return transaction.run("UPDATE devices SET revoked = ?2 WHERE device = ?1 AND revoked IS NULL",
                           revocation.device,
                           revocation.time);
}

Result<void> look(Core& core, store::Transaction& transaction) {
    TRY(const auto rows,
        transaction.all<identity::DeviceId>("SELECT device FROM revocations WHERE looked = 0"));
    if (rows.empty()) return {};
    std::vector<identity::DeviceId> devices;
    for (const auto& [device] : rows)
        devices.push_back(device);
    TRY(const auto conversations, core.conversations.all());
    for (const ConversationRow& row : conversations) {
        if (row.state == ConversationState::Closed) continue;
        TRY_VOID(look_in(core, transaction, row.log, devices));
    }
    return transaction.run("UPDATE revocations SET looked = 1");
}

Result<std::optional<WallTime>> revoked_at(store::Database& database, identity::DeviceId device) {
    TRY(const auto row,
        database.one<WallTime>("SELECT min(at) FROM revocations WHERE device = ?1 HAVING count(*)",
                               device));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<Holding> holding(store::Database& database) {
    TRY(const auto numbers,
        database.all<identity::RevocationNumber>("SELECT number FROM revocations ORDER BY number"));
    Holding holding;
    for (const auto& [number] : numbers) {
        if (number == holding.held.next()) holding.held = number;
        holding.newest = number;
    }
    // One that was kept from this device in both ways shows in what the officer says every day.
    TRY(const auto said, daily::last(database));
    if (said) holding.newest = std::max(holding.newest, said->revocation);
    return holding;
}

Result<Error> meaning_of(Core& core, const Error& error) {
    if (error.code != Code::refused) return error;
    TRY(const auto was_in,
        core.database.one<std::int64_t>("SELECT 1 FROM conversations WHERE state = ?1 LIMIT 1",
                                        ConversationState::Open));
    if (!was_in) return error;
    return fail(Code::revoked,
                "the relay does not let this device in any more: it was reported lost, or the relay"
                " has forgotten it; ask the officer")
        .error();
}

Result<void> note_departure(store::Transaction& transaction,
                            protocol::LogId log,
                            const identity::Passport& who,
                            By by,
                            WallTime at) {
    TRY(const auto standing,
        transaction.one<WallTime>(
            "SELECT r.at FROM lost_leaves l JOIN revocations r ON r.device = l.device"
            " WHERE l.log = ?1 AND l.device = ?2 AND l.leaf = ?3",
            log,
            who.device,
            Leaf::Standing));
    // By clocks alone a Remove that the revocation caused might seem to have come before it.
    if (standing) at = std::max(at, std::get<0>(*standing));
    return note(transaction, log, who, Leaf::Gone, by, at);
}

Result<Arrival> note_arrival(store::Transaction& transaction,
                             protocol::LogId log,
                             const identity::Passport& who) {
    TRY(const auto revoked,
        transaction.one<std::int64_t>("SELECT 1 FROM revocations WHERE device = ?1", who.device));
    if (revoked) {
        TRY_VOID(note(transaction, log, who, Leaf::Standing, By::Others, {}));
        return Arrival::New;
    }
    TRY_VOID(
        transaction.run("DELETE FROM lost_leaves WHERE log = ?1 AND device = ?2", log, who.device));
    TRY_VOID(transaction.run(
        "UPDATE lost_leaves SET leaf = ?3 WHERE log = ?1 AND member = ?2 AND leaf = ?4"
        " AND device IN (SELECT device FROM revocations)",
        log,
        who.member,
        Leaf::Replaced,
        Leaf::Gone));
    return transaction.changed() == 0 ? Arrival::New : Arrival::Replaced;
}

Result<void> begin(Core& core,
                   store::Transaction& transaction,
                   protocol::LogId log,
                   const mls::Group& group) {
    TRY_VOID(end(transaction, log));
    TRY(const auto leaves, leaves_of(core, group));
    std::size_t others = 0;
    std::size_t lost = 0;
    for (const auto& [index, passport] : leaves) {
        if (passport.device == core.self.device) continue;
        ++others;
        TRY(const auto revoked, revoked_at(core.database, passport.device));
        if (!revoked) continue;
        ++lost;
        TRY_VOID(note(transaction, log, passport, Leaf::Standing, By::Others, {}));
    }
    if (lost == 0 || lost < others) return {};
    return fail(Code::revoked, "a Welcome from a device that was reported lost");
}

Result<void> end(store::Transaction& transaction, protocol::LogId log) {
    return transaction.run("DELETE FROM lost_leaves WHERE log = ?1", log);
}

Result<void> check_author(
    Core& core, protocol::LogId log, identity::DeviceId author, protocol::Seq seq, WallTime at) {
    TRY(const auto revoked, revoked_at(core.database, author));
    if (!revoked) return {};
    TRY(const auto later,
        core.database.one<std::int64_t>(
            "SELECT 1 FROM timeline WHERE log = ?1 AND seq < ?2 AND at >= ?3 AND device <> ?4"
            " AND device <> ?5 LIMIT 1",
            log,
            seq,
            *revoked,
            author,
            core.self.device));
    if (at < *revoked && !later) return {};
    return fail(Code::revoked, "a message from a device that was reported lost");
}

Result<bool> stands_in(store::Database& database, protocol::LogId log) {
    TRY(const auto row,
        database.one<std::int64_t>(
            "SELECT 1 FROM lost_leaves WHERE log = ?1 AND leaf = ?2 LIMIT 1", log, Leaf::Standing));
    return row.has_value();
}

Result<std::vector<protocol::LogId>> standing(store::Database& database) {
    TRY(const auto rows,
        database.all<protocol::LogId>(
            "SELECT DISTINCT l.log FROM lost_leaves l JOIN conversations c ON c.log = l.log"
            " WHERE l.leaf = ?1 AND c.state <> ?2 ORDER BY l.log",
            Leaf::Standing,
            ConversationState::Closed));
    std::vector<protocol::LogId> logs;
    for (const auto& [log] : rows)
        logs.push_back(log);
    return logs;
}

Result<std::vector<mls::LeafIndex>> leaves_to_remove(Core& core, const Conversation& conversation) {
    TRY(const auto leaves, leaves_of(core, conversation.group));
    std::vector<mls::LeafIndex> found;
    for (const auto& [index, passport] : leaves) {
        if (passport.device == core.self.device) continue;
        TRY(const auto revoked, revoked_at(core.database, passport.device));
        if (revoked) found.push_back(index);
    }
    return found;
}

Result<void> readmit(Core& core, store::Transaction& transaction, By removed_by) {
    TRY(const auto all, absences(transaction, removed_by));
    for (const Absence& absence : all) {
        TRY(const bool wanted, is_wanted(transaction, absence));
        if (wanted) continue;
        Change change;
        change.add.push_back(absence.member);
        change.take = protocol::EntryId::random(core.world.random);
        TRY_VOID(Outbox::add(
            transaction, absence.log, OutboxKind::Change, codec::encode(change), std::nullopt));
    }
    return {};
}

Result<void> readmit_all(Core& core) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(readmit(core, transaction, By::Others));
    return std::move(transaction).commit();
}

Result<Counts> counts(store::Database& database) {
    TRY(const auto row,
        (database.one<std::uint32_t, std::uint32_t>(
            "SELECT count(DISTINCT l.log) FILTER (WHERE l.leaf <> ?1),"
            " count(DISTINCT l.log) FILTER (WHERE l.leaf = ?1)"
            " FROM lost_leaves l JOIN revocations r ON r.device = l.device"
            " JOIN conversations c ON c.log = l.log AND c.state <> ?2",
            Leaf::Standing,
            ConversationState::Closed)));
    if (!row) return Counts{};
    return Counts{std::get<0>(*row), std::get<1>(*row)};
}

}  // namespace cercle::client::lost
