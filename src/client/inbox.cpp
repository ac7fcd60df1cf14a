// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/inbox.h"

#include <utility>

#include "client/judge.h"
#include "client/receive.h"
#include "client/welcomes.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

// As long as the certificate in it: until renewal comes, a shorter life would only lock people out.
constexpr auto package_lifetime = 24h * 365;
constexpr auto tolerated_lag = 24h;

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
        if (auto taken = take_welcome(core, transaction, entry); taken) {
            TRY_VOID(std::move(savepoint).keep());
        } else {
            if (is_of_the_disk(taken.error().code)) return taken;
            // Anybody in the circle may put anything here; what does not open is passed over.
            core.world.diary.fault(taken.error());
        }
    }
    TRY_VOID(transaction.run("UPDATE self SET inbox_seq = ?1, inbox_chain = ?2", seq, chain));
    return std::move(transaction).commit();
}

}  // namespace

net::Task<Progress> read_inbox(Core& core, Session& session) {
    CO_TRY(const auto row,
           (core.database.one<protocol::Seq, protocol::ChainHash>(
               "SELECT inbox_seq, inbox_chain FROM self")));
    if (!row) co_return fail(Code::home_missing, "this device has not joined");
    const auto [seq, chain] = *row;
    CO_TRY(const auto entries,
           co_await session.ask<protocol::Entries>(protocol::Read{core.self.inbox, seq},
                                                   core.world.loop.in(request_patience)));
    CO_TRY_VOID(check_head(seq, entries.head));
    CO_TRY(const Progress kept, take_kept_welcomes(core));
    if (entries.entries.empty()) co_return kept;
    CO_TRY_VOID(take_letters(core, seq, chain, entries.entries));
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
    CO_TRY(const auto count,
           co_await session.ask<protocol::Count>(protocol::CountKeyPackages{core.self.inbox},
                                                 core.world.loop.in(request_patience)));
    if (count.left >= enough_packages / 2) co_return Result<void>();
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    protocol::PutKeyPackages request;
    request.inbox = core.self.inbox;
    CO_TRY(auto transaction, core.database.begin());
    for (std::uint32_t made = count.left; made < enough_packages; ++made) {
        CO_TRY(const Bytes message, make_package(core, transaction));
        request.packages.push_back(
            envelope::close_package(keys.closing_key, message, core.world.random));
    }
    CO_TRY_VOID(std::move(transaction).commit());
    CO_TRY_VOID(co_await session.ask<protocol::Count>(std::move(request),
                                                      core.world.loop.in(request_patience)));
    co_return Result<void>();
}

}  // namespace cercle::client
