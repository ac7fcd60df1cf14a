// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/letters.h"

#include <set>
#include <utility>

#include "client/beside.h"
#include "client/posting.h"

namespace cercle::client {
namespace {

struct Letter {
    LetterNumber number;
    protocol::LogId inbox;
    Secret token;
    protocol::EntryId entry;
    Bytes payload;
};

/// The oldest that was not refused since everything was looked at, and before which no page of the
/// directory has to come.
Result<std::optional<LetterNumber>> next_number(Core& core) {
    TRY(const auto waiting,
        (core.database.all<LetterNumber, protocol::LogId, LetterKind>(
            "SELECT ordinal, inbox, kind FROM deposits ORDER BY ordinal")));
    std::set<protocol::LogId> awaiting;
    for (const auto& [number, inbox, kind] : waiting) {
        const bool refused = core.refused_letters.contains(number);
        if (!refused && !awaiting.contains(inbox)) return std::optional(number);
        if (kind == LetterKind::Page) awaiting.insert(inbox);
    }
    return std::optional<LetterNumber>();
}

Result<std::optional<Letter>> next_letter(Core& core) {
    TRY(const auto next, next_number(core));
    if (!next) return std::optional<Letter>();
    const LetterNumber number = *next;
    TRY(auto row,
        (core.database.one<protocol::LogId, Secret, protocol::EntryId, Bytes>(
            "SELECT inbox, token, entry, payload FROM deposits WHERE ordinal = ?1", number)));
    if (!row) return fail(Code::store_corrupt, "a letter that was there a moment ago");
    auto& [inbox, token, entry, payload] = *row;
    return std::optional(Letter{number, inbox, std::move(token), entry, std::move(payload)});
}

Result<void> delivered(Core& core, LetterNumber letter) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("DELETE FROM deposits WHERE ordinal = ?1", letter));
    return std::move(transaction).commit();
}

/// Whether it still waits as it was sent, and was not closed anew meanwhile (rotation.h).
Result<bool> waits_unchanged(Core& core, LetterNumber letter, protocol::EntryId entry) {
    TRY(const auto row,
        core.database.one<std::int64_t>(
            "SELECT 1 FROM deposits WHERE ordinal = ?1 AND entry = ?2", letter, entry));
    return row.has_value();
}

Result<void> give_another_id(Core& core, LetterNumber letter) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE deposits SET entry = ?2 WHERE ordinal = ?1",
                             letter,
                             protocol::EntryId::random(core.world.random)));
    return std::move(transaction).commit();
}

}  // namespace

net::Task<Progress> deposit_next(Core& core, Session& session) {
    CO_TRY(auto letter, next_letter(core));
    if (!letter) co_return Progress::Idle;
    const LetterNumber number = letter->number;
    const auto answer = co_await session.ask<protocol::Posted>(
        protocol::Deposit{
            letter->inbox, std::move(letter->token), {letter->entry, std::move(letter->payload)}},
        core.world.loop.in(request_patience));
    if (!answer) {
        const Code code = answer.error().code;
        const bool of_the_session =
            session.lost() || code == Code::closing || worth_another_connection(code);
        if (of_the_session) co_return std::unexpected(answer.error());
        core.world.diary.fault(answer.error());
        // Something else stands under this id, put there by the relay itself.
        if (code == Code::id_reused) CO_TRY_VOID(give_another_id(core, number));
        CO_TRY(const bool unchanged, waits_unchanged(core, number, letter->entry));
        if (unchanged || code == Code::id_reused) {
            core.refused_letters.insert_or_assign(number, answer.error());
        }
    } else {
        CO_TRY_VOID(delivered(core, number));
    }
    core.changed.notify_all();
    co_return Progress::Moved;
}

// Reports and accounts keep nobody waiting: what they tell is nobody's message.
Result<bool> are_letters_delivered(Core& core, std::optional<protocol::LogId> log) {
    TRY(const auto waiting,
        core.database.all<LetterNumber>(
            "SELECT ordinal FROM deposits WHERE (?1 IS NULL OR log = ?1) AND kind NOT IN (2, 3, 5)"
            " ORDER BY ordinal",
            log));
    const Error* refused = nullptr;
    for (const auto& [number] : waiting) {
        const auto found = core.refused_letters.find(number);
        if (found == core.refused_letters.end()) return false;
        refused = &found->second;
    }
    if (refused == nullptr) return true;
    return fail(refused->code,
                "the relay does not take the letter that lets somebody in; it is kept, and sent"
                " again later");
}

}  // namespace cercle::client
