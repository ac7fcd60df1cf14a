// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/restored.h"

#include "access/label.h"
#include "client/cards.h"
#include "client/dispatch.h"
#include "client/kept.h"
#include "client/receive.h"
#include "client/rotation.h"
#include "codec/tls.h"
#include "net/succession.h"

namespace cercle::client::restored {
namespace {

using protocol::Incarnation;
using protocol::Seq;
using protocol::Stamp;

/// So long devices say anew at each session's start what they have: the relay keeps in memory who
/// has, and may have been started again.
constexpr Duration while_it_may_ask = std::chrono::hours{2};

struct Known {
    std::optional<Incarnation> incarnation;
    Stamp since;
};

Result<Known> known(Core& core) {
    TRY(const auto row,
        (core.database.one<std::optional<Incarnation>, Stamp>(
            "SELECT incarnation, incarnation_since FROM self")));
    if (!row) return fail(Code::home_missing, "this device has not joined");
    return Known{std::get<0>(*row), std::get<1>(*row)};
}

Result<void> take_down(store::Transaction& transaction, Incarnation incarnation, Stamp since) {
    return transaction.run(
        "UPDATE self SET incarnation = ?1, incarnation_since = ?2", incarnation, since);
}

enum class Found : std::uint8_t { No, Yes };

/// What is to be done for a log that is marked.
enum class Wanted : std::uint8_t { GiveBack = 0, Declaration = 1 };

/// Of a log that is to be given back, that stands.
Result<void> mark_all(store::Transaction& transaction, Wanted wanted) {
    return transaction.run(
        "INSERT OR IGNORE INTO restored_logs (log, wanted)"
        " SELECT log, ?2 FROM conversations WHERE state = ?1",
        ConversationState::Open,
        wanted);
}

Result<std::optional<Wanted>> wanted_of(Core& core, protocol::LogId log) {
    TRY(const auto row,
        core.database.one<Wanted>("SELECT wanted FROM restored_logs WHERE log = ?1", log));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<void> begin_anew(Core& core, const protocol::IncarnationStatement& statement) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(take_down(transaction, statement.now, statement.since));
    TRY_VOID(transaction.run("DELETE FROM restored_logs"));
    TRY_VOID(mark_all(transaction, Wanted::GiveBack));
    TRY_VOID(transaction.run("INSERT INTO restored_logs (log, wanted) VALUES (?1, ?2)",
                             core.self.inbox,
                             Wanted::GiveBack));
    TRY_VOID(rotation::tell_again(transaction));
    // What it was told of them it may have forgotten.
    TRY_VOID(transaction.run("UPDATE acknowledgements SET told = 0, told_follows = 0"));
    TRY_VOID(cards::tell_all_anew(core, transaction));
    return std::move(transaction).commit();
}

/// Whether the relay's log, which ends before what was read, ends in what was read.
net::Task<void> check_common(Core& core, Session& session, protocol::LogId log, Seq head) {
    if (head.value == 0) co_return Result<void>();
    CO_TRY(const auto own, kept::chain_at(core.database, log, head));
    CO_TRY(const auto last,
           co_await session.ask<protocol::Entries>(protocol::Read{log, head.before()},
                                                   core.world.loop.in(request_patience)));
    // Its last entry may be gone with those before; then the next one shows it.
    if (last.entries.empty() || last.entries.front().seq != head) co_return Result<void>();
    if (!own || *own != last.entries.front().chain) {
        co_return fail(Code::log_cut_short,
                       "the restored relay's log is not the one that was read here");
    }
    co_return Result<void>();
}

}  // namespace

Result<protocol::IncarnationStatement> check(const identity::RelayFingerprint& key,
                                             const protocol::SignedIncarnation& said,
                                             Incarnation greeted,
                                             Stamp last) {
    if (net::fingerprint_of(said.key).bytes != key.bytes) {
        return fail(Code::forged, "another key than the relay's has signed its incarnation");
    }
    TRY_VOID(access::verify(said.key, access::Label::Incarnation, said.statement, said.signature));
    TRY(const auto statement, codec::decode<protocol::IncarnationStatement>(said.statement));
    if (statement.now != greeted) {
        return fail(Code::forged, "the relay has signed another incarnation than it lives in");
    }
    // Lives follow each other: nobody goes back to one that another has followed.
    if (statement.since <= last) {
        return fail(Code::stale, "the relay's incarnation is older than the one that is known");
    }
    return statement;
}

net::Task<void> look_at_incarnation(Core& core, Session& session) {
    CO_TRY(const Known before, known(core));
    const Incarnation greeted = session.incarnation();
    if (!before.incarnation) {
        CO_TRY(auto transaction, core.database.begin());
        CO_TRY_VOID(take_down(transaction, greeted, Stamp{}));
        co_return std::move(transaction).commit();
    }
    if (*before.incarnation == greeted) {
        const WallTime since{Duration{static_cast<std::int64_t>(before.since.value)}};
        if (before.since.value == 0 || core.world.clock.wall() > since + while_it_may_ask) {
            co_return Result<void>();
        }
        CO_TRY(auto transaction, core.database.begin());
        CO_TRY_VOID(mark_all(transaction, Wanted::Declaration));
        co_return std::move(transaction).commit();
    }
    const auto said = co_await session.ask<protocol::SignedIncarnation>(
        protocol::GetIncarnation{}, core.world.loop.in(request_patience));
    if (!said && session.lost()) co_return std::unexpected(said.error());
    const auto statement =
        said ? check(core.self.relay_key, *said, greeted, before.since)
             : Result<protocol::IncarnationStatement>(std::unexpected(said.error()));
    if (!statement) {
        core.world.diary.fault(statement.error());
        co_return Result<void>();
    }
    core.world.diary.note(Diary::Level::Warning, "the relay was restored from a backup", {});
    co_return begin_anew(core, *statement);
}

Result<bool> is_marked(Core& core, protocol::LogId log) {
    TRY(const auto wanted, wanted_of(core, log));
    return wanted.has_value();
}

Result<void> mark(Core& core, protocol::LogId log) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("INSERT OR IGNORE INTO restored_logs (log, wanted) VALUES (?1, ?2)",
                             log,
                             Wanted::Declaration));
    return std::move(transaction).commit();
}

Result<void> mark_new(Core& core, protocol::LogId log) {
    TRY(const Known now, known(core));
    const WallTime since{Duration{static_cast<std::int64_t>(now.since.value)}};
    if (now.since.value == 0 || core.world.clock.wall() > since + while_it_may_ask) return {};
    return mark(core, log);
}

namespace {

/// Whether the log has at that place what was read there, or had, and let go of it since.
net::Task<Found> look_for(
    net::Loop& loop, Session& session, protocol::LogId log, protocol::Opened opened, Place read) {
    if (read.seq < opened.since) co_return Found::Yes;
    if (opened.head < read.seq) co_return Found::No;
    CO_TRY(const auto there,
           co_await session.ask<protocol::Entries>(protocol::Read{log, read.seq.before()},
                                                   loop.in(request_patience)));
    const bool same = !there.entries.empty() && there.entries.front().seq == read.seq &&
                      there.entries.front().chain == read.chain;
    co_return same ? Found::Yes : Found::No;
}

}  // namespace

net::Task<Place> place_to_read_from(net::Loop& loop,
                                    Session& session,
                                    protocol::LogId log,
                                    protocol::Opened opened,
                                    Place read,
                                    Stamp since) {
    CO_TRY(const Found found, co_await look_for(loop, session, log, opened, read));
    if (found == Found::Yes) co_return read;
    // All that is left of the former life was read in it, since more than that was.
    Place place{opened.since.before(), unknown_chain};
    while (place.seq < opened.head) {
        CO_TRY(const auto there,
               co_await session.ask<protocol::Entries>(protocol::Read{log, place.seq},
                                                       loop.in(request_patience)));
        if (there.entries.empty()) break;
        for (const protocol::Entry& entry : there.entries) {
            // Or it would be asked for ever.
            if (entry.seq <= place.seq) {
                co_return fail(Code::malformed, "the relay's entries do not follow each other");
            }
            if (entry.stamp >= since) co_return place;
            place.seq = entry.seq;
            place.chain = entry.chain;
        }
    }
    co_return place;
}

net::Task<void> rewind_inbox(Core& core, Session& session, protocol::Opened opened) {
    CO_TRY(const bool marked, is_marked(core, core.self.inbox));
    if (!marked) co_return Result<void>();
    CO_TRY(const Known now, known(core));
    CO_TRY(
        const auto row,
        (core.database.one<Seq, protocol::ChainHash>("SELECT inbox_seq, inbox_chain FROM self")));
    if (!row) co_return fail(Code::home_missing, "this device has not joined");
    CO_TRY(const Place place,
           co_await place_to_read_from(core.world.loop,
                                       session,
                                       core.self.inbox,
                                       opened,
                                       {std::get<0>(*row), std::get<1>(*row)},
                                       now.since));
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run(
        "UPDATE self SET inbox_seq = ?1, inbox_chain = ?2", place.seq, place.chain));
    CO_TRY_VOID(transaction.run("DELETE FROM restored_logs WHERE log = ?1", core.self.inbox));
    co_return std::move(transaction).commit();
}

net::Task<void> found_again(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(const auto row,
           core.database.one<Bytes>("SELECT request FROM foundings WHERE log = ?1", log));
    if (!row) co_return fail(Code::refused, "the restored relay does not know this conversation");
    CO_TRY(auto founding, codec::decode<protocol::CreateLog>(std::get<0>(*row)));
    CO_TRY_VOID(co_await session.ask<protocol::Done>(std::move(founding),
                                                     core.world.loop.in(request_patience)));
    co_return Result<void>();
}

namespace {

/// All that the relay's log lacks of what was read.
net::Task<void> fill_up(Core& core, Session& session, protocol::LogId log, Seq read) {
    CO_TRY(const auto there,
           co_await session.ask<protocol::Entries>(protocol::Read{log, read},
                                                   core.world.loop.in(request_patience)));
    Seq head = there.head;
    if (head < read) CO_TRY_VOID(co_await check_common(core, session, log, head));
    while (head < read) {
        CO_TRY(auto entries, kept::behind(core.database, log, head));
        if (entries.empty()) {
            co_return fail(Code::log_cut_short,
                           "the relay was restored from a backup that is too old for what is kept"
                           " here");
        }
        head = entries.back().seq;
        CO_TRY_VOID(co_await session.ask<protocol::Done>(
            protocol::GiveBack{log, std::move(entries)}, core.world.loop.in(request_patience)));
    }
    co_return Result<void>();
}

}  // namespace

net::Task<void> give_back(Core& core, Session& session, protocol::LogId log) {
    CO_TRY(const auto wanted, wanted_of(core, log));
    CO_TRY(const Conversation* conversation, core.conversations.load(log));
    if (wanted == Wanted::GiveBack) {
        CO_TRY_VOID(co_await fill_up(core, session, log, conversation->seq));
    }
    CO_TRY(Progress progress, co_await catch_up(core, session, log));
    while (progress == Progress::Moved) {
        CO_TRY(progress, co_await catch_up(core, session, log));
    }
    CO_TRY(conversation, core.conversations.load(log));
    CO_TRY_VOID(co_await session.ask<protocol::Done>(protocol::DeclareKept{log, conversation->seq},
                                                     core.world.loop.in(request_patience)));
    CO_TRY(auto transaction, core.database.begin());
    CO_TRY_VOID(transaction.run("DELETE FROM restored_logs WHERE log = ?1", log));
    co_return std::move(transaction).commit();
}

Result<void> note_founding(store::Transaction& transaction, const protocol::CreateLog& founding) {
    return transaction.run("INSERT OR IGNORE INTO foundings (log, request) VALUES (?1, ?2)",
                           founding.log,
                           codec::encode(founding));
}

}  // namespace cercle::client::restored
