// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/inbox.h"

#include <utility>

#include "client/card_inbox.h"
#include "client/drawer.h"
#include "client/judge.h"
#include "client/lost_letters.h"
#include "client/offices.h"
#include "client/page_letters.h"
#include "client/receive.h"
#include "client/renewal.h"
#include "client/rotation.h"
#include "client/welcomes.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

// As long as the certificate in it, with which it is replaced (renewal.cpp).
constexpr auto package_lifetime = 24h * 365;
constexpr auto tolerated_lag = 24h;

/// A Welcome, a page of the directory, a word about a lost device or the office, a drawer report,
/// or what came by a card.
Result<void> take_letter(Core& core,
                         store::Transaction& transaction,
                         const protocol::Entry& entry) {
    if (entry.kind == protocol::EntryKind::Card) return take_card_entry(core, transaction, entry);
    const auto welcome = take_welcome(core, transaction, entry);
    if (welcome) return {};
    if (welcome.error().code != Code::forged) return std::unexpected(welcome.error());
    const auto page = take_page_letter(core, transaction, entry);
    if (page || page.error().code != Code::forged) return page;
    const auto word = lost::take_word(core, transaction, entry);
    if (word || word.error().code != Code::forged) return word;
    const auto office = offices::take_letter(core, transaction, entry);
    if (office || office.error().code != Code::forged) return office;
    return drawer::take(core, transaction, entry);
}

Result<void> take_letters(Core& core,
                          protocol::Seq seq,
                          protocol::ChainHash chain,
                          const std::vector<protocol::Entry>& entries) {
    TRY(auto transaction, core.database.begin());
    for (const protocol::Entry& entry : entries) {
        TRY_VOID(check_next(seq, chain, core.self.inbox, entry));
        seq = entry.seq;
        chain = entry.chain;
        TRY(auto savepoint, transaction.savepoint());
        const auto taken = take_letter(core, transaction, entry);
        if (taken) {
            TRY_VOID(std::move(savepoint).keep());
        } else {
            if (is_of_the_disk(taken.error().code)) return std::unexpected(taken.error());
            // Anybody in the circle may put anything here; what does not open is passed over.
            core.world.diary.fault(taken.error());
        }
    }
    TRY_VOID(transaction.run("UPDATE self SET inbox_seq = ?1, inbox_chain = ?2", seq, chain));
    return std::move(transaction).commit();
}

struct Packages {
    std::vector<Bytes> refs;
    std::vector<Bytes> closed;
};

/// One more, closed for our own inbox.
Result<void> make_closed_package(Core& core, store::Transaction& transaction) {
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    TRY(const Bytes message, make_package(core, transaction));
    return transaction.run("UPDATE key_packages SET closed = ?1 WHERE rowid = ?2",
                           envelope::close_package(keys.closing_key, message, core.world.random),
                           transaction.last_row());
}

/// So many: first those that were made before and whose coming the relay has not confirmed, in the
/// same bytes, since it must not have one twice. What it says of their number may be untrue, so
/// there is an end to what is kept: the oldest that the relay had are forgotten, which somebody
/// took long ago and never used.
Result<Packages> packages_for(Core& core, std::uint32_t number) {
    TRY(auto transaction, core.database.begin());
    TRY(const auto counts,
        transaction.one<std::int64_t>(
            "SELECT count(*) FILTER (WHERE deposited = 0 AND closed IS NOT NULL AND stale = 0)"
            " FROM key_packages"));
    auto waiting = counts ? std::get<0>(*counts) : 0;
    for (; waiting < number; ++waiting)
        TRY_VOID(make_closed_package(core, transaction));
    TRY_VOID(
        transaction.run("DELETE FROM key_packages WHERE deposited = 1 AND rowid <= ("
                        " SELECT rowid FROM key_packages ORDER BY rowid DESC LIMIT 1 OFFSET ?1)",
                        most_kept_packages));
    TRY_VOID(std::move(transaction).commit());
    TRY(auto rows,
        (core.database.all<Bytes, Bytes>(
            "SELECT ref, closed FROM key_packages"
            " WHERE deposited = 0 AND closed IS NOT NULL AND stale = 0 LIMIT ?1",
            number)));
    Packages packages;
    for (auto& [ref, closed] : rows) {
        packages.refs.push_back(std::move(ref));
        packages.closed.push_back(std::move(closed));
    }
    return packages;
}

Result<void> mark_deposited(Core& core, const std::vector<Bytes>& refs) {
    TRY(auto transaction, core.database.begin());
    for (const Bytes& ref : refs)
        TRY_VOID(transaction.run("UPDATE key_packages SET deposited = 1 WHERE ref = ?1", ref));
    return std::move(transaction).commit();
}

}  // namespace

net::Task<Progress> read_inbox(Core& core, Session& session) {
    CO_TRY(const Progress kept, take_kept_welcomes(core));
    CO_TRY(const auto row,
           (core.database.one<protocol::Seq, protocol::ChainHash>(
               "SELECT inbox_seq, inbox_chain FROM self")));
    if (!row) co_return fail(Code::home_missing, "this device has not joined");
    const auto [seq, chain] = *row;
    CO_TRY(const auto entries,
           co_await session.ask<protocol::Entries>(protocol::Read{core.self.inbox, seq},
                                                   core.world.loop.in(request_patience)));
    CO_TRY_VOID(check_head(seq, entries.head));
    if (!entries.entries.empty()) {
        CO_TRY_VOID(take_letters(core, seq, chain, entries.entries));
    }
    CO_TRY_VOID(rotation::forget_past(core));
    if (entries.entries.empty()) co_return kept;
    core.changed.notify_all();
    core.work.set();
    co_return Progress::Moved;
}

Result<Bytes> make_package(Core& core, store::Transaction& transaction) {
    auto& random = core.world.random;
    const WallTime now = core.world.clock.wall();
    const auto reader = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    TRY(const mls::Suite* suite, suite_of(core.self.suite));
    const auto bundle = mls::make_key_package(
        *suite,
        core.self.signature_key,
        leaf_profile(core.self.credential(), public_id<protocol::ReaderKey>(reader)),
        mls::Lifetime::of(now - tolerated_lag, now + package_lifetime),
        random);
    const mls::Saved saved = bundle.save();
    TRY_VOID(transaction.run(
        "INSERT INTO key_packages (ref, public, secret, reader) VALUES (?1, ?2, ?3, ?4)",
        bundle.ref(),
        saved.public_part,
        saved.secret_part,
        reader.secret()));
    return bundle.message();
}

net::Task<void> top_up_packages(Core& core, Session& session) {
    CO_TRY_VOID(co_await take_back_packages(core, session));
    CO_TRY(const auto count,
           co_await session.ask<protocol::Count>(protocol::CountKeyPackages{core.self.inbox},
                                                 core.world.loop.in(request_patience)));
    if (count.left >= enough_packages / 2) co_return Result<void>();
    CO_TRY(auto packages, packages_for(core, enough_packages - count.left));
    if (packages.refs.empty()) co_return Result<void>();
    CO_TRY_VOID(co_await session.ask<protocol::Count>(
        protocol::PutKeyPackages{core.self.inbox, std::move(packages.closed)},
        core.world.loop.in(request_patience)));
    co_return mark_deposited(core, packages.refs);
}

}  // namespace cercle::client
