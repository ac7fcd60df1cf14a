// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_post.h"

#include <algorithm>
#include <utility>

#include "access/label.h"
#include "access/token.h"
#include "client/answering.h"
#include "client/beside.h"
#include "client/card_hours.h"
#include "client/cards.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

std::chrono::minutes offset_now(const Core& core) {
    const WallTime now = core.world.clock.wall();
    return core.world.zone != nullptr ? core.world.zone(now) : std::chrono::minutes{0};
}

Result<void> mark_told(Core& core, store::Sql sql, const protocol::CardId& card) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run(sql, card));
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return {};
}

/// The face, with the newest key, and the terms as they are in UTC now.
Result<protocol::PutCard> put_of(Core& core, const CardFile& file, std::chrono::minutes offset) {
    TRY(auto row,
        (core.database.one<Secret, Secret, std::uint64_t>(
            "SELECT secret, card_key, face_number FROM cards WHERE card = ?1", file.card)));
    TRY(auto newest,
        core.database.one<Secret>(
            "SELECT secret FROM card_keys WHERE card = ?1 ORDER BY ordinal DESC LIMIT 1",
            file.card));
    if (!row || !newest) return fail(Code::store_corrupt, "a card without its keys");
    const auto& [secret, key_secret, number] = *row;
    TRY(const auto card_key, crypto::SigningKey::from_secret(ed25519, key_secret.reveal()));
    TRY(const auto reader,
        crypto::KemKey::from_secret(envelope::card_kem, std::get<0>(*newest).reveal()));
    TRY(const auto local, read_hours(file.plan.hours));
    TRY(auto hours, hours_in_utc(local, offset));
    const auto rights = identity::card_rights(secret);
    auto& random = core.world.random;
    TRY(const auto word, answering::word_on(core.database, file.card));
    Bytes face =
        word ? identity::close_answered_face(
                   {identity::answered_face_version, file.card, number, reader.public_key(), *word},
                   card_key,
                   rights.face,
                   random)
             : identity::close_face(
                   {1, file.card, number, reader.public_key()}, card_key, rights.face, random);
    return protocol::PutCard{core.self.inbox,
                             file.card,
                             {access::token_hash(access::Right::Card, rights.token)},
                             {file.plan.tier, file.plan.budget, std::move(hours)},
                             std::move(face)};
}

net::Task<void> put(Core& core, Session& session, CardFile file) {
    const auto offset = offset_now(core);
    CO_TRY(auto request, put_of(core, file, offset));
    CO_TRY_VOID(co_await session.ask<protocol::Done>(std::move(request),
                                                     core.world.loop.in(request_patience)));
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run("UPDATE cards SET put = 0, zone = ?2 WHERE card = ?1",
                                file.card,
                                static_cast<std::int64_t>(offset.count())));
    CO_TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    co_return Result<void>();
}

net::Task<void> bind(Core& core, Session& session, CardFile file) {
    if (!file.holder) co_return fail(Code::store_corrupt, "a bound card without a holder");
    const Bytes statement =
        codec::encode(protocol::BindingStatement{core.self.inbox, file.card, *file.holder});
    CO_TRY_VOID(co_await session.ask<protocol::Done>(
        protocol::BindCard{
            core.self.inbox,
            file.card,
            *file.holder,
            access::sign(core.self.inbox_reader, access::Label::CardBinding, statement)},
        core.world.loop.in(request_patience)));
    co_return mark_told(core, "UPDATE cards SET bind = 0 WHERE card = ?1", file.card);
}

net::Task<void> revoke(Core& core, Session& session, CardFile file) {
    const auto answer = co_await session.ask<protocol::Done>(
        protocol::RevokeCard{core.self.inbox, file.card}, core.world.loop.in(request_patience));
    // It never got there: closed before it was put.
    if (!answer && answer.error().code != Code::refused) {
        co_return std::unexpected(answer.error());
    }
    co_return mark_told(core, "UPDATE cards SET revoke = 0 WHERE card = ?1", file.card);
}

net::Task<void> post(Core& core, Session& session, CardPost letter) {
    CO_TRY_VOID(co_await session.ask<protocol::Posted>(
        protocol::AnswerCard{core.self.inbox, letter.card, {letter.entry, letter.payload}},
        core.world.loop.in(request_patience)));
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(card_talk::posted(transaction, letter, core.self.device));
    CO_TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    co_return Result<void>();
}

/// Its own holder's mishaps are no leak, and who tries a closed card has one that is worth nothing.
std::uint64_t leaks_in(const protocol::CardRow& row) {
    std::uint64_t leaks = 0;
    for (const protocol::MisuseCount& misuse : row.misuse) {
        const bool by_another =
            misuse.why == protocol::Misuse::Foreign || misuse.why == protocol::Misuse::Forged;
        if (by_another) leaks += misuse.count;
    }
    return leaks;
}

Result<void> note_rows(Core& core, const std::vector<protocol::CardRow>& rows) {
    TRY(auto transaction, core.database.begin());
    for (const protocol::CardRow& row : rows) {
        TRY_VOID(
            transaction.run("UPDATE cards SET frozen = ?2, leaked = ?3, look = 0,"
                            " looked = ?4 WHERE card = ?1",
                            row.card,
                            static_cast<std::int64_t>(row.frozen),
                            leaks_in(row),
                            core.world.clock.wall()));
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    return {};
}

net::Task<void> look(Core& core, Session& session) {
    protocol::CardId after{};
    while (true) {
        CO_TRY(const auto list,
               co_await session.ask<protocol::Cards>(protocol::ListCards{core.self.inbox, after},
                                                     core.world.loop.in(request_patience)));
        CO_TRY_VOID(note_rows(core, list.cards));
        if (list.more == 0 || list.cards.empty()) break;
        after = list.cards.back().card;
    }
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run("UPDATE cards SET look = 0"));
    CO_TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    co_return Result<void>();
}

/// Whether somebody has misused a card whose counts were not looked at for a while, or the person
/// wants to see them.
Result<bool> wants_look(Core& core) {
    const WallTime before = core.world.clock.wall() - pause_between_looks;
    TRY(const auto row,
        core.database.one<std::int64_t>(
            "SELECT 1 FROM cards WHERE look = 2 OR (look = 1 AND looked < ?1) LIMIT 1", before));
    return row.has_value();
}

/// A zone that has changed its offset moves the hours of all that have any.
Result<void> follow_zone(Core& core) {
    const auto offset = static_cast<std::int64_t>(offset_now(core).count());
    TRY(const auto moved,
        core.database.one<std::int64_t>("SELECT 1 FROM cards WHERE stage < 3 AND put = 0"
                                        " AND hours <> '' AND zone <> ?1 LIMIT 1",
                                        offset));
    if (!moved) return {};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(
        transaction.run("UPDATE cards SET put = 1 WHERE stage < 3 AND hours <> ''"
                        " AND zone <> ?1",
                        offset));
    return std::move(transaction).commit();
}

bool is_of_the_session(const Session& session, Code code) {
    return session.lost() || code == Code::closing || worth_another_connection(code) ||
           code == Code::disk_fault || code == Code::disk_full || code == Code::store_corrupt;
}

/// The next thing that is to be told of one card; nothing if there is none.
net::Task<Progress> tell_of(Core& core, Session& session, CardFile file) {
    if (file.revoke != 0) {
        CO_TRY_VOID(co_await revoke(core, session, std::move(file)));
        co_return Progress::Moved;
    }
    if (file.put != 0) {
        CO_TRY_VOID(co_await put(core, session, std::move(file)));
        co_return Progress::Moved;
    }
    if (file.bind != 0) {
        CO_TRY_VOID(co_await bind(core, session, std::move(file)));
        co_return Progress::Moved;
    }
    CO_TRY(auto letter, card_talk::next_post(core.database, file.card));
    if (!letter) co_return Progress::Idle;
    CO_TRY_VOID(co_await post(core, session, *std::move(letter)));
    co_return Progress::Moved;
}

}  // namespace

net::Task<Progress> post_for_cards(Core& core, Session& session) {
    CO_TRY_VOID(follow_zone(core));
    CO_TRY(const bool looks, wants_look(core));
    if (looks) CO_TRY_VOID(co_await look(core, session));
    Progress progress = Progress::Idle;
    CO_TRY(const auto files, cards::all(core.database));
    for (const CardFile& file : files) {
        if (core.refused_cards.contains(file.card)) continue;
        const auto told = co_await tell_of(core, session, file);
        if (told && *told == Progress::Moved) progress = Progress::Moved;
        if (told) continue;
        if (is_of_the_session(session, told.error().code)) {
            co_return std::unexpected(told.error());
        }
        core.world.diary.fault(told.error());
        core.refused_cards.insert_or_assign(file.card, told.error());
        core.changed.notify_all();
    }
    co_return progress;
}

Result<bool> is_card_told(Core& core, const protocol::CardId& card) {
    TRY(const auto file, cards::find(core.database, card));
    if (!file) return true;
    TRY(const auto letter, card_talk::next_post(core.database, card));
    if (file->put == 0 && file->bind == 0 && file->revoke == 0 && !letter) return true;
    const auto refused = core.refused_cards.find(card);
    if (refused != core.refused_cards.end()) return std::unexpected(refused->second);
    return false;
}

void look_at_cards_again(Core& core) {
    auto transaction = core.database.begin();
    if (!transaction) return;
    if (!transaction->run("UPDATE cards SET look = 2")) return;
    if (std::move(*transaction).commit()) core.work.set();
}

}  // namespace cercle::client
