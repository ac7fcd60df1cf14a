// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/rotation.h"

#include "access/token.h"
#include "client/compose.h"
#include "client/lost.h"
#include "envelope/inbox_letter.h"

namespace cercle::client::rotation {
namespace {

using identity::InboxTurn;

/// A token as the relay keeps it.
protocol::TokenHash deposit_hash(const Secret& inbox_secret) {
    return {access::token_hash(access::Right::Deposit,
                               identity::inbox_keys(inbox_secret).deposit_token)};
}

/// The directory's conversation, if something can be said in it that no lost device reads.
Result<std::optional<protocol::LogId>> safe_directory(Core& core) {
    TRY(const auto directory, core.conversations.directory());
    if (!directory || directory->state != ConversationState::Open) {
        return std::optional<protocol::LogId>();
    }
    TRY(const bool overheard, lost::stands_in(core.database, directory->log));
    return overheard ? std::nullopt : std::optional(directory->log);
}

Result<void> announce(Core& core,
                      store::Transaction& transaction,
                      protocol::LogId directory,
                      InboxTurn turn,
                      const Secret& secret) {
    identity::InboxAnnouncement announcement;
    announcement.turn = turn;
    announcement.secret = secret.copy();
    const Secret encoded = codec::encode_secret(announcement);
    TRY_VOID(write_content(core, transaction, directory, envelope::inbox_type, encoded.reveal()));
    TRY(const auto own, core.self.root.recognise(core.self.certificate));
    if (own.role != identity::Role::Officer) return {};
    // He stands in every hall, and from each there is something to be told to him.
    TRY(const auto conversations, core.conversations.all());
    for (const ConversationRow& row : conversations) {
        const bool hall = row.kind == ConversationKind::Directory &&
                          row.state == ConversationState::Open && row.log != directory;
        if (!hall) continue;
        TRY(const bool overheard, lost::stands_in(core.database, row.log));
        if (overheard) continue;
        TRY_VOID(write_content(core, transaction, row.log, envelope::inbox_type, encoded.reveal()));
    }
    return {};
}

/// In the order in which they came, each device's last.
Result<void> keep_announcement(store::Transaction& transaction,
                               identity::DeviceId device,
                               InboxTurn turn,
                               const Secret& secret) {
    return transaction.run(
        "INSERT OR REPLACE INTO inbox_announcements (device, turn, secret) VALUES (?1, ?2, ?3)",
        device,
        turn,
        secret);
}

struct Standing {
    InboxTurn turn;
    std::optional<Secret> next;  // drawn, and not known to be in force
    std::int64_t tell = 0;       // the relay may have forgotten the one that was
};

Result<Standing> standing(Core& core) {
    TRY(auto row,
        (core.database.one<InboxTurn, std::optional<Secret>, std::int64_t>(
            "SELECT inbox_turn, inbox_next, inbox_tell FROM self")));
    if (!row) return fail(Code::home_missing, "this device has not joined");
    auto& [turn, next, tell] = *row;
    return Standing{turn, std::move(next), tell};
}

/// The relay has closed the inbox to the secret of before, under which everything came that stands
/// up to `head`.
Result<void> enter_turn(Core& core, const Standing& before, protocol::Seq head) {
    const Secret& next = *before.next;
    const InboxTurn turn = before.turn.next();
    TRY(const auto directory, core.conversations.directory());
    TRY(auto transaction, core.database.begin());
    TRY_VOID(
        transaction.run("INSERT INTO inbox_secrets_before (turn, secret, upto) VALUES (?1, ?2, ?3)",
                        before.turn,
                        core.self.inbox_secret,
                        head));
    // An office that is restored from a backup of before knows this one, and none that came after.
    TRY_VOID(transaction.run("INSERT INTO office_keys (turn, closing_key) VALUES (?1, ?2)",
                             before.turn,
                             identity::inbox_keys(core.self.inbox_secret).closing_key));
    TRY_VOID(
        transaction.run("UPDATE self SET inbox_secret = ?1, inbox_turn = ?2,"
                        " inbox_next = NULL, inbox_tell = 0",
                        next,
                        turn));
    TRY_VOID(
        transaction.run("UPDATE devices SET inbox_secret = ?2, inbox_turn = ?3 WHERE device = ?1",
                        core.self.device,
                        next,
                        turn));
    TRY_VOID(keep_announcement(transaction, core.self.device, turn, next));
    // Those that lay at the relay are gone there, and those on their way were closed under the old
    // key. Whoever has taken one may still bring us in by it.
    TRY_VOID(transaction.run("UPDATE key_packages SET deposited = 1 WHERE closed IS NOT NULL"));
    // Whoever is out of the directory by now has nobody to tell.
    if (directory && directory->state == ConversationState::Open) {
        TRY_VOID(announce(core, transaction, directory->log, turn, next));
    }
    TRY_VOID(std::move(transaction).commit());
    core.self.inbox_secret = next.copy();
    return {};
}

Result<void> note_told(Core& core) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE self SET inbox_tell = 0"));
    TRY_VOID(transaction.run("UPDATE key_packages SET deposited = 1 WHERE closed IS NOT NULL"));
    return std::move(transaction).commit();
}

/// Letters and words that wait here for a device's inbox, under its newest secret. Under other ids,
/// since they are other bytes: a letter may come twice, and is one.
Result<void> close_waiting_anew(store::Transaction& transaction,
                                Random& random,
                                protocol::LogId inbox,
                                const Secret& before,
                                const Secret& now) {
    const auto old_keys = identity::inbox_keys(before);
    const auto new_keys = identity::inbox_keys(now);
    TRY(const auto waiting,
        (transaction.all<std::int64_t, Bytes>(
            "SELECT ordinal, payload FROM deposits WHERE inbox = ?1", inbox)));
    for (const auto& [ordinal, payload] : waiting) {
        const auto anew =
            envelope::close_anew(old_keys.closing_key, new_keys.closing_key, payload, random);
        // What this device has written, it can open; what it cannot, keeps no secret from coming.
        if (!anew) continue;
        TRY_VOID(transaction.run(
            "UPDATE deposits SET token = ?2, entry = ?3, payload = ?4 WHERE ordinal = ?1",
            ordinal,
            new_keys.deposit_token,
            protocol::EntryId::random(random),
            *anew));
    }
    return {};
}

}  // namespace

Result<Progress> draw(Core& core) {
    TRY(const auto row,
        (core.database.one<identity::RevocationNumber, identity::RevocationNumber>(
            "SELECT turned_for, (SELECT coalesce(max(number), 0) FROM revocations) FROM self")));
    if (!row) return fail(Code::home_missing, "this device has not joined");
    const auto& [turned_for, newest] = *row;
    if (newest <= turned_for) return Progress::Idle;
    TRY(const auto directory, safe_directory(core));
    if (!directory) return Progress::Idle;
    Secret next(32);
    core.world.random.fill(next.expose());
    TRY(auto transaction, core.database.begin());
    // One that was drawn and is not in force yet was told to nobody: it is good for this, too.
    TRY_VOID(transaction.run(
        "UPDATE self SET inbox_next = coalesce(inbox_next, ?1), turned_for = ?2", next, newest));
    TRY_VOID(std::move(transaction).commit());
    return Progress::Moved;
}

net::Task<Progress> tell(Core& core, Session& session) {
    CO_TRY(const Standing now, standing(core));
    if (!now.next && now.tell == 0) co_return Progress::Idle;
    const auto hash = deposit_hash(now.next ? *now.next : core.self.inbox_secret);
    CO_TRY(const auto answer,
           co_await session.ask<protocol::Entries>(protocol::RotateInbox{core.self.inbox, hash},
                                                   core.world.loop.in(request_patience)));
    if (now.next) {
        CO_TRY_VOID(enter_turn(core, now, answer.head));
    } else {
        CO_TRY_VOID(note_told(core));
    }
    CO_TRY_VOID(forget_past(core));
    core.changed.notify_all();
    co_return Progress::Moved;
}

Result<void> begin(store::Transaction& transaction) {
    return transaction.run(
        "UPDATE self SET turned_for = (SELECT coalesce(max(number), 0) FROM revocations)");
}

Result<void> tell_again(store::Transaction& transaction) {
    return transaction.run("UPDATE self SET inbox_tell = 1 WHERE inbox_turn > 0");
}

Result<void> announce_again(Core& core,
                            store::Transaction& transaction,
                            protocol::LogId directory) {
    TRY(const auto row, transaction.one<InboxTurn>("SELECT inbox_turn FROM self"));
    if (!row || std::get<0>(*row).value == 0) return {};
    return announce(core, transaction, directory, std::get<0>(*row), core.self.inbox_secret);
}

Result<std::vector<Secret>> closing_keys(Core& core) {
    std::vector<Secret> keys;
    keys.push_back(identity::inbox_keys(core.self.inbox_secret).closing_key);
    TRY(const auto before,
        core.database.all<Secret>("SELECT secret FROM inbox_secrets_before ORDER BY turn DESC"));
    for (const auto& [secret] : before)
        keys.push_back(identity::inbox_keys(secret).closing_key);
    return keys;
}

Result<void> forget_past(Core& core) {
    constexpr store::Sql over =
        "SELECT 1 FROM inbox_secrets_before WHERE upto <= (SELECT inbox_seq FROM self)"
        " AND NOT EXISTS (SELECT 1 FROM kept_welcomes) LIMIT 1";
    TRY(const auto any, core.database.one<std::int64_t>(over));
    if (!any) return {};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run(
        "DELETE FROM inbox_secrets_before WHERE upto <= (SELECT inbox_seq FROM self)"));
    return std::move(transaction).commit();
}

Result<void> take_announcement(Core& core,
                               store::Transaction& transaction,
                               identity::DeviceId author,
                               const envelope::Content& content) {
    TRY(const auto said, identity::open_inbox_announcement(content.body));
    TRY(const auto known,
        transaction.one<InboxTurn>("SELECT turn FROM inbox_announcements WHERE device = ?1",
                                   author));
    if (known && said.turn <= std::get<0>(*known)) return {};
    TRY_VOID(keep_announcement(transaction, author, said.turn, said.secret));
    TRY_VOID(take_secret(transaction, core.world.random, author, said.turn, said.secret));
    // What was refused under the old token is tried again at once.
    core.inboxes_turned = true;
    return {};
}

Result<void> take_secret(store::Transaction& transaction,
                         Random& random,
                         identity::DeviceId device,
                         InboxTurn turn,
                         const Secret& secret) {
    TRY(const auto row,
        (transaction.one<protocol::LogId, Secret, InboxTurn>(
            "SELECT inbox, inbox_secret, inbox_turn FROM devices WHERE device = ?1", device)));
    if (!row) return {};
    const auto& [inbox, before, known] = *row;
    if (turn < known) return {};
    if (before != secret) TRY_VOID(close_waiting_anew(transaction, random, inbox, before, secret));
    return transaction.run(
        "UPDATE devices SET inbox_secret = ?2, inbox_turn = ?3 WHERE device = ?1",
        device,
        secret,
        turn);
}

Result<void> take_early_word(store::Transaction& transaction, identity::DeviceId device) {
    return transaction.run(
        "UPDATE devices SET (inbox_secret, inbox_turn) ="
        " (SELECT secret, turn FROM inbox_announcements a WHERE a.device = ?1)"
        " WHERE device = ?1 AND inbox_turn <"
        " (SELECT turn FROM inbox_announcements a WHERE a.device = ?1)",
        device);
}

}  // namespace cercle::client::rotation
