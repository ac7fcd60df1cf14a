// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/unlisted.h"

#include <algorithm>

#include "client/alarms.h"
#include "client/judge.h"
#include "client/transparency.h"
#include "crypto/hash.h"

namespace cercle::client::unlisted {
namespace {

using identity::Passport;

Result<bool> is_seen(store::Transaction& transaction, identity::MemberId member) {
    TRY(const auto row,
        transaction.one<std::int64_t>("SELECT 1 FROM members WHERE member = ?1 AND seen = 1",
                                      member));
    return row.has_value();
}

Result<bool> is_listed(Core& core, store::Transaction& transaction, const mls::Member& member) {
    // Everybody in it was judged when he came in: the time plays no part.
    const Judge judge = Judge::of_those_present(core.self.root);
    TRY(const Passport passport, judge.passport(member.credential));
    if (passport.signature_key == core.self.signature_key.public_key()) return true;
    TRY(const auto known, core.people.device(passport.device));
    if (known) {
        TRY(const Passport listed, core.self.root.recognise(known->certificate));
        return listed.member == passport.member && listed.signature_key == passport.signature_key;
    }
    TRY(const auto others, core.people.devices_of(passport.member));
    TRY(const bool seen, is_seen(transaction, passport.member));
    if (seen && !others.empty()) return false;
    // Of a member whom no page here has named, or of whom none tells any more (decision 72); the
    // log says all devices there are.
    const auto& certificates = std::get<mls::X509Credential>(member.credential.content);
    return transparency::says(
        transaction,
        identity::leaf_of_device(
            passport.member, passport.device, certificates.certificates.front()));
}

struct Row {
    identity::DeviceId device;
    identity::MemberId member;
    Bytes key;

    friend bool operator==(const Row&, const Row&) = default;
};

Result<std::vector<Row>> rows_of(store::Transaction& transaction, protocol::LogId log) {
    TRY(auto rows,
        (transaction.all<identity::DeviceId, identity::MemberId, Bytes>(
            "SELECT device, member, key FROM unlisted_leaves WHERE log = ?1", log)));
    std::vector<Row> all;
    for (auto& [device, member, key] : rows)
        all.push_back({device, member, std::move(key)});
    return all;
}

Result<std::vector<Row>> found_in(Core& core,
                                  store::Transaction& transaction,
                                  const mls::Group& group) {
    std::vector<Row> found;
    for (const mls::Member& member : group.roster()) {
        TRY(const bool listed, is_listed(core, transaction, member));
        if (listed) continue;
        const Judge judge = Judge::of_those_present(core.self.root);
        TRY(const Passport passport, judge.passport(member.credential));
        found.push_back({passport.device, passport.member, passport.signature_key});
    }
    return found;
}

/// Conversations of before this was looked at.
Result<void> look_in_all_once(Core& core) {
    TRY(const auto looked, core.database.one<std::int64_t>("SELECT rosters_looked FROM self"));
    if (!looked || std::get<0>(*looked) != 0) return {};
    TRY(auto transaction, core.database.begin());
    TRY(const auto rows, core.conversations.all());
    for (const ConversationRow& row : rows) {
        if (row.state != ConversationState::Open) continue;
        TRY(const Conversation* conversation, core.conversations.load(row.log));
        TRY_VOID(look_in(core, transaction, row, conversation->group));
    }
    TRY_VOID(transaction.run("UPDATE self SET rosters_looked = 1"));
    return std::move(transaction).commit();
}

Result<void> raise_alarms(Core& core) {
    TRY(auto transaction, core.database.begin());
    TRY(const auto rows,
        (transaction.all<identity::DeviceId, identity::MemberId, Bytes>(
            "SELECT DISTINCT device, member, key FROM unlisted_leaves WHERE alarmed = 0")));
    for (const auto& [device, member, key] : rows) {
        TRY_VOID(Alarms::raise(
            transaction, rule, {device, member, crypto::sha256(key)}, core.world.clock.wall()));
    }
    TRY_VOID(transaction.run("UPDATE unlisted_leaves SET alarmed = 1"));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return {};
}

}  // namespace

Result<void> look_in(Core& core,
                     store::Transaction& transaction,
                     const ConversationRow& row,
                     const mls::Group& group) {
    if (row.kind == ConversationKind::Directory) return {};
    TRY(const auto before, rows_of(transaction, row.log));
    TRY(const auto found, found_in(core, transaction, group));
    for (const Row& one : before) {
        if (std::ranges::contains(found, one)) continue;
        TRY_VOID(transaction.run(
            "DELETE FROM unlisted_leaves WHERE log = ?1 AND device = ?2 AND key = ?3",
            row.log,
            one.device,
            one.key));
    }
    for (const Row& one : found) {
        TRY_VOID(
            transaction.run("INSERT INTO unlisted_leaves (log, device, member, key)"
                            " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                            row.log,
                            one.device,
                            one.member,
                            one.key));
    }
    return {};
}

Result<void> look_again(Core& core, store::Transaction& transaction) {
    TRY(const auto logs,
        transaction.all<protocol::LogId>("SELECT DISTINCT log FROM unlisted_leaves"));
    for (const auto& [log] : logs) {
        const auto conversation = core.conversations.load(log);
        if (!conversation && conversation.error().code == Code::unknown) continue;
        TRY(const Conversation* loaded, conversation);
        TRY_VOID(look_in(core, transaction, loaded->row, loaded->group));
    }
    return {};
}

net::Task<Progress> await_list(Core& core, Session& session) {
    CO_TRY_VOID(look_in_all_once(core));
    CO_TRY(
        const auto waits,
        core.database.one<std::int64_t>("SELECT 1 FROM unlisted_leaves WHERE alarmed = 0 LIMIT 1"));
    if (!waits) co_return Progress::Idle;
    CO_TRY(const auto directory, core.conversations.directory());
    if (!directory || directory->state != ConversationState::Open) co_return Progress::Idle;
    CO_TRY(const Progress read, co_await catch_up(core, session, directory->log));
    if (read == Progress::Moved) co_return Progress::Moved;
    CO_TRY_VOID(raise_alarms(core));
    co_return Progress::Moved;
}

Result<bool> stands_in(store::Database& database, protocol::LogId log) {
    TRY(const auto row,
        database.one<std::int64_t>("SELECT 1 FROM unlisted_leaves WHERE log = ?1 LIMIT 1", log));
    return row.has_value();
}

Result<bool> is_told_of(store::Database& database, protocol::LogId log) {
    TRY(const auto row,
        database.one<std::int64_t>(
            "SELECT 1 FROM unlisted_leaves WHERE log = ?1 AND alarmed = 1 LIMIT 1", log));
    return row.has_value();
}

Result<bool> is_author(store::Database& database,
                       protocol::LogId log,
                       const identity::Passport& author) {
    TRY(const auto row,
        database.one<std::int64_t>(
            "SELECT 1 FROM unlisted_leaves WHERE log = ?1 AND device = ?2 AND key = ?3",
            log,
            author.device,
            author.signature_key));
    return row.has_value();
}

Result<std::vector<Unlisted>> all(store::Database& database) {
    TRY(auto rows,
        (database.all<identity::MemberId, identity::DeviceId, Bytes>(
            "SELECT DISTINCT member, device, key FROM unlisted_leaves ORDER BY member, device")));
    std::vector<Unlisted> all;
    for (auto& [member, device, key] : rows)
        all.push_back({member, device, std::move(key)});
    return all;
}

}  // namespace cercle::client::unlisted
