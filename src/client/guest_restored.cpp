// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/guest_restored.h"

#include "client/dispatch.h"
#include "client/restored.h"

namespace cercle::client::guest_restored {
namespace {

using protocol::Incarnation;
using protocol::Stamp;

struct Known {
    std::optional<Incarnation> incarnation;
    Stamp since;
    std::int64_t rewind = 0;
};

Result<Known> known(store::Database& database) {
    TRY(const auto row,
        (database.one<std::optional<Incarnation>, Stamp, std::int64_t>(
            "SELECT incarnation, incarnation_since, rewind FROM guest")));
    if (!row) return fail(Code::store_corrupt, "a guest's vault without its card");
    return Known{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
}

Result<void> take_down(store::Database& database,
                       Incarnation incarnation,
                       Stamp since,
                       std::int64_t rewind) {
    TRY(auto transaction, database.begin());
    TRY_VOID(
        transaction.run("UPDATE guest SET incarnation = ?1, incarnation_since = ?2, rewind = ?3",
                        incarnation,
                        since,
                        rewind));
    return std::move(transaction).commit();
}

Result<GuestFile> file_of(store::Database& database) {
    TRY(auto guest, load_guest(database));
    if (!guest) return fail(Code::store_corrupt, "a guest's vault without its card");
    return *std::move(guest);
}

/// Its owner may not have read it yet. If it stands there still, or he has bound the card since, it
/// is refused or done already, and either is well.
net::Task<void> claim_again(World& world, Session& session, GuestFile guest) {
    if (guest.stage != GuestStage::Claimed || !guest.claim) co_return Result<void>();
    const auto answer = co_await session.ask<protocol::Done>(
        protocol::ClaimCard{guest.card, guest.token.copy(), {guest.entry, *guest.claim}},
        world.loop.in(request_patience));
    if (!answer && answer.error().code != Code::refused) {
        co_return std::unexpected(answer.error());
    }
    co_return Result<void>();
}

}  // namespace

net::Task<void> look_at_incarnation(World& world, store::Database& database, Session& session) {
    CO_TRY(const Known before, known(database));
    const Incarnation greeted = session.incarnation();
    if (!before.incarnation) co_return take_down(database, greeted, Stamp{}, 0);
    if (*before.incarnation == greeted) co_return Result<void>();
    const auto said = co_await session.ask<protocol::SignedIncarnation>(
        protocol::GetIncarnation{}, world.loop.in(request_patience));
    if (!said && session.lost()) co_return std::unexpected(said.error());
    CO_TRY(GuestFile guest, file_of(database));
    const auto statement =
        said ? restored::check(guest.relay_key, *said, greeted, before.since)
             : Result<protocol::IncarnationStatement>(std::unexpected(said.error()));
    if (!statement) {
        world.diary.fault(statement.error());
        co_return Result<void>();
    }
    world.diary.note(Diary::Level::Warning, "the relay was restored from a backup", {});
    CO_TRY_VOID(co_await claim_again(world, session, std::move(guest)));
    co_return take_down(database, statement->now, statement->since, 1);
}

net::Task<void> rewind_answers(World& world,
                               store::Database& database,
                               Session& session,
                               protocol::Opened opened) {
    CO_TRY(const Known now, known(database));
    if (now.rewind == 0) co_return Result<void>();
    CO_TRY(const GuestFile guest, file_of(database));
    CO_TRY(const restored::Place place,
           co_await restored::place_to_read_from(world.loop,
                                                 session,
                                                 protocol::answers_of(guest.card),
                                                 opened,
                                                 {guest.seq, guest.chain},
                                                 now.since));
    CO_TRY(auto transaction, database.begin());
    CO_TRY_VOID(transaction.run(
        "UPDATE guest SET seq = ?1, chain = ?2, rewind = 0", place.seq, place.chain));
    co_return std::move(transaction).commit();
}

}  // namespace cercle::client::guest_restored
